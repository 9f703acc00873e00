"""Phrases that are shown word by word, and where they stand on frames."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from episodec.audio.cues import Clock
from episodec.audio.phrases import phrases
from episodec.audio.placing import MARGIN, placed
from episodec.audio.words import SpokenWord
from episodec.drawings.overlay import HIGH, LOW, NOTHING, FrameOverlay, font_px, line_share

TALL, SQUARE, WIDE = (1080, 1920), (1024, 1024), (1920, 1080)
CLOCK = Clock(600, 1600)


def spoken(text: str, *, pace: float = 15.0, pause_s: float = 0.35) -> tuple[SpokenWord, ...]:
    """Words at an even pace, sentence after sentence (`|` between them)."""
    at, words = 0.3, []
    for index, sentence in enumerate(text.split("|")):
        for word in sentence.split():
            end = at + len(word) / pace
            words.append(SpokenWord(word, round(at * 48_000), round(end * 48_000), index))
            at = end + 1 / pace
        at += pause_s
    return tuple(words)


def by_letters(text: str) -> float:
    return len(text) / 24


TEXT = "Мой голос помещается в один файл, и называется он коротко.|Каждый столбец описывает сорок миллисекунд речи."


def test_phrases_hold_two_lines_and_no_word_of_another_sentence() -> None:
    actual = phrases(spoken(TEXT), CLOCK, by_letters)
    rows = [[word.text for word in phrase.words] for phrase in actual]
    assert [word for words in rows for word in words] == TEXT.replace("|", " ").split()
    assert ["коротко."] not in rows
    for words, phrase in zip(rows, actual, strict=True):
        assert sum(phrase.lines) == len(words)
        assert len(phrase.lines) <= 2
        assert all(not word.endswith(".") for word in words[:-1])
    assert all(earlier.end <= later.start for earlier, later in pairwise(actual))


def test_a_phrase_ends_where_a_clause_does() -> None:
    first = phrases(spoken(TEXT), CLOCK, by_letters)[0]
    assert first.words[-1].text == "файл,"


def test_the_word_that_is_spoken_is_the_one_that_has_begun() -> None:
    words = (SpokenWord("one", 0, 4800), SpokenWord("two", 16_000, 20_800))
    (phrase,) = phrases(words, Clock(40, 1600), by_letters)
    assert [phrase.word_at(frame) for frame in (0, 3, 9, 10, 12, 13, 20)] == [0, 0, 0, 1, 1, None, None]
    assert phrase.end == 13 + 15


def test_another_sentence_changes_no_phrase_of_this_one() -> None:
    longer = TEXT.replace("Каждый столбец описывает сорок", "Совсем другое предложение рассказывает о другом")
    first, second = (phrases(spoken(text), CLOCK, by_letters) for text in (TEXT, longer))
    mine = [phrase for phrase in first if phrase.words[-1].end <= 140]
    assert len(mine) >= 2
    assert [phrase.words for phrase in mine] == [phrase.words for phrase in second[: len(mine)]]


@given(
    st.lists(st.tuples(st.integers(1, 70), st.integers(0, 20), st.integers(0, 30), st.booleans()), max_size=12),
    st.integers(1, 300),
)
def test_every_word_of_any_speech_has_its_place_in_order(rows: list[tuple[int, int, int, bool]], frames: int) -> None:
    at, sentence, words = 0, 0, []
    for letters, lasts, pause, is_last in rows:
        words.append(SpokenWord("x" * letters, at * 1600, (at + lasts) * 1600, sentence))
        at, sentence = at + lasts + pause, sentence + is_last
    words = [word for word in words if word.end <= frames * 1600]
    actual = phrases(words, Clock(frames, 1600), by_letters)
    assert [word.text for phrase in actual for word in phrase.words] == [word.word for word in words]
    assert all(earlier.end <= later.start or earlier.start == later.start for earlier, later in pairwise(actual))
    assert all(phrase.end <= frames for phrase in actual)


@pytest.mark.parametrize("size", [TALL, SQUARE, WIDE, (256, 256), (64, 48)])
def test_lines_stay_within_nine_tenths_of_the_width(size: tuple[int, int]) -> None:
    text = TEXT + "|Достопримечательности https://example.org/a/very/long/address/of/a/page.html тут."
    visible = placed(spoken(text), CLOCK, size, None)
    assert any(one.lines for one in visible)
    for first in visible:
        for line in first.lines:
            assert line_share(" ".join(line), size) * first.font_px / font_px(size) <= 1.05, line


def bands(showns: list[FrameOverlay], height: int) -> list[str]:
    """Where the lines stand: low or high."""
    return ["low" if one.middle_px > height / 2 else "high" for one in showns if one is not NOTHING and one.lines]


def test_phrases_stand_in_the_lower_third() -> None:
    visible = placed(spoken(TEXT), CLOCK, TALL, None)
    assert set(bands(visible, 1920)) == {"low"}
    assert all(1280 < one.middle_px < 1760 for one in visible if one.lines)


def test_a_phrase_goes_up_while_the_face_is_in_the_lower_third() -> None:
    face = np.full(600, 800.0)
    face[60:70] = 0.8 * 1920
    visible = placed(spoken(TEXT), CLOCK, TALL, face)
    moved = {one.lines for one, band in zip(visible, bands_of(visible), strict=True) if band == "high"}
    assert len(moved) == 1
    assert {band for one, band in zip(visible, bands_of(visible), strict=True) if one.lines in moved} == {"high"}


def bands_of(showns: list[FrameOverlay]) -> list[str | None]:
    return [("low" if one.middle_px > 960 else "high") if one.lines else None for one in showns]


@given(st.lists(st.tuples(st.floats(0, 1) | st.just(float("nan")), st.integers(1, 200)), max_size=8))
def test_no_word_ever_covers_the_middle_of_the_face(runs: list[tuple[float, int]]) -> None:
    face = np.full(600, 0.4 * 1920)
    at = 0
    for height, frames in runs:
        face[at : at + frames] = height * 1920
        at += frames
    for at, first in enumerate(placed(spoken(TEXT), CLOCK, TALL, face)):
        if first.lines and not np.isnan(face[at]):
            band = LOW if first.middle_px > 960 else HIGH
            assert not (band[0] - MARGIN < face[at] / 1920 < band[1] + MARGIN)


def test_what_the_lines_cover_lies_within_their_band() -> None:
    for size in (TALL, SQUARE, WIDE):
        for first in placed(spoken(TEXT), CLOCK, size, None):
            half = 1.22 * first.font_px * len(first.lines) / 2
            assert (
                not first.lines
                or LOW[0] * size[1] <= first.middle_px - half <= first.middle_px + half <= LOW[1] * size[1]
            )
