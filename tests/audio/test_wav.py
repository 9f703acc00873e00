"""Sound files read, written and resampled."""

import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile

from episodec.audio.wav import Samples, padded, read_wav, resample, sound_form, write_wav
from episodec.errors import BackendError

SINE: Samples = (0.5 * np.sin(np.arange(4410) / 10)).astype(np.float32)[:, None]  # (4410, 1)


def written(root: Path, samples: Samples, *, rate: int = 44_100, subtype: str = "PCM_16", name: str = "a.wav") -> Path:
    soundfile.write(root / name, samples, rate, subtype=subtype)
    return root / name


@pytest.mark.parametrize(
    ("subtype", "error"),
    [("PCM_U8", 1 / 128), ("PCM_16", 1 / 32768), ("PCM_24", 1e-6), ("PCM_32", 1e-6), ("FLOAT", 0), ("DOUBLE", 0)],
)
@pytest.mark.parametrize("channels", [1, 2, 6])
def test_every_usual_form_is_read(tmp_path: Path, subtype: str, error: float, channels: int) -> None:
    samples, rate = read_wav(written(tmp_path, SINE.repeat(channels, axis=1), subtype=subtype))
    assert (rate, samples.shape) == (44_100, (4410, channels))
    assert samples.dtype == np.float32
    np.testing.assert_allclose(samples, SINE.repeat(channels, axis=1), atol=error, rtol=0)


@pytest.mark.parametrize("name", ["a.flac", "a.aiff", "a.ogg", "a.rf64", "a.w64", "a.caf", "a.au", "a.mp3"])
def test_other_sound_files_are_read_too(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    soundfile.write(path, SINE, 44_100)
    assert read_wav(path)[0].shape == (4410, 1)
    assert sound_form(path).frames == 4410


def test_chunks_before_the_data_are_passed_over(tmp_path: Path) -> None:
    content = written(tmp_path, SINE).read_bytes()
    note = b"LIST" + struct.pack("<I", 5) + b"INFOx\0"
    (tmp_path / "a.wav").write_bytes(content[:36] + note + content[36:])
    assert len(read_wav(tmp_path / "a.wav")[0]) == 4410


def test_a_length_that_the_writer_could_not_know_is_accepted(tmp_path: Path) -> None:
    content = bytearray(written(tmp_path, SINE).read_bytes())
    content[4:8] = content[40:44] = b"\xff\xff\xff\xff"
    (tmp_path / "a.wav").write_bytes(content)
    assert len(read_wav(tmp_path / "a.wav")[0]) == 4410


def refusal(path: Path) -> BackendError:
    with pytest.raises(BackendError) as caught:
        read_wav(path)
    assert caught.value.facts["file"] == path.name
    return caught.value


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "the sound file is empty"),
        (b"RIFF", "cut short"),
        (b"this is text, not sound", "not a supported sound file"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 100, "not a supported sound file"),
        (b"fLaC" + b"\0" * 20, "not a supported sound file"),
    ],
)
def test_what_is_not_sound_is_refused(tmp_path: Path, content: bytes, sentence: str) -> None:
    (tmp_path / "a.wav").write_bytes(content)
    assert sentence in refusal(tmp_path / "a.wav").sentence


@pytest.mark.parametrize("kept", [0.2, 0.5, 0.999])
@pytest.mark.parametrize("name", ["a.wav", "a.flac"])
def test_a_cut_file_is_refused(tmp_path: Path, name: str, kept: float) -> None:
    path = written(tmp_path, SINE, name=name)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * kept)])
    refusal(path)


def _long(content: bytes, size: int) -> bytes:
    """A WAV as RF64 whose samples have so many bytes, as it says."""
    sizes = struct.pack("<QQQI", 28 + size, size, size // 2, 0)
    return b"RF64\xff\xff\xff\xffWAVEds64" + struct.pack("<I", 28) + sizes + content[12:40] + b"\xff" * 4 + content[44:]


def test_a_long_wav_is_whole_by_its_own_length(tmp_path: Path) -> None:
    content = written(tmp_path, SINE).read_bytes()
    (tmp_path / "a.wav").write_bytes(_long(content, 8820))
    assert len(read_wav(tmp_path / "a.wav")[0]) == 4410
    for size in (8822, 1 << 60):
        (tmp_path / "a.wav").write_bytes(_long(content, size))
        assert refusal(tmp_path / "a.wav").facts["promised"] == f"{size} bytes"


@pytest.mark.parametrize(
    ("name", "place", "kind", "value"),
    [
        ("a.aiff", b"SSND", ">I", 1 << 31),  # Bytes of samples.
        ("a.aiff", b"COMM\0\0\0\x12\0\1", ">I", 1 << 31),  # Frames.
        ("a.w64", b"data\xf3\xac\xd3\x11\x8c\xd1\0\xc0\x4f\x8e\xdb\x8a", "<Q", 1 << 60),
        ("a.caf", b"data", ">q", 1 << 60),
        ("a.au", b".snd\0\0\0\x18", ">I", 1 << 30),
    ],
)
def test_a_length_that_is_not_there_is_refused(tmp_path: Path, name: str, place: bytes, kind: str, value: int) -> None:
    path = tmp_path / name
    soundfile.write(path, SINE, 44_100)
    content = bytearray(path.read_bytes())
    struct.pack_into(kind, content, content.index(place) + len(place), value)
    path.write_bytes(content)
    assert refusal(path).sentence == "the sound file is cut short"


def test_rare_containers_are_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "a.voc"
    soundfile.write(path, SINE, 44_100)
    assert refusal(path).sentence == "this is not a supported sound file"


def test_a_file_without_samples_is_refused(tmp_path: Path) -> None:
    assert refusal(written(tmp_path, SINE[:0])).facts["frames"] == "0"


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_sample_that_is_no_number_is_refused_and_found(tmp_path: Path, bad: float) -> None:
    samples = SINE.copy()
    samples[2205:2207] = bad
    facts = refusal(written(tmp_path, samples, subtype="FLOAT")).facts
    assert (facts["samples"], facts["first"]) == ("2", "0.050 s")


@pytest.mark.parametrize(("rate", "channels"), [(1000, 1), (500_000, 1), (48_000, 33)])
def test_what_is_beyond_our_limits_is_refused(tmp_path: Path, rate: int, channels: int) -> None:
    assert "too large" in refusal(written(tmp_path, SINE.repeat(channels, axis=1), rate=rate)).sentence


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    refusal(tmp_path / "none.wav")
    refusal(tmp_path)


def test_written_files_hold_a_plain_header_and_the_samples(tmp_path: Path) -> None:
    write_wav(tmp_path / "a.wav", SINE.repeat(2, axis=1), 44_100)
    write_wav(tmp_path / "b.wav", SINE.repeat(2, axis=1), 44_100)
    content = (tmp_path / "a.wav").read_bytes()
    assert content == (tmp_path / "b.wav").read_bytes()
    assert len(content) == 44 + 4410 * 2 * 2
    assert soundfile.info(tmp_path / "a.wav").subtype == "PCM_16"
    samples, _ = read_wav(tmp_path / "a.wav")
    write_wav(tmp_path / "b.wav", samples, 44_100)
    assert content == (tmp_path / "b.wav").read_bytes()


def test_what_is_over_full_scale_is_held_at_it(tmp_path: Path) -> None:
    write_wav(tmp_path / "a.wav", np.array([[1.5], [-1.5], [1.0]], np.float32))
    assert soundfile.read(tmp_path / "a.wav", dtype="int16")[0].tolist() == [32767, -32768, 32767]


def test_nan_is_never_written(tmp_path: Path) -> None:
    with pytest.raises(BackendError):
        write_wav(tmp_path / "a.wav", np.array([[np.nan]], np.float32))


@pytest.mark.parametrize("rate", [8000, 11_025, 22_050, 32_000, 44_100, 48_000, 96_000])
@pytest.mark.parametrize("length", [1, 3, 1001, 44_101])
def test_resampled_sound_has_the_exact_length(rate: int, length: int) -> None:
    values = resample(np.zeros((length, 2), np.float32), rate)
    assert values.shape == (-(-length * 48_000 // rate), 2)
    assert values.dtype == np.float32


def test_resampling_keeps_a_tone() -> None:
    times = np.arange(44_100)[:, None]
    values = resample(np.sin(2 * np.pi * 1000 * times / 44_100).astype(np.float32), 44_100)
    expected = np.sin(2 * np.pi * 1000 * np.arange(48_000)[:, None] / 48_000)
    np.testing.assert_allclose(values[2000:-2000], expected[2000:-2000], atol=1e-4)


def test_silence_is_added_behind() -> None:
    assert padded(np.ones((2, 1), np.float32), 4)[:, 0].tolist() == [1, 1, 0, 0]
