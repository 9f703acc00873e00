"""A review in the words of its page: which numbers are said to have moved."""

import pytest

from episodec.digest import digest_bytes
from episodec.engine.cache import Blob
from episodec.questions.review import ReviewedVersion
from episodec.report.review_page import moved


def version(frames: int = 60, **numbers: float) -> ReviewedVersion:
    named = {name.replace("__", ", "): value for name, value in numbers.items()}
    film = Blob(digest_bytes(b"film"), 1000)
    return ReviewedVersion("one.yaml", 30, frames, film, is_sound=False, voices=(), starts_s=(), numbers=named)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (version(mean=1.0), version(mean=1.0), []),
        (version(90), version(60), [("length, s", "3", "2", "−1"), ("frames", "90", "60", "−30")]),
        (version(size=1_000_000), version(size=1_500_000), [("size", "1.0 MB", "1.5 MB", "+500.0 kB")]),
        (
            version(blinks__least=3, blinks__most=3),
            version(blinks__least=4, blinks__most=4),
            [("blinks", "3", "4", "+1")],
        ),
        (
            version(levels__least=115, levels__most=115),
            version(levels__least=114, levels__most=115),
            [("levels, least", "115", "114", "−1")],
        ),
        (version(lips=0.5), version(), [("lips", "0.5", "—", "—")]),
        (version(), None, []),
    ],
)
def test_numbers_that_moved(
    before: ReviewedVersion, after: ReviewedVersion | None, expected: list[tuple[str, str, str, str]]
) -> None:
    assert list(moved(before, after)) == expected
