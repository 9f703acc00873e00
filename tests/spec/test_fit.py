"""The predicted length of narrations."""

import pytest

from episodec.backends import join
from episodec.spec import fit
from episodec.spec.fit import check_fit, letters
from tests.spec.specs import ALPHA, EPISODE, SERIES, accepted, document, episode


@pytest.mark.parametrize(
    ("text", "expected"),
    [("да", 2), ("ok", 2.3), ("PBR", 6), ("1024", 26), ("да, нет", 8), ("да - нет", 8), ("ref-alpha", 9.2), ("😀", 0)],
)
def test_letters_count_what_takes_time_to_say(text: str, expected: float) -> None:
    assert letters(text) == pytest.approx(expected)


def test_the_lexicon_is_counted_as_it_is_spoken() -> None:
    spoken = "очень длинное слово " * 5
    text = "voice:\n  text: |\n" + "    Тут NPY и npy.\n" * 10 + f"lexicon: {{npy: {spoken}}}\n"
    _, found = episode(EPISODE + text)
    assert [one.code for one in found] == ["E206"]


def test_numbers_take_as_long_as_their_words() -> None:
    lengths = []
    for text in ("В 2026 году 1 000 000 ₽.", "В две тысячи двадцать шестом году один миллион рублей."):
        parsed = accepted(f"{EPISODE}language: ru\nvoice: {{text: {text}}}\n")
        assert parsed.voice is not None
        lengths.append(fit.estimate(parsed, parsed.voice, text, 13.0).spoken_s)
    assert lengths[0] == lengths[1]


def test_a_faster_character_fits_more() -> None:
    from dataclasses import replace

    text = EPISODE + "voice:\n  text: |\n" + "    This sentence is said again and again.\n" * 14
    parsed, _ = episode(text, SERIES)
    assert parsed is not None
    fast = replace(ALPHA, voice=replace(ALPHA.voice, characters_per_second=20.0))
    assert [one.code for one in check_fit(parsed, ALPHA, document(text))] == ["E207"]
    assert list(check_fit(parsed, fast, document(text))) == []
    accepted(EPISODE + "voice: {text: Short.}\n")


@pytest.mark.parametrize(
    ("frames", "text", "sentence"),
    [
        (1, "a", "takes about 0.077 s at alpha's pace, the episode has 0.033 s: about 0.041 s too long even 8% faster"),
        (30, "a" * 19, "takes about 1.5 s at alpha's pace, the episode has 1 s: about 0.38 s too long even 8% faster"),
        (90, "a" * 60, "takes about 4.6 s at alpha's pace, the episode has 3 s: about 1.4 s too long even 8% faster"),
    ],
)
def test_short_lengths_are_told_with_as_many_digits_as_they_need(frames: int, text: str, sentence: str) -> None:
    spec = f"{EPISODE}frames: {frames}\nvoice: {{text: {text}}}\n"
    parsed, _ = episode(spec, SERIES)
    assert parsed is not None
    (diagnostic,) = check_fit(parsed, ALPHA, document(spec))
    assert diagnostic.message == f"the voice text {sentence}"


@pytest.mark.parametrize(
    ("times", "how", "allow", "codes"),
    [
        (11, "stretch", "", []),
        (12, "stretch", "", ["E235"]),
        (12, "stretch", "allow: [E235]\n", []),
        (12, "none", "", ["E207"]),
    ],
)
def test_a_text_that_is_played_faster_says_so(times: int, how: str, allow: str, codes: list[str]) -> None:
    lines = "    Seven words that take some time to say.\n" * times
    text = f"{EPISODE}voice:\n  fit: {how}\n  text: |\n{lines}{allow}"
    parsed, _ = episode(text, SERIES)
    assert parsed is not None
    assert [one.code for one in check_fit(parsed, ALPHA, document(text))] == codes


def test_what_is_predicted_to_fit_is_what_the_join_makes_fit() -> None:
    assert fit.STRETCH == join.STRETCH
