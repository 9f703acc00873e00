"""The parameters of sounds: spectra and swells of beds, strokes and rhythms of events."""

from dataclasses import dataclass
from typing import Literal

Curve = tuple[tuple[float, float], ...]
"""(Hz, dB), ascending in Hz; linear in between on a logarithmic scale, nothing below, a steep fall above."""


@dataclass(frozen=True, slots=True)
class Swell:
    """The variation of a layer's level."""

    rate_hz: float
    depth_db: float  # A standard deviation; for waves and pulses, from trough to crest.
    kind: Literal["drift", "wave", "pulse"] = "drift"  # A pulse is regular: a purr, a motor.


@dataclass(frozen=True, slots=True)
class Layer:
    """Noise of one spectrum in a bed, or steady tones."""

    curve: Curve = ()
    level_db: float = 0.0  # Relative to the bed's level.
    swell: Swell = Swell(0.2, 1.0)
    width: float = 0.6  # 0: mono; 1: left and right are uncorrelated.
    tones: Curve = ()  # Instead of the curve.


@dataclass(frozen=True, slots=True)
class Bed:
    """A continuous sound."""

    level_db: float  # dBFS, root mean square; only relative to other beds.
    layers: tuple[Layer, ...]
    texture: str | None = None  # A key of EVENTS: dense events that are part of it.


@dataclass(frozen=True, slots=True)
class Grain:
    """A component of a stroke: noise in a band, or a tone that glides from the first frequency to the second."""

    kind: Literal["noise", "tone"]
    band: tuple[float, float]  # Hz
    decay_s: float | None = None  # Falls to 1/e in this time; None: swells and falls over its length.
    length_s: float | None = None  # None: until the decay is inaudible.
    at_s: float = 0.0
    level_db: float = 0.0
    attack_s: float = 0.0005
    flutter_hz: float = 0.0  # Roughness: the tremolo's rate.


@dataclass(frozen=True, slots=True)
class Rhythm:
    """The timing of strokes: phrases of several strokes, with pauses between."""

    every_s: float
    strokes: tuple[int, int] = (1, 1)  # The fewest and the most in a phrase.
    gap_s: tuple[float, float] = (0.0, 0.0)
    is_regular: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """A sparse sound."""

    level_db: float  # Of its loudest 20 ms, over the bed's K-weighted level.
    band: tuple[float, float]  # Hz: its main band, in which it must be audible over the bed.
    rhythm: Rhythm
    grains: tuple[Grain, ...]
    pitch_spread: float = 0.06  # The variation between strokes: a relative standard deviation.
    level_spread_db: float = 2.0
    wet_db: float = -16.0  # The reverberation.
