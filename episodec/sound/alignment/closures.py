"""Finds lip closures in speech: the moment of least energy near an expected one."""

import numpy as np

from episodec.sound.alignment.features import Sound
from episodec.sound.alignment.fixed import OCTAVE, Integers, log2

LEVELS_A_SECOND = 200
REACH = 12  # Levels, 60 ms.

_DEPTH = 13 * OCTAVE  # 39 dB below the loudest moment: lower levels are clamped to it.
_RISE = 2 * OCTAVE  # 6 dB: moments this much louder are not part of a closure.
_DEEP = 4 * OCTAVE  # 12 dB: both sides must be this much louder, or there is no closure.
_DISTANT = 2 * OCTAVE // REACH  # A moment at the end of the reach must be 6 dB quieter than the expected one.
_LONGEST = 30  # Levels, 150 ms: longer silences are pauses.


def levels(sound: Sound) -> Integers:
    """(n,): the logarithm of the energy in 10 ms around every 1 / 200 s."""
    half = sound.rate // LEVELS_A_SECOND
    energy = np.concatenate([np.zeros(half + 1, np.int64), np.cumsum(sound.samples**2)])
    energy = np.concatenate([energy, np.full(2 * half, energy[-1])])
    middles = np.arange(len(sound.samples) * LEVELS_A_SECOND // sound.rate + 1) * sound.rate // LEVELS_A_SECOND
    loud = log2(energy[middles + 2 * half] - energy[middles] + 1)
    floored: Integers = np.maximum(loud, loud.max() - _DEPTH)
    return floored


def closure(levels: Integers, near: int) -> tuple[int, int] | None:
    """The range of the quiet moment nearest to an expected one; None if it is no quieter there than around it, or quiet
    for as long as a pause.
    """
    low, high = max(0, near - REACH), min(len(levels), near + REACH + 1)
    if low >= high:
        return None
    middle = low + int(np.argmin(levels[low:high] + _DISTANT * np.abs(np.arange(low, high) - near)))
    least = levels[middle]
    is_over = levels > least + _RISE
    before, after = np.flatnonzero(is_over[:middle][-_LONGEST:]), np.flatnonzero(is_over[middle:][:_LONGEST])
    if not len(before) or not len(after):
        return None
    start, end = max(0, middle - _LONGEST) + int(before[-1]) + 1, middle + int(after[0])
    is_deep = levels[max(0, start - REACH) : start].max() >= least + _DEEP <= levels[end : end + REACH].max()
    return (start, end) if is_deep and end - start <= _LONGEST else None
