"""What sounds are described by: spectra and swells of beds, strokes and rhythms of events."""

from dataclasses import dataclass
from typing import Literal

Curve = tuple[tuple[float, float], ...]
"""(Hz, dB), rising in Hz; straight in between on a logarithmic scale, nothing below, a steep fall above."""


@dataclass(frozen=True, slots=True)
class Swell:
    """How the level of a layer comes and goes."""

    rate_hz: float
    depth_db: float  # Of a standard deviation; for waves and pulses, from trough to crest.
    kind: Literal["drift", "wave", "pulse"] = "drift"  # A pulse is even: a purr, a motor.


@dataclass(frozen=True, slots=True)
class Layer:
    """Noise of one spectrum in a bed, or steady tones."""

    curve: Curve = ()
    level_db: float = 0.0  # Against the bed's level.
    swell: Swell = Swell(0.2, 1.0)
    width: float = 0.6  # 0: mono; 1: left and right are strangers.
    tones: Curve = ()  # Instead of the curve.


@dataclass(frozen=True, slots=True)
class Bed:
    """A continuous sound."""

    level_db: float  # dBFS, root mean square; it matters against other beds only.
    layers: tuple[Layer, ...]
    texture: str | None = None  # A key of EVENTS: dense events that are part of it.


@dataclass(frozen=True, slots=True)
class Grain:
    """One piece of a stroke: noise in a band, or a tone that glides from the first frequency to the second."""

    kind: Literal["noise", "tone"]
    band: tuple[float, float]  # Hz
    decay_s: float | None = None  # Falls to 1/e in this time; None: swells and falls over its length.
    length_s: float | None = None  # None: as long as the decay is heard.
    at_s: float = 0.0
    level_db: float = 0.0
    attack_s: float = 0.0005
    flutter_hz: float = 0.0  # Roughness: the level trembles this often.


@dataclass(frozen=True, slots=True)
class Rhythm:
    """When strokes come: phrases of some strokes, with some time between them."""

    every_s: float
    strokes: tuple[int, int] = (1, 1)  # The fewest and the most in a phrase.
    gap_s: tuple[float, float] = (0.0, 0.0)
    is_regular: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """A sparse sound."""

    level_db: float  # Of its loudest 20 ms, over the bed as one hears it (K-weighted).
    band: tuple[float, float]  # Hz: where it is heard, and must stand over the bed.
    rhythm: Rhythm
    grains: tuple[Grain, ...]
    pitch_spread: float = 0.06  # How much strokes differ: a standard deviation, relative.
    level_spread_db: float = 2.0
    wet_db: float = -16.0  # The room's answer.
