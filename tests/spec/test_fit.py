"""The predicted length of narrations."""

from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from episodec.pacing import Help
from episodec.spec.fit import Fit, Paces, check_fit, fit, letters
from episodec.spec.types_of_sound import Voice
from tests.spec.specs import ALPHA, EPISODE, SERIES, accepted, document, episode


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("да", 2),
        ("ok", 2.1),
        ("PBR", 6),
        ("1024", 26),
        ("да, нет", 8.5),
        ("да - нет", 8.5),
        ("ref-alpha", 8.4),
        ("😀", 0),
    ],
)
def test_letters_count_what_takes_time_to_say(text: str, expected: float) -> None:
    assert letters(text) == pytest.approx(expected)


def test_the_lexicon_is_counted_as_it_is_spoken() -> None:
    spoken = "очень длинное слово " * 5
    text = "voice:\n  text: |\n" + "    Тут NPY и npy.\n" * 10 + f"lexicon: {{npy: {spoken}}}\n"
    _, actual = episode(EPISODE + text)
    assert [one.code for one in actual] == ["E206"]


def fitted(text: str, pace: float = 15.0, *, frames: int = 900, paces: Paces | None = None, **voice: Any) -> Fit:
    parsed = replace(accepted(f"{EPISODE}language: ru\n"), frames=frames)
    return fit(parsed, Voice(text=text, **voice), pace, paces)


def test_numbers_take_as_long_as_their_words() -> None:
    texts = ("В 2026 году 1 000 000 ₽.", "В две тысячи двадцать шестом году один миллион рублей.")
    first, other = (fitted(text, 13.0).unhelped for text in texts)
    assert first == other


def test_a_faster_character_fits_more() -> None:
    text = EPISODE + "voice:\n  text: |\n" + "    This sentence is said again and again.\n" * 13
    parsed, _ = episode(text, SERIES)
    assert parsed is not None
    fast = replace(ALPHA, voice=replace(ALPHA.voice, characters_per_second=22.0))
    assert [one.code for one in check_fit(parsed, ALPHA, document(text))] == ["E207"]
    assert list(check_fit(parsed, fast, document(text))) == []
    accepted(EPISODE + "voice: {text: Short.}\n")


ALL_HELP = "too long even when everything is played 8 % faster"


@pytest.mark.parametrize(
    ("frames", "text", "needed", "has", "over"),
    [(25, "a" * 2, "1 s", "0.83 s", "0.19 s"), (90, "a" * 60, "5.1 s", "3 s", "1.8 s")],
)
def test_short_lengths_are_told_with_as_many_digits_as_they_need(
    frames: int, text: str, needed: str, has: str, over: str
) -> None:
    spec = f"{EPISODE}frames: {frames}\nvoice: {{text: {text}}}\n"
    parsed, _ = episode(spec, SERIES)
    assert parsed is not None
    (diagnostic,) = check_fit(parsed, ALPHA, document(spec))
    begin = f"the voice text takes about {needed} at alpha's pace, pauses included, but the episode has {has}"
    assert diagnostic.message == f"{begin}: about {over} {ALL_HELP}"


LINE = "Семь слов, какие занимают немного времени вместе."  # As 46 letters: 3.07 s at 15 a second.
PACES = (8.0, 33.0)


@pytest.mark.parametrize(
    ("lines", "voice", "paces", "help_", "faster"),
    [
        (8, {}, PACES, Help(), 0),
        (8, {"pause_s": 0.8}, PACES, Help(is_short=True), 0),
        (9, {}, PACES, Help(is_short=True), 10),
        (9, {}, None, Help(is_short=True, stretch_percent=8), 0),
        (9, {}, (8.0, 15.1), Help(is_short=True, stretch_percent=8), 0),
        (10, {}, PACES, Help(is_short=True, stretch_percent=6), 15),
        (9, {"fit": "none"}, PACES, Help(), 0),
    ],
)
def test_the_least_help_that_fits_is_taken(
    lines: int, voice: dict[str, Any], paces: Paces | None, help_: Help, faster: int
) -> None:
    actual = fitted(f"{LINE}\n" * lines, paces=paces, **voice)
    assert (actual.help, actual.faster_percent) == (help_, faster)


def test_the_grid_is_left_last_and_with_as_little_stretch_as_then_fits() -> None:
    actual = fitted(f"{LINE}\n" * 9, frames=880)
    assert (actual.help, actual.leaves_grid) == (Help(is_short=True, stretch_percent=4, is_off_grid=True), True)


def test_a_mark_never_shrinks_and_a_paragraph_does() -> None:
    text = f"{LINE}\n{LINE}\n\n" * 3 + f"[pause 3]\n{LINE}\n{LINE}"
    loose, tight = (fitted(text, frames=frames) for frames in (1000, 945))
    assert (loose.help, tight.help) == (Help(), Help(is_short=True))
    assert loose.needed - tight.needed == 3 * 24_000
    unmarked = fitted(text.replace("[pause 3]\n", ""), frames=1000).unhelped
    assert loose.needed - unmarked == round(2.85 * 48_000)  # Three seconds in place of the pause of any sentence.


def test_a_letter_more_is_never_half_a_second_more() -> None:
    needed = [fitted(f"{LINE}\nДа{'а' * more}.\n{LINE}").needed for more in range(30)]
    assert {after - before for before, after in pairwise(needed)} == {3200}


@pytest.mark.parametrize(
    ("times", "how", "allow", "codes"),
    [
        (10, "stretch", "", []),
        (11, "stretch", "", ["E235"]),
        (11, "stretch", "allow: [E235]\n", []),
        (11, "none", "", ["E207"]),
        (13, "stretch", "allow: [E207]\n", []),
        (19, "stretch", "allow: [E207]\n", ["E206"]),
    ],
)
def test_a_text_that_needs_help_says_so(times: int, how: str, allow: str, codes: list[str]) -> None:
    lines = "    Seven words that take some more time to say.\n" * times
    text = f"{EPISODE}voice:\n  fit: {how}\n  text: |\n{lines}{allow}"
    parsed, _ = episode(text, SERIES)
    assert parsed is not None
    assert [one.code for one in check_fit(parsed, ALPHA, document(text))] == codes


def test_a_pace_that_can_be_set_leaves_a_smaller_margin() -> None:
    text = EPISODE + "voice:\n  text: |\n" + "    Seven words that take some more time to say.\n" * 13
    parsed, _ = episode(text, SERIES)
    assert parsed is not None
    assert [one.code for one in check_fit(parsed, ALPHA, document(text))] == ["E207"]
    (error,) = check_fit(parsed, ALPHA, document(text), (8.0, 15.1))
    assert error.code == "E206"
