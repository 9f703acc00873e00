"""Ducking: the gain by which ambience is lowered under speech."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from episodec.timebase import SAMPLE_RATE

Mono = NDArray[np.float32]  # (n,), full scale is ±1, 48 kHz.

STEP = 240  # Samples: the gain is computed every 5 ms and interpolated linearly.
_WINDOW = 4  # Steps over which the voice's level is averaged.

# The levels where speech begins and is full, relative to the voice's loudness: breaths and pauses are below.
BEGINS_LU, FULL_LU = -30.0, -18.0


@dataclass(frozen=True, slots=True)
class Ducking:
    """The depth, and the time constants: 63 % of the way down takes `attack_ms`, of the way up `release_ms`."""

    depth_db: float
    attack_ms: float
    release_ms: float


def duck_gain(voice: Mono, loudness: float, how: Ducking) -> NDArray[np.float32]:
    """(n,): the ambience's gain under this voice, whose integrated loudness is given in LUFS."""
    speech = _speech(voice, loudness)
    falls, rises = _share(how.attack_ms), _share(how.release_ms)
    depths = np.empty(len(speech))
    depth = 0.0
    for step, target_db in enumerate((speech * how.depth_db).tolist()):
        depth += (target_db - depth) * (falls if target_db > depth else rises)
        depths[step] = depth
    gains = 10 ** (-depths / 20)
    middles = np.arange(len(gains)) * STEP + STEP / 2
    return np.interp(np.arange(len(voice)), middles, gains).astype(np.float32)


def _speech(voice: Mono, loudness: float) -> NDArray[np.float64]:
    """(steps,): the amount of speech, 0 to 1."""
    steps = -(-len(voice) // STEP)
    power = np.zeros(steps * STEP)
    power[: len(voice)] = voice.astype(np.float64) ** 2
    means = power.reshape(steps, STEP).mean(axis=1)
    padded = np.concatenate([np.zeros(_WINDOW // 2), means, np.zeros(_WINDOW - 1 - _WINDOW // 2)])
    level = 10 * np.log10(np.maximum(np.convolve(padded, np.full(_WINDOW, 1 / _WINDOW), "valid"), 1e-12))
    return np.asarray(np.clip((level - loudness - BEGINS_LU) / (FULL_LU - BEGINS_LU), 0, 1))


def _share(milliseconds: float) -> float:
    """The share of the way covered in one step."""
    steps = milliseconds * SAMPLE_RATE / 1000 / STEP
    return 1.0 if steps == 0 else 1 - math.exp(-1 / steps)
