"""The review page's parts: which frames it opens at, how two texts stand side by side, and that texts stay texts."""

import re
from dataclasses import replace

import pytest

from episodec.page.review import review_page
from episodec.page.reviewed import FilmSide, Page, ReviewedFilm, SpokenRow
from episodec.page.sides import patch, word_sides
from episodec.page.strip import HEIGHT, opens_at, runs, strip

PLANTED = tuple(25.0 if 450 <= number < 456 else 0.4 if 456 <= number < 465 else 0.0 for number in range(900))


@pytest.mark.parametrize(
    ("frames", "expected"),
    [
        (PLANTED, [(450, 456)]),
        ((), []),
        ((0.0,) * 9, []),
        ((0.0, 1.0, 0.0, 0.0, 1.0, *[0.0] * 8, 2.0), [(1, 5), (13, 14)]),
        ((1.0, 0.0, None, None), [(0, 1), (2, 4)]),
        ((None, None), [(0, 2)]),
    ],
)
def test_changes_are_runs_of_frames(frames: tuple[float | None, ...], expected: list[tuple[int, int]]) -> None:
    assert runs(frames) == expected


@pytest.mark.parametrize(
    ("frames", "expected"), [(PLANTED, 450), ((), 0), ((0.0, 0.0), 0), ((0.0, None), 1), ((0.1, 3.0, None), 1)]
)
def test_it_opens_at_the_largest_change(frames: tuple[float | None, ...], expected: int) -> None:
    assert opens_at(frames) == expected


def test_the_largest_change_has_a_bar_of_full_height_and_a_small_one_is_seen() -> None:
    drawn = strip(PLANTED)
    bars = re.findall(r"M(\d+) 100v-(\d+)h1", drawn)
    assert [int(at) for at, _ in bars] == list(range(450, 465))
    assert {int(high) for at, high in bars if int(at) < 456} == {HEIGHT}
    assert all(int(high) >= 6 for _, high in bars)


def test_what_only_one_text_has_is_marked_there() -> None:
    assert word_sides("reads it aloud.", "reads it softly & well.") == (
        "reads it <del>aloud.</del>",
        "reads it <ins>softly &amp; well.</ins>",
    )


def test_a_patch_has_changed_lines_and_those_around_them() -> None:
    before = "".join(f"line {number}\n" for number in range(20))
    html = patch(before, before.replace("line 10", "<b>"))
    assert '<span class="removed">-line 10\n</span><span class="added">+&lt;b&gt;\n</span>' in html
    assert "line 7" in html
    assert "line 6" not in html


HOSTILE = """</title></script><img src=x onerror="hit()"><script>hit()</script>"'&amp; ]]> --> <!--"""

FILM = ReviewedFilm(
    name="episode-1",
    title=HOSTILE,
    where=HOSTILE,
    how="changed",
    language="ru",
    is_sound=False,
    rate=30,
    count=900,
    sides=(FilmSide("films/a.mp4"), FilmSide(None, HOSTILE)),
    frames=PLANTED,
    changes=((HOSTILE, HOSTILE),),
    spoken=(SpokenRow("changed", (HOSTILE, f"{HOSTILE} more"), (0.5, 0.5), ("takes/a.wav", None)),),
    numbers=((HOSTILE, "1", "2", "+1"),),
    stage_rows=((HOSTILE, "1 changed", HOSTILE),),
    texts=((HOSTILE, HOSTILE, f"{HOSTILE}\n{HOSTILE}"),),
)
PAGE = Page(HOSTILE, (HOSTILE, HOSTILE), HOSTILE, (HOSTILE,), (FILM, replace(FILM, name="episode-2")), FILM.texts)


def test_every_text_of_an_author_stays_text() -> None:
    html = review_page(PAGE).decode()
    assert html.count("<script>") == 1
    assert html.count("</script>") == 1
    assert "<img" not in html
    assert "onerror=&quot;" in html
    assert "script-src &#x27;sha256-" in html


def test_without_the_earlier_film_the_page_says_so_and_shows_the_later_one() -> None:
    sides = FilmSide(None, "It is not in the cache."), FilmSide("films/b.mp4")
    html = review_page(replace(PAGE, films=(replace(FILM, sides=sides, frames=()),))).decode()
    assert "It is not in the cache." in html
    assert '<video src="films/b.mp4"' in html
    assert "muted" not in html.partition("<script>")[0].partition("<video")[2].partition("</video>")[0]
    assert 'data-view="wipe"' not in html
