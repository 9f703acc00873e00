"""Letters as beeps. Whole numbers and single steps of arithmetic, so that every processor makes the same samples."""

import numpy as np
from numpy.typing import NDArray

from episodec.plugin import SAMPLE_RATE

LOUDNESS = 0.2  # Full scale is 1.
STEP_HZ = 20  # From a letter to the next one.
EDGE = 240  # Samples, 5 ms: a beep begins and ends softly.


def beeps(word: str, pace: float, tone_hz: int, wave: str, volume: float) -> NDArray[np.float32]:
    """(n,) float32: a beep for each letter, so many of them a second, `volume` times as loud as usual."""
    length = int(SAMPLE_RATE / pace)
    letters = [ord(letter) % 16 for letter in word.lower() if letter.isalnum()] or [0]
    sound = np.concatenate([_beep(tone_hz + STEP_HZ * letter, length, wave) for letter in letters])
    return sound * np.float32(volume)


def silence(pace: float) -> NDArray[np.float32]:
    """(n,) float32: as long as one letter."""
    return np.zeros(int(SAMPLE_RATE / pace), np.float32)


def _beep(hz: int, length: int, wave: str) -> NDArray[np.float32]:
    phase = np.arange(length) * hz % SAMPLE_RATE / SAMPLE_RATE  # 0 to 1.
    form = np.abs(4 * phase - 2) - 1 if wave == "triangle" else np.where(phase < 0.5, 1.0, -1.0)
    place = np.arange(length)
    edges = np.minimum(1.0, np.minimum(place, length - 1 - place) / EDGE)
    return (LOUDNESS * form * edges).astype(np.float32)
