"""The stage `align`, through the real espeak-ng: a voice that tells no phonemes beside a reading of its text."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from episodec.audio.wav import read_wav, write_wav
from episodec.audio.words import SpokenWord, Words, estimated, read_words, write_words
from episodec.backends.espeak.align import AlignBackend, _third, _timed, _whole
from episodec.backends.espeak.backend import EspeakBackend
from episodec.backends.espeak.speaking import HeardPhoneme
from episodec.contracts.hold import hold
from episodec.engine.backend import WorkOrder
from tests.backends.speech import speech_order
from tests.toys.orders import task

TEXT = "Мама помыла папу, и наша beautiful mesh заговорила."
OTHER = "Каждый столбец описывает сорок шесть миллисекунд, а число выбирает запись."
REGISTER = {"register": [180.0, 230.0]}


@pytest.fixture(scope="module")
def voice(tmp_path_factory: pytest.TempPathFactory) -> WorkOrder:
    """A woman's voice, a quicker one than the reading's, whose times are known."""
    order = speech_order(tmp_path_factory.mktemp("voice"), TEXT, seed=3, characters_per_second=17.0, **REGISTER)
    EspeakBackend().run(order)
    return order


def align_order(root: Path, sound: Path, words: Words, readings: Sequence[Any], language: str = "ru") -> WorkOrder:
    write_words(root / "given.json", words)
    inputs = {"speech.wav": (sound.read_bytes(),), "words.json": ((root / "given.json").read_bytes(),)}
    params = {"sentences": readings, "language": language}
    return task(root, "align", stage="align", inputs=inputs, params=params, outputs=("words.json",)).order


def aligned(order: WorkOrder) -> Words:
    AlignBackend().run(order)
    hold(order)
    return read_words(order.outputs["words.json"])


def guessed(voice: WorkOrder) -> Words:
    true = read_words(voice.outputs["words.json"])
    return Words(true.samples, "estimated", estimated([one.word for one in true.words], 0, true.samples))


def test_words_and_sounds_are_found_where_they_are(voice: WorkOrder, tmp_path: Path) -> None:
    sound, true = voice.outputs["speech.wav"], read_words(voice.outputs["words.json"])
    order = align_order(tmp_path, sound, guessed(voice), [voice.params["words"]])
    words = aligned(order)
    assert (words.timing, order.notes) == ("aligned", [])
    off_ms = [abs(one.start - other.start) / 48 for one, other in zip(words.words, true.words, strict=True)]
    assert np.median(off_ms) <= 5
    assert max(off_ms) <= 30
    names = [[sound.name for sound in one.phonemes] for one in words.words]
    assert names == [[sound.name for sound in one.phonemes] for one in true.words]
    assert all(edge % 480 == 0 for one in words.words for edge in (one.start, one.end))
    lips = [
        (x.start, y.start)
        for a, b in zip(words.words, true.words, strict=True)
        for x, y in zip(a.phonemes, b.phonemes, strict=True)
        if x.name in {"m", "p", "b"}
    ]
    assert max(abs(start - other) / 48 for start, other in lips) <= 20


def test_the_same_voice_gives_the_same_bytes(voice: WorkOrder, tmp_path: Path) -> None:
    sound = voice.outputs["speech.wav"]
    contents = set()
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        order = align_order(tmp_path / name, sound, guessed(voice), [voice.params["words"]])
        aligned(order)
        contents.add(order.outputs["words.json"].read_bytes())
    assert len(contents) == 1


def test_a_voice_that_says_another_text_keeps_its_words_and_is_told(voice: WorkOrder, tmp_path: Path) -> None:
    rows = [[word, word] for word in OTHER.split()]
    true = read_words(voice.outputs["words.json"])
    words = Words(true.samples, "estimated", estimated(OTHER.split(), 0, true.samples))
    order = align_order(tmp_path, voice.outputs["speech.wav"], words, [rows])
    assert aligned(order) == words
    assert [one.code for one in order.notes] == ["word-times-estimated"]
    assert "does not sound like its text" in order.notes[0].sentence


@pytest.mark.parametrize(("language", "text"), [("xx-nowhere", "word"), ("ru", "詞")])
def test_a_text_that_nothing_reads_is_told(voice: WorkOrder, tmp_path: Path, language: str, text: str) -> None:
    true = read_words(voice.outputs["words.json"])
    words = Words(true.samples, "measured", (SpokenWord(text, 0, 4800),))
    order = align_order(tmp_path, voice.outputs["speech.wav"], words, [], language)
    assert aligned(order) == words
    assert [one.code for one in order.notes] == ["sounds-not-found"]


def test_words_that_were_measured_keep_their_times_and_get_their_sounds(voice: WorkOrder, tmp_path: Path) -> None:
    true = read_words(voice.outputs["words.json"])
    bare = tuple(
        SpokenWord(one.word, one.start + 960, one.end + 960 * (one is not true.words[-1]), one.sentence)
        for one in true.words
    )
    words = Words(true.samples, "measured", bare)
    timed = aligned(align_order(tmp_path, voice.outputs["speech.wav"], words, []))
    assert timed.timing == "measured"
    assert [(one.word, one.start, one.end) for one in timed.words] == [(one.word, one.start, one.end) for one in bare]
    for word in timed.words:
        assert word.phonemes[0].start == word.start
        assert all(word.start <= sound.start <= sound.end <= word.end for sound in word.phonemes)


def test_a_word_that_is_said_with_the_one_before_shares_its_time() -> None:
    words = Words(
        48_000, "estimated", tuple(SpokenWord(name, 0, 0, row) for name, row in (("5", 0), ("000", 0), ("лет", 1)))
    )
    sounds = [HeardPhoneme(0, "p", 0, 1), HeardPhoneme(0, "a", 1, 2), HeardPhoneme(2, "ɭ", 2, 3)]
    timed = _timed(words, [("5", "пять тысяч"), ("000", ""), ("лет", "лет")], sounds, [(10, 20), (20, 50), (60, 70)])
    times = [(one.word, one.start // 480, one.end // 480, one.sentence) for one in timed.words]
    assert times == [("5", 10, 20, 0), ("000", 20, 50, 0), ("лет", 60, 70, 1)]
    assert [len(one.phonemes) for one in timed.words] == [2, 0, 1]


def test_a_third_of_the_rate_keeps_tones_and_their_moments(tmp_path: Path) -> None:
    at_s = np.arange(48_000) / 48_000
    for hz, kept in ((300, 1.0), (3000, 1.0), (12_000, 0.0)):
        write_wav(tmp_path / "a.wav", (0.25 * np.sin(2 * np.pi * hz * at_s)).astype(np.float32)[:, None])
        third = _third(_whole(read_wav(tmp_path / "a.wav")[0][:, 0]))
        expected = kept * 32_767 * np.sin(2 * np.pi * hz * np.arange(16_000) / 16_000)
        assert np.abs(third - expected)[100:-100].max() < 250
