"""The pitch of speech over time, by autocorrelation after Boersma (1993): what a benchmark and tests tell a voice by.

It knows samples, not voices. Of a synthesiser's clean speech it needs no search over frames.
"""

from typing import NamedTuple

import numpy as np
import soxr

RATE = 16_000  # Hz: pitch is looked for below 500 Hz, and its harmonics below 8 kHz are enough.
LOWEST_HZ, HIGHEST_HZ = 60.0, 450.0
WINDOW = 800  # Samples, 50 ms: three periods of 60 Hz.
STEP = 160  # 10 ms.
VOICED = 0.55  # Of the autocorrelation at lag 0; noise stays below.
OCTAVE_COST = 0.03  # What a period twice as long must be better by.
QUIET = 0.03  # Of the loudest window's root mean square: what is below is no speech.
FAR = 12.0  # Semitones from the median: beyond, an octave was missed.

Samples = np.ndarray[tuple[int], np.dtype[np.float64]]


class Pitch(NamedTuple):
    """How high and how lively a voice speaks, over its voiced windows."""

    median_hz: float
    spread_st: float  # Standard deviation in semitones.
    low_st: float  # 5th and 95th percentile, from the median.
    high_st: float
    voiced: float  # Share of the windows with speech.


def pitch_of(samples: Samples, rate: int) -> Pitch:
    """The pitch of speech.

    samples: (n,) in [-1, 1].

    Raises:
        ValueError: nothing of it is voiced.
    """
    actual, spoken = contour(samples, rate)
    if not len(actual):
        raise ValueError("nothing is voiced")
    median_hz = float(np.median(actual))
    semitones = 12 * np.log2(actual / median_hz)
    near = semitones[np.abs(semitones) < FAR]
    low, high = np.percentile(near, (5, 95))
    return Pitch(median_hz, float(near.std()), float(low), float(high), len(actual) / spoken)


def contour(samples: Samples, rate: int) -> tuple[Samples, int]:
    """The pitch of each voiced window in Hz, (m,), and how many windows hold speech."""
    resampled = soxr.resample(samples, rate, RATE)
    if len(resampled) < WINDOW:
        return np.empty(0), 0
    windows = np.lib.stride_tricks.sliding_window_view(resampled, WINDOW)[::STEP]  # (windows, WINDOW)
    windows = windows - windows.mean(axis=1, keepdims=True)
    loudness = np.sqrt(np.mean(windows**2, axis=1))
    windows = windows[loudness > QUIET * loudness.max()]
    echoes = _autocorrelation(windows * np.hanning(WINDOW)) / _autocorrelation(np.hanning(WINDOW)[None])
    first, last = int(RATE / HIGHEST_HZ), int(RATE / LOWEST_HZ)
    lags = np.arange(first, last)
    part = echoes[:, first:last]
    is_peak = (part >= echoes[:, first - 1 : last - 1]) & (part > echoes[:, first + 1 : last + 1])
    merit = np.where(is_peak, part - OCTAVE_COST * np.log2(lags / first), -np.inf)
    best = np.argmax(merit, axis=1)
    rows = np.arange(len(best))
    is_voiced = is_peak[rows, best] & (part[rows, best] > VOICED)
    rows, lag = rows[is_voiced], best[is_voiced] + first
    before, at, after = (echoes[rows, lag + shift] for shift in (-1, 0, 1))
    offset = 0.5 * (before - after) / (before - 2 * at + after)  # The top of the parabola through the three.
    return RATE / (lag + offset), len(windows)


def _autocorrelation(windows: np.ndarray[tuple[int, int], np.dtype[np.float64]]) -> Samples:
    """Of each row, (rows, WINDOW), at lags from 0, 1 at lag 0."""
    power = np.abs(np.fft.rfft(windows, 2 * WINDOW, axis=1)) ** 2
    echoes = np.fft.irfft(power, axis=1)[:, :WINDOW]
    return echoes / np.maximum(echoes[:, :1], 1e-12)
