"""A recording to reference tokens, through a stand-in for Fish Speech's codec."""

import tempfile
from pathlib import Path

import numpy as np
import pytest
import soundfile

from episodec.audio.ref_tokens import load_ref_tokens
from episodec.backends.fish_speech.install import find
from episodec.backends.fish_speech.voice_ref import encode_reference, save_reference
from episodec.errors import BackendError
from tests.standins.places import fish


@pytest.fixture(autouse=True)
def standins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))


def recording(path: Path, seconds: float = 10, rate: int = 48_000, channels: int = 2, gain: float = 0.3) -> Path:
    tone = gain * np.sin(np.arange(round(seconds * rate)) / 20)
    soundfile.write(path, np.repeat(tone[:, None], channels, axis=1), rate)
    return path


@pytest.mark.parametrize("layout", ["1.5.0", "1.5.1"])
@pytest.mark.parametrize("name", ["ref.wav", "REF.FLAC"])
def test_a_recording_becomes_tokens_and_stays_as_it_is(tmp_path: Path, layout: str, name: str) -> None:
    source = recording(tmp_path / name)  # The stand-in's tokens are those of ten seconds.
    before = source.read_bytes()
    tokens = encode_reference(find(fish(tmp_path, layout)), source)
    save_reference(tokens, tmp_path / "ref_alpha.npy")
    assert (load_ref_tokens(tmp_path / "ref_alpha.npy") == tokens).all()
    assert tokens.shape == (8, 215)
    assert source.read_bytes() == before
    assert sorted(path.name for path in tmp_path.glob("*ref*.npy")) == ["ref_alpha.npy"]


@pytest.mark.parametrize(
    ("seconds", "gain", "sentence"),
    [
        (1, 0.3, "the reference recording is too short or too long"),
        (91, 0.3, "the reference recording is too short or too long"),
        (10, 0.001, "silent"),
        (20, 0.3, "do not match the length"),
    ],
)
def test_what_is_no_reference_is_refused(tmp_path: Path, seconds: float, gain: float, sentence: str) -> None:
    source = recording(tmp_path / "ref.wav", seconds, rate=8_000, gain=gain)
    with pytest.raises(BackendError, match=sentence):
        encode_reference(find(fish(tmp_path)), source)


def test_a_codec_that_writes_nothing_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STANDIN", "no codes")
    with pytest.raises(BackendError, match="without writing its file"):
        encode_reference(find(fish(tmp_path)), recording(tmp_path / "ref.wav"))


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(BackendError, match="cannot write the voice tokens"):
        save_reference(np.zeros((8, 4), np.int32), tmp_path / "missing" / "ref.npy")
