"""Ducking: the gain by which ambience gives way to speech."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from episodec.timebase import SAMPLE_RATE

Mono = NDArray[np.float32]  # (n,), full scale is ±1, 48 kHz.

STEP = 240  # Samples: the gain is reckoned every 5 ms, and goes straight in between.
_WINDOW = 4  # Steps of which the voice's level is the mean.

# Where speech begins and is full, against the voice's own loudness: breaths and pauses between words lie below.
BEGINS_LU, FULL_LU = -30.0, -18.0


@dataclass(frozen=True, slots=True)
class Ducking:
    """How deep, and the time constants: after `attack_ms` 63 % of the way down is done, after `release_ms` up."""

    depth_db: float
    attack_ms: float
    release_ms: float


def duck_gain(voice: Mono, loudness: float, how: Ducking) -> NDArray[np.float32]:
    """(n,): the ambience's gain under this voice, whose integrated loudness in LUFS is given."""
    speech = _speech(voice, loudness)
    falls, rises = _share(how.attack_ms), _share(how.release_ms)
    depths = np.empty(len(speech))
    depth = 0.0
    for step, wanted in enumerate((speech * how.depth_db).tolist()):
        depth += (wanted - depth) * (falls if wanted > depth else rises)
        depths[step] = depth
    gains = 10 ** (-depths / 20)
    middles = np.arange(len(gains)) * STEP + STEP / 2
    return np.interp(np.arange(len(voice)), middles, gains).astype(np.float32)


def _speech(voice: Mono, loudness: float) -> NDArray[np.float64]:
    """(steps,): how much of speech there is, 0 to 1."""
    steps = -(-len(voice) // STEP)
    power = np.zeros(steps * STEP)
    power[: len(voice)] = voice.astype(np.float64) ** 2
    means = power.reshape(steps, STEP).mean(axis=1)
    padded = np.concatenate([np.zeros(_WINDOW // 2), means, np.zeros(_WINDOW - 1 - _WINDOW // 2)])
    level = 10 * np.log10(np.maximum(np.convolve(padded, np.full(_WINDOW, 1 / _WINDOW), "valid"), 1e-12))
    return np.asarray(np.clip((level - loudness - BEGINS_LU) / (FULL_LU - BEGINS_LU), 0, 1))


def _share(milliseconds: float) -> float:
    """How much of the way is done in one step."""
    steps = milliseconds * SAMPLE_RATE / 1000 / STEP
    return 1.0 if steps == 0 else 1 - math.exp(-1 / steps)
