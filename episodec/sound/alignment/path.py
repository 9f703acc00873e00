"""The cheapest path through two sounds, by dynamic time warping (Sakoe and Chiba, 1978), in integers."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from episodec.sound.alignment.features import Features
from episodec.sound.alignment.fixed import Integers

SLACK = 1000  # Frames, 10 s: the greatest deviation of a voice from an even pace.
_WAIT = 14  # The cost for one sound to advance alone, in addition to the distance of the frames.
_FAR = 1 << 30
_BOTH, _VOICE, _READING = 0, 1, 2  # Which of the two advances.


@dataclass(frozen=True, slots=True)
class WarpPath:
    """Pairs of aligned frames, from the first of both to the last of both."""

    reading: Integers  # (p,), each the previous one or the next.
    voice: Integers  # (p,), the same.
    cost: int  # Their distance over the speech: 0 if equal, 100 for random sounds.


def path(reading: Features, voice: Features) -> WarpPath:
    """The path from the first frames to the last ones."""
    first, second = reading.rows, voice.rows[:, ::-1]
    n, m = first.shape[1], second.shape[1]
    before, last = np.full(n + 1, _FAR, np.int32), np.full(n + 1, _FAR, np.int32)  # By frame of the reading, from 1.
    before[0] = 0
    steps: list[NDArray[np.uint8]] = []
    lows = []
    for both in range(n + m - 1):  # Along diagonals, on which the frame numbers of the two have this sum.
        low, high = _near(both, n, m)
        gaps = first[:, low:high] - second[:, m - 1 - both + low : m - 1 - both + high]
        apart = np.sqrt(np.square(gaps, dtype=np.int32).sum(axis=0, dtype=np.float64)).astype(np.int32)
        on, waits, held = before[low:high], last[low + 1 : high + 1] + _WAIT, last[low:high] + _WAIT
        best = np.minimum(np.minimum(on, waits), held)
        steps.append(np.where(best == on, _BOTH, np.where(best == waits, _VOICE, _READING)).astype(np.uint8))
        lows.append(low)
        before, last = last, np.full(n + 1, _FAR, np.int32)
        last[low + 1 : high + 1] = best + apart
    ours, theirs = _walked(n, m, steps, lows)
    return WarpPath(ours, theirs, _cost(reading, voice, ours, theirs))


def _near(both: int, n: int, m: int) -> tuple[int, int]:
    """The reading's frames on a diagonal that are not too far from an even pace."""
    slack = max(SLACK, abs(n - m))
    even = both * n // (n + m)
    return max(0, both - m + 1, even - slack), min(n, both + 1, even + slack + 1)


def _walked(n: int, m: int, steps: Sequence[NDArray[np.uint8]], lows: Sequence[int]) -> tuple[Integers, Integers]:
    """The frames of both along the path, traced back from its end."""
    i, j = n - 1, m - 1
    pairs = [(i, j)]
    while i or j:
        step = steps[i + j][i - lows[i + j]]
        i, j = i - (step != _VOICE), j - (step != _READING)
        pairs.append((i, j))
    walk = np.array(pairs[::-1], np.int64)
    return walk[:, 0], walk[:, 1]


def _cost(reading: Features, voice: Features, ours: Integers, theirs: Integers) -> int:
    """The squared distances, relative to the features' own squares, where either speaks."""
    is_speech = reading.is_speech[ours] | voice.is_speech[theirs]
    rows, other = reading.rows[:, ours[is_speech]].astype(np.int64), voice.rows[:, theirs[is_speech]].astype(np.int64)
    apart, own = ((rows - other) ** 2).sum(), (rows**2).sum() + (other**2).sum()
    return int(100 * apart // max(1, own))
