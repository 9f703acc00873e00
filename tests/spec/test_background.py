"""Diagnostics of a background, in an episode, a character and a series."""

import pytest

from episodec.spec.parse import parse_character, parse_episode, parse_series
from episodec.spec.types import Series
from episodec.spec.types_of_picture import Background
from tests.spec.specs import EPISODE, LANGUAGE, accepted, document

CHARACTER = "episodec: 1\n"
SERIES = "episodec: 1\ntitle: T\n"
ITS_SERIES = Series(title="T", season="s", character="alpha", disclosure="D.")


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ('background: "#101014"\n', Background(colours=("#101014",))),
        (
            'background: {colours: ["#101014", "#ffffff"], falloff: 0.5}\n',
            Background(("#101014", "#ffffff"), None, 0.5),
        ),
        ("background: {file: studio.jpg}\n", Background(file="studio.jpg")),
    ],
)
def test_a_background_is_said_in_three_places(given: str, meant: Background) -> None:
    assert accepted(EPISODE + given).background == meant
    character, _ = parse_character(document(CHARACTER + given), "alpha", LANGUAGE)
    series, _ = parse_series(document(SERIES + given), LANGUAGE)
    assert character is not None
    assert series is not None
    assert character.background == series.background == meant


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (
            'background: {colours: ["#101014"], file: a.png}\n',
            "`colours` would be ignored: `file` takes precedence",
        ),
        ("background: {falloff: 1}\n", "the background has neither colours nor a picture"),
        (
            'background: "#101014"\nscene: {background: "#101014"}\n',
            "`scene.background` would be ignored: `background` takes precedence",
        ),
        ("background: {file: /a.png}\n", "the path in `background.file` is absolute or an address"),
    ],
)
def test_a_background_that_contradicts_itself_is_refused(given: str, sentence: str) -> None:
    _, actual = parse_episode(document(EPISODE + given), ITS_SERIES, LANGUAGE)
    assert [one.message for one in actual] == [sentence]
    if "scene" not in given:
        _, actual = parse_series(document(SERIES + given), LANGUAGE)
        assert [one.message for one in actual] == [sentence]


def test_a_colour_that_is_none_is_refused() -> None:
    _, (actual,) = parse_episode(document(EPISODE + "background: blue\n"), ITS_SERIES, LANGUAGE)
    assert "write a colour, # and six hexadecimal digits in quotes" in str(actual.help)
