"""Speech as 8-bit features, a hundred times a second: the shape of its spectrum, the change of that, and loudness.

Mel-frequency cepstral coefficients after Davis and Mermelstein (1980), each normalised by its mean and spread over the
speech, so that another voice, microphone or loudness changes little.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from episodec.sound.alignment.fixed import OCTAVE, ONE, Integers, cosines, log2, powers, roots

FRAMES_A_SECOND = 100
WHOLE_LENGTH = 8  # Eighths: a vocal tract of the reading's length.

# The corners of triangular filters, Hz: even steps in mel from 80 to 7 600 Hz.
_CORNERS_HZ = (
    *(80, 151, 229, 314, 407, 509, 619, 740, 872, 1016, 1173, 1344, 1531, 1735),
    *(1958, 2202, 2467, 2757, 3074, 3419, 3796, 4207, 4657, 5147, 5682, 6266, 6904, 7600),
)
_FILTERS = len(_CORNERS_HZ) - 2
_CEPSTRA = 12
_SPREAD = 24  # One standard deviation of a feature.
_LEVEL = 12  # An octave of power, as a feature.
_DEPTH = 13 * OCTAVE  # 39 dB below the loudest filter: lower levels are clamped to it, noise or not.
_SPEECH = 7 * OCTAVE  # 21 dB below the loud frames: quieter frames are pauses.
_LOUD = 95  # Percent of the frames are quieter than the loud ones.
_BLOCK = 256  # Frames per batch, to fit the processor's cache.


@dataclass(frozen=True, slots=True)
class Sound:
    """One channel of sound."""

    samples: Integers  # (n,) of 16 bits.
    rate: int  # Hz, 16 000 or more.


@dataclass(frozen=True, slots=True)
class Features:
    """The features of a sound: frame f covers the time around f / 100 s."""

    rows: NDArray[np.int16]  # (25, n), each in -127 to 127.
    is_speech: NDArray[np.bool_]  # (n,): not a pause.

    def backwards(self) -> "Features":
        """The features of the sound played backwards: with the same pace and variety, but no text."""
        rows = self.rows[:, ::-1].copy()
        rows[_CEPSTRA : 2 * _CEPSTRA] *= -1
        return Features(rows, self.is_speech[::-1])


def features(sound: Sound, eighths: int = WHOLE_LENGTH) -> Features:
    """The features of a sound.

    eighths: the factor by which all frequencies are assumed lower, as with a longer vocal tract.
    """
    bands = _bands(sound, eighths)  # (26, n)
    loudness = log2(bands.sum(axis=0))
    bands = log2(bands)
    bands = np.maximum(bands, bands.max() - _DEPTH)
    loud = np.sort(loudness)[(len(loudness) - 1) * _LOUD // 100]
    is_speech = loudness > loud - _SPEECH
    cepstra = _transform() @ bands // ONE  # (12, n)
    level = np.clip(loudness - loud + _SPEECH // 2, -_SPEECH, _SPEECH) * _LEVEL // OCTAVE
    change = np.diff(cepstra, axis=1, prepend=cepstra[:, :1], append=cepstra[:, -1:])
    slopes = change[:, 1:] + change[:, :-1]
    rows = np.concatenate([_evened(cepstra, is_speech), _evened(slopes, is_speech), level[None]])
    return Features(np.clip(rows, -127, 127).astype(np.int16), is_speech)


def _bands(sound: Sound, eighths: int) -> Integers:
    """(26, n): the power in each filter around every hundredth of a second, from 1 on."""
    samples, rate = sound.samples, sound.rate
    width = rate // 40  # 25 ms.
    size = 1 << (width - 1).bit_length()
    count = len(samples) * FRAMES_A_SECOND // rate + 1
    before = np.concatenate([samples[:1], samples[:-1]])
    flat = 32 * samples - 31 * before  # Pre-emphasis of high frequencies.
    padded = np.concatenate([np.zeros(width // 2, np.int64), flat, np.zeros(width, np.int64)])
    starts = np.arange(count) * rate // FRAMES_A_SECOND
    window = (27 * ONE - 23 * cosines(width)) // 50  # Hamming's.
    weights = _weights(rate, size, eighths)
    bands = np.empty((_FILTERS, count), np.int64)
    views = sliding_window_view(padded, width)
    for first in range(0, count, _BLOCK):
        part = (views[starts[first : first + _BLOCK]] * window) >> 17  # (F, width), in quarters of a sample.
        windows = np.zeros((size, len(part)), np.int64)
        windows[:width] = part.T
        bands[:, first : first + _BLOCK] = weights @ powers(windows)
    return bands + 1


@cache
def _weights(rate: int, size: int, eighths: int) -> Integers:
    """(26, size / 2 + 1): each filter's share of the power at each frequency, in 64ths."""
    hz = np.arange(size // 2 + 1) * rate // size
    corners = np.array(_CORNERS_HZ) * eighths // WHOLE_LENGTH
    low, middle, high = (corners[shift : shift + _FILTERS, None] for shift in (0, 1, 2))
    rising, falling = 64 * (hz - low) // (middle - low), 64 * (high - hz) // (high - middle)
    weights: Integers = np.maximum(np.minimum(rising, falling), 0)
    return weights


@cache
def _transform() -> Integers:
    """(12, 26): the discrete cosine transform of the filters' logarithms, without its mean."""
    angles = np.arange(1, _CEPSTRA + 1)[:, None] * (2 * np.arange(_FILTERS) + 1)
    matrix: Integers = cosines(4 * _FILTERS)[angles % (4 * _FILTERS)]
    return matrix


def _evened(values: Integers, is_speech: NDArray[np.bool_]) -> Integers:
    """Each row shifted and scaled so that over the speech its mean is 0 and its spread 24."""
    spoken = values[:, is_speech]
    count = spoken.shape[1]
    away: Integers = values - spoken.sum(axis=1, keepdims=True) // count
    spread = roots((away[:, is_speech] ** 2).sum(axis=1, keepdims=True) // count)
    return away * _SPREAD // np.maximum(spread, 1)
