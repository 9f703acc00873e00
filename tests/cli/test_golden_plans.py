"""One file a case: what was done to a small series, and what `plan` says then. UPDATE_GOLDEN=1 writes them anew."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.builds.studio import ROOT, Studio
from tests.cli.command import timeless, toy

GOLDEN = Path(ROOT, "tests/golden/plans")


def built(studio: Studio) -> Studio:
    assert toy(studio, "build").returncode == 0
    return studio


def never_built(studio: Studio) -> None:
    pass


def all_current(studio: Studio) -> None:
    built(studio)


def new_words(studio: Studio) -> None:
    built(studio).episode(1, text="Other words.")


def only_the_title(studio: Studio) -> None:
    built(studio).episode(1, title="Another title")


def new_prompt_and_words(studio: Studio) -> None:
    built(studio).episode(2, text="Other words.", prompt="a harbour at night")


def a_deliverable_is_gone(studio: Studio) -> None:
    built(studio)
    (studio.root / "dist/video/alpha_d13_episode1.mp4").unlink()


def a_spec_is_gone(studio: Studio) -> None:
    built(studio)
    (studio.root / "episodes/002.episode.yaml").unlink()


def another_name(studio: Studio) -> None:
    built(studio)
    series = studio.root / "episodes/series.yaml"
    series.write_text(series.read_text() + "naming: 'new_{number}'\n")


def two_errors(studio: Studio) -> None:
    built(studio)
    studio.episode(1, prompt="room 2")
    studio.write("episodes/003.episode.yaml", "episodec: 1\nnumber: 3\ntitel: T\n")


def the_results_are_lost(studio: Studio) -> None:
    built(studio)
    for blob in (studio.root / "cache/blobs").rglob("*"):
        if blob.is_file():
            blob.unlink()
    studio.episode(1, text="Other words.")


CASES: list[Callable[[Studio], None]] = [
    never_built,
    all_current,
    new_words,
    only_the_title,
    new_prompt_and_words,
    a_deliverable_is_gone,
    a_spec_is_gone,
    another_name,
    two_errors,
    the_results_are_lost,
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_the_plan_is_the_expected_one_and_the_build_keeps_it(case: Callable[[Studio], None], tmp_path: Path) -> None:
    studio = Studio(tmp_path / "series").start(2)
    case(studio)
    before = tree(studio)
    planned = toy(studio, "plan")
    text = timeless(f"{planned.stderr}{planned.stdout}exit code {planned.returncode}\n")
    assert tree(studio) == before
    expected = GOLDEN / f"{case.__name__}.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        expected.write_text(text)
    assert text == expected.read_text()
    done = toy(studio, "build", "-v")
    assert done.returncode == planned.returncode
    assert words_after(done.stderr, "made") == words_after(planned.stdout, "make")
    assert words_after(done.stderr, "wrote") <= words_after(planned.stdout, "write")
    assert words_after(done.stderr, "removed") == words_after(planned.stdout, "remove")


def words_after(text: str, word: str) -> set[str]:
    """The second words of the lines that begin with this one."""
    return {line.split()[1] for line in text.splitlines() if line.split()[:1] == [word]}


def tree(studio: Studio) -> dict[str, bytes]:
    """Everything in dist/."""
    files = (path for path in (studio.root / "dist").rglob("*") if path.is_file())
    return {str(path): path.read_bytes() for path in files}
