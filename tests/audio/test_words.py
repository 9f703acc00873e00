"""words.json and the word times of recordings."""

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from episodec.audio.vtt import read_timings
from episodec.audio.words import Phoneme, SpokenWord, Words, estimated, moved, read_words, write_words
from episodec.errors import BackendError

WORDS = Words(100, "measured", (SpokenWord("Да,", 0, 40, 0, (Phoneme("d", 0, 10),)), SpokenWord('"<b>\t', 40, 100, 1)))
HEAD = '{"version": 1, "samples": 5, "timing": "measured", "words": '


def test_what_is_written_is_read(tmp_path: Path) -> None:
    write_words(tmp_path / "words.json", WORDS)
    assert read_words(tmp_path / "words.json") == WORDS
    write_words(tmp_path / "none.json", Words(5, "absent"))
    assert read_words(tmp_path / "none.json") == Words(5, "absent")


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{}",
        '{"version": 2, "samples": 5, "timing": "absent", "words": []}',
        '{"version": 1, "samples": 5, "timing": "guessed", "words": []}',
        '{"version": 1, "samples": 5, "timing": "measured", "words": [{"word": "a"}]}',
        HEAD + '[{"word": "a", "sentence": 0, "start": 3, "end": 6}]}',
        HEAD + '[{"word": "a", "sentence": 0, "start": 3, "end": 2}]}',
        HEAD + '[{"word": "a", "sentence": -5, "start": 0, "end": 2}]}',
        HEAD + '[{"word": "a", "sentence": 1000000000, "start": 0, "end": 2}]}',
        HEAD + '[{"word": "a", "sentence": 1, "start": 0, "end": 1}, '
        '{"word": "b", "sentence": 0, "start": 1, "end": 2}]}',
        HEAD + '[{"word": "a", "sentence": 0, "start": 0.9, "end": 2}]}',
        HEAD + '[{"word": "a", "sentence": 0, "start": 0, "end": "2"}]}',
        HEAD + '[{"word": "a", "sentence": false, "start": 0, "end": 2}]}',
        HEAD + '[{"word": 7, "sentence": 0, "start": 0, "end": 2}]}',
        HEAD + '[{"word": "a\\n\\nb", "sentence": 0, "start": 0, "end": 2}]}',
        HEAD + '[{"word": "\\ud800", "sentence": 0, "start": 0, "end": 2}]}',
        HEAD + '[{"word": "a", "sentence": 0, "start": 0, "end": 2, "phonemes": [["x", 0, 9]]}]}',
        '{"version": true, "samples": 5, "timing": "absent", "words": []}',
    ],
)
def test_what_is_no_file_of_words_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "words.json").write_text(content)
    with pytest.raises(BackendError, match="not a valid words"):
        read_words(tmp_path / "words.json")


@given(st.lists(st.text(max_size=12), min_size=1, max_size=20), st.integers(0, 1000), st.integers(0, 100_000))
def test_estimated_words_fill_their_range_in_order(words: list[str], start: int, length: int) -> None:
    actual = estimated(words, start, start + length)
    assert [one.word for one in actual] == words
    assert actual[0].start == start
    assert actual[-1].end == start + length
    assert all(one.end == other.start for one, other in pairwise(actual))


def test_moved_words_keep_their_lengths() -> None:
    (first, _) = moved(WORDS.words, by=7, sentence=3)
    assert first == SpokenWord("Да,", 7, 47, 3, (Phoneme("d", 7, 17),))


def times(tmp_path: Path, text: str) -> list[tuple[str, int, int, int]]:
    (tmp_path / "timings.vtt").write_bytes(text.encode())
    return [(one.word, one.start, one.end, one.sentence) for one in read_timings(tmp_path / "timings.vtt", 480_000)]


def test_webvtt_of_every_shape_is_read(tmp_path: Path) -> None:
    text = (
        "\ufeffWEBVTT - by hand\r\n\r\nNOTE a remark\r\n\r\nSTYLE\r\n::cue {}\r\n\r\n"
        "first\r\n00:00.000 --> 00:01.000 align:start\r\n<v Alpha>Да &amp; <i>нет</i></v>\r\n\r\n"
        "00:00:01.000 --> 00:00:03.000\r\n<00:00:01.500><c>раз</c> <00:00:02.000><c>два</c>\r\n"
    )
    assert times(tmp_path, text) == [
        ("Да", 0, 16_000, 0),
        ("&", 16_000, 24_000, 0),
        ("нет", 24_000, 48_000, 0),
        ("раз", 72_000, 96_000, 1),
        ("два", 96_000, 144_000, 1),
    ]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "WEBVTT"),
        ("1\n00:00:00,000 --> 00:00:01,000\na\n", "WEBVTT"),
        ("WEBVTT\n\nNOTE nothing\n", "no words"),
        ("WEBVTT\n\n00:02.000 --> 00:03.000\na\n\n00:01.000 --> 00:02.000\nb\n", "out of order"),
        ("WEBVTT\n\n00:02.000 --> 00:01.000\na\n", "out of order"),
        ("WEBVTT\n\n00:11.000 --> 00:12.000\na\n", "after the end"),
        ("WEBVTT\n\n00:01 --> 00:02.000\na\n", "not valid times"),
        ("WEBVTT\n\n00:01.000 --> 00:02.000\n<00:03.000>a\n", "inside a cue"),
    ],
)
def test_word_times_that_cannot_be_used_are_refused_with_the_place(tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises(BackendError) as caught:
        times(tmp_path, text)
    assert reason in caught.value.facts["reason"]


def test_what_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "timings.vtt").write_bytes(b"WEBVTT\n\xff\xfe")
    with pytest.raises(BackendError):
        read_timings(tmp_path / "timings.vtt", 1)
