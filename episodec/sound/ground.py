"""The spectrum of the bed under events, in narrow bands."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from episodec.sound.beds import Stereo, fast_length
from episodec.sound.loudness import weighting
from episodec.timebase import SAMPLE_RATE

_BAND_HZ = 10.0


@dataclass(frozen=True, slots=True)
class Ground:
    """The power of each band of a bed."""

    power: NDArray[np.float64]  # (bands,), mean squares; their sum is the bed's.
    width_hz: float

    @staticmethod
    def of(sound: Stereo) -> "Ground":
        """The bands of a bed (n, 2)."""
        period = fast_length(max(len(sound), round(SAMPLE_RATE / _BAND_HZ)))
        spectrum = np.fft.rfft(sound.mean(axis=1), n=period)
        squares = 2 * (spectrum.real**2 + spectrum.imag**2) / (period * max(1, len(sound)))
        width = max(1, round(_BAND_HZ * period / SAMPLE_RATE))
        return Ground(np.add.reduceat(squares, np.arange(0, len(squares), width)), width * SAMPLE_RATE / period)

    @property
    def heard_db(self) -> float:
        """Its K-weighted level in dBFS."""
        middles = np.asarray((np.arange(len(self.power)) + 0.5) * self.width_hz, np.float64)
        return _decibels(float(np.sum(weighting(middles) * self.power)))

    def level_db(self, band: tuple[float, float]) -> float:
        """Its level in a band (Hz), in dBFS."""
        first, last = (int(edge / self.width_hz) for edge in band)
        return _decibels(float(self.power[first : last + 1].sum()))


def _decibels(power: float) -> float:
    return float(10 * np.log10(max(1e-20, power)))
