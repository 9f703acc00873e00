"""What the backend writes is what the stage `voice` must give. Run with: python -m pytest."""

from pathlib import Path

import pytest
from episodec_beep.voice import Beep

from episodec.plugin import SAMPLE_RATE, BackendError, WorkOrder
from episodec.plugin.sound import read_wav, read_words


def order(root: Path, **params: object) -> WorkOrder:
    """An order as the build gives it: everything but the params is places."""
    root.mkdir(parents=True, exist_ok=True)
    return WorkOrder(
        key="test",
        stage="voice",
        backend="beep",
        params={"words": [["Hi,", "hi"], ["42", "forty two"]], "characters_per_second": 10, **params},
        inputs={},
        outputs={name: root / name for name in ("speech.wav", "words.json")},
        scratch=root / "scratch",
    )


def spoken(root: Path, **params: object) -> bytes:
    """The bytes of both outputs."""
    one = order(root, **params)
    Beep().run(one)
    return b"".join(path.read_bytes() for path in one.outputs.values())


def test_it_writes_mono_sound_and_when_each_word_sounds(tmp_path: Path) -> None:
    one = order(tmp_path)
    Beep().run(one)
    samples, rate = read_wav(one.outputs["speech.wav"])
    words = read_words(one.outputs["words.json"])
    assert (samples.shape, rate) == ((words.samples, 1), SAMPLE_RATE)
    assert [(word.word, word.end - word.start) for word in words.words] == [("Hi,", 9600), ("42", 38_400)]
    assert all(abs(samples[word.start : word.end]).max() > 0.1 for word in words.words)


def test_the_same_order_gives_the_same_bytes(tmp_path: Path) -> None:
    assert spoken(tmp_path / "one") == spoken(tmp_path / "other")


@pytest.mark.parametrize("overrides", [{"tone_hz": 880}, {"wave": "square"}, {"volume": 2}])
def test_an_override_is_heard(tmp_path: Path, overrides: dict[str, object]) -> None:
    assert spoken(tmp_path / "one", overrides=overrides) != spoken(tmp_path / "other")


@pytest.mark.parametrize(("volume", "told"), [(1, []), (5, []), (6, ["beep-clipped"])])
def test_it_tells_of_samples_above_full_scale(tmp_path: Path, volume: int, told: list[str]) -> None:
    one = order(tmp_path, overrides={"volume": volume, "wave": "square"})
    Beep().run(one)
    assert [note.code for note in one.notes] == told
    assert set(told) <= set(Beep.notes)
    samples, _ = read_wav(one.outputs["speech.wav"])
    assert all(len(samples) / 2 < int(str(note.facts["samples"])) < len(samples) for note in one.notes)


def test_an_order_without_words_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BackendError, match="needs words and a pace"):
        Beep().run(order(tmp_path, words=None))
