"""Reads sound files into arrays by libsndfile; writes one plain format with reproducible bytes."""

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import numpy as np
from numpy.typing import NDArray

from episodec.audio.promised import check_promises
from episodec.errors import BackendError
from episodec.timebase import SAMPLE_RATE

Samples = NDArray[np.float32]
"""(n, channels), full scale is ±1."""

MAX_SAMPLES = 1 << 28  # Over all channels: 93 minutes of mono at 48 kHz, 1 GiB in memory.
MAX_CHANNELS = 32
RATES_HZ = range(4_000, 384_001)

OVER = 1.0005  # Full scale, with a margin for rounding to 16 bits.


@dataclass(frozen=True, slots=True)
class SoundForm:
    """The format of a sound file, from its header."""

    frames: int
    channels: int
    rate: int  # Hz
    container: str  # libsndfile's name: WAV.
    coding: str  # libsndfile's name for the sample format: PCM_16.


def sound_form(path: Path) -> SoundForm:
    """The format of a sound file; its samples are not read.

    Raises:
        BackendError: the file is not a supported sound file, is truncated or empty, or is too large.
    """
    import soundfile

    try:
        if path.stat().st_size == 0:
            _refuse("the sound file is empty: 0 bytes", path)
        check_promises(path)
        with soundfile.SoundFile(path) as file:
            _check_shape(path, file.frames, file.channels, file.samplerate)
            return SoundForm(file.frames, file.channels, file.samplerate, file.format, file.subtype)
    except (OSError, soundfile.SoundFileError) as error:
        raise BackendError("this is not a supported sound file", facts={"file": path.name, "error": error}) from error


def read_wav(path: Path) -> tuple[Samples, int]:
    """The samples of a sound file and its rate in Hz; integers are scaled so that full scale is ±1.

    Raises:
        BackendError: the file is not a supported sound file, is truncated or empty, is too large, or holds NaN or
            infinity.
    """
    import soundfile

    try:
        if path.stat().st_size == 0:
            _refuse("the sound file is empty: 0 bytes", path)
        check_promises(path)
        with soundfile.SoundFile(path) as file:
            frames, channels, rate = file.frames, file.channels, file.samplerate
            _check_shape(path, frames, channels, rate)
            samples: Samples = file.read(dtype="float32", always_2d=True)
    except (OSError, soundfile.SoundFileError) as error:
        raise BackendError("this is not a supported sound file", facts={"file": path.name, "error": error}) from error
    if len(samples) != frames:
        _refuse("the sound file is cut short", path, promised=f"{frames} frames", found=f"{len(samples)} frames")
    is_bad = ~np.isfinite(samples).all(axis=1)  # (n,)
    if is_bad.any():
        first = int(is_bad.argmax())
        _refuse(
            "the sound file contains NaN or infinity", path, samples=int(is_bad.sum()), first=f"{first / rate:.3f} s"
        )
    return samples, rate


def write_wav(path: Path, samples: Samples, rate: int = SAMPLE_RATE) -> int:
    """Write (n, channels) as 16-bit PCM: a 44-byte header and the samples, with no time or tool name.

    The header is written here because libsndfile's float files carry a PEAK chunk with the time of writing. Samples
    above full scale are clipped to it; the number of those above it by more than rounding is returned. 16-bit samples
    that were read are written back unchanged.

    Raises:
        BackendError: a sample is NaN or infinite.
    """
    if not np.isfinite(samples).all():
        _refuse("sound with NaN or infinity cannot be written", path)
    content = np.clip(np.rint(samples * np.float32(32768)), -32768, 32767).astype("<i2").tobytes()
    channels = samples.shape[1]
    form = struct.pack("<HHIIHH", 1, channels, rate, rate * channels * 2, channels * 2, 16)
    head = b"RIFF" + struct.pack("<I", 36 + len(content)) + b"WAVEfmt " + struct.pack("<I", len(form)) + form
    path.write_bytes(head + b"data" + struct.pack("<I", len(content)) + content)
    return int((np.abs(samples) > OVER).sum())


def clipped_text(count: int) -> tuple[str, str]:
    """The code and the sentence of the note that samples were clipped."""
    return "sound-clipped", f"{count} samples were above full scale and are clipped: the sound is distorted there"


def resample(samples: Samples, rate: int) -> Samples:
    """The sound at 48 kHz, exactly ceil(n * 48 000 / rate) frames; unchanged if that is its rate."""
    if rate == SAMPLE_RATE:
        return samples
    import soxr

    length = -(-len(samples) * SAMPLE_RATE // rate)
    resampled: Samples = soxr.resample(samples, rate, SAMPLE_RATE, quality="VHQ")
    return padded(resampled[:length], length)  # soxr rounds, so the last frame may be missing.


def padded(samples: Samples, length: int) -> Samples:
    """The sound followed by silence, `length` frames in all; it must not be longer."""
    silence = np.zeros((length - len(samples), samples.shape[1]), np.float32)
    return np.concatenate([samples, silence])


def _check_shape(path: Path, frames: int, channels: int, rate: int) -> None:
    if frames <= 0 or channels <= 0:
        _refuse("the sound file contains no sound", path, frames=frames, channels=channels)
    if frames * channels > MAX_SAMPLES or channels > MAX_CHANNELS or rate not in RATES_HZ:
        _refuse("the sound file is too large", path, frames=frames, channels=channels, rate=f"{rate} Hz")


def _refuse(sentence: str, path: Path, **facts: object) -> NoReturn:
    raise BackendError(sentence, facts={"file": path.name, **facts})
