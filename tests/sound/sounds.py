"""Sounds with known properties, for tests."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from episodec.sound.duck import Mono
from episodec.sound.loudness import Sound


def sine(hertz: float, seconds: float, dbfs: float = -23.0, channels: int = 2, phase: float = 0.0) -> Sound:
    """(n, channels): a sine whose peak is at this level, its ends soft."""
    time = np.arange(round(seconds * 48_000)) / 48_000
    mono = 10 ** (dbfs / 20) * np.sin(2 * np.pi * hertz * time + phase)
    if len(mono) > 4800:  # An abrupt start would peak higher between samples.
        rise = np.sin(np.linspace(0, np.pi / 2, 240)) ** 2
        mono[:240] *= rise
        mono[-240:] *= rise[::-1]
    return np.repeat(mono[:, None], channels, axis=1).astype(np.float32)


def noise(seconds: float, rms: float = 0.05, channels: int = 2, seed: int = 0) -> Sound:
    """(n, channels): noise that falls off as ambience does, 6 dB an octave above 1 kHz."""
    white = np.random.default_rng(seed).standard_normal((round(seconds * 48_000), channels))
    hertz = np.fft.rfftfreq(len(white), 1 / 48_000)[:, None]
    values = np.fft.irfft(np.fft.rfft(white, axis=0) / (1 + hertz / 1000), n=len(white), axis=0)
    return np.asarray(values * (rms / values.std()), np.float32)


def speech(seconds: float, talks: float = 4.0, pauses: float = 2.0, seed: int = 0) -> Mono:
    """(n,): what levels like speech: syllables, words, `talks` seconds of it and `pauses` without; peaks near 0.5."""
    time = np.arange(round(seconds * 48_000)) / 48_000
    voiced = _voiced(len(time))
    syllables = np.sin(np.pi * 4 * time) ** 2 * (0.6 + 0.4 * np.sin(2 * np.pi * 0.7 * time + seed))
    talking = (time % (talks + pauses)) < talks
    built = voiced * syllables * talking
    return np.asarray(built * (0.5 / max(1e-9, abs(built).max())), np.float32)


@lru_cache(maxsize=8)
def _voiced(count: int) -> NDArray[np.float64]:
    """(count,): a voice that never pauses. Made once for each length: its harmonics cost more than what is tested."""
    time = np.arange(count) / 48_000
    voiced = np.zeros(count)
    for harmonic in range(1, 20):
        voiced += np.sin(2 * np.pi * 110 * harmonic * time + harmonic**2) / harmonic
    voiced.flags.writeable = False
    return voiced
