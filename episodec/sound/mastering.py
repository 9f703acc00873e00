"""Brings sound to a loudness under a ceiling: one gain for all of it, and a limiter for the peaks."""

from typing import NamedTuple

import numpy as np

from episodec.sound.limiter import limit
from episodec.sound.loudness import Sound, integrated

_CLOSE_LU = 0.05
_TRIES = 10


class Mastered(NamedTuple):
    """The sound, and how it was mastered."""

    sound: Sound
    loudness_lufs: float | None  # None: silence.
    gain_db: float
    least: float  # The limiter's least gain, an amplitude.


def master(sound: Sound, target_lufs: float, ceiling: float) -> Mastered:
    """The sound as near to the target as the ceiling (an amplitude) allows; silence is unchanged."""
    before = integrated(sound)
    if before is None:
        return Mastered(limit(sound, ceiling)[0], None, 0.0, 1.0)
    gain_db = exact(target_lufs - before)
    best: tuple[float, Mastered] | None = None
    last: tuple[float, float] | None = None  # Gain and loudness.
    for _ in range(_TRIES):
        limited, least = limit((sound * np.float32(amplitude(gain_db))).astype(np.float32), ceiling)
        reached_lufs = integrated(limited)  # Not the sum: at another level, other blocks pass the gate.
        missed = target_lufs - (before if reached_lufs is None else reached_lufs)
        if best is not None and abs(missed) >= best[0]:
            break  # More gain would only be limited away.
        best = abs(missed), Mastered(limited, target_lufs - missed, gain_db, least)
        if abs(missed) <= _CLOSE_LU:
            break
        reached = gain_db, target_lufs - missed
        # Limiting removes some of the gain.
        slope = 1.0 if last is None else (reached[1] - last[1]) / (reached[0] - last[0])
        last = reached
        gain_db = exact(gain_db + missed / min(1.0, max(0.2, slope)))
    assert best is not None
    return best[1]


def exact(gain_db: float) -> float:
    """A gain rounded to thousandths of a dB, so that last-bit differences of measurements never reach the sound."""
    return round(gain_db, 3)


def amplitude(decibels: float) -> float:
    """The amplitude factor of a level in dB."""
    return float(10 ** (decibels / 20))
