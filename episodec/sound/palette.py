"""What each sound of the lexicon is made of, as tables: spectra and swells of beds, strokes and rhythms of events.

Levels are dBFS of a nominal room, where they only matter against one another. They were set by spectrograms; nobody has
listened.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Curve = tuple[tuple[float, float], ...]
"""(Hz, dB), rising in Hz; straight in between on a logarithmic scale, nothing below, a steep fall above."""


@dataclass(frozen=True, slots=True)
class Swell:
    """How the level of a layer comes and goes."""

    rate_hz: float
    depth_db: float  # Of a standard deviation; for waves, from trough to crest.
    kind: Literal["drift", "wave"] = "drift"


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

    level_db: float  # dBFS, root mean square.
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

    level_db: float  # dBFS of its loudest 20 ms.
    band: tuple[float, float]  # Hz: where it is heard, and must stand over the bed.
    rhythm: Rhythm
    grains: tuple[Grain, ...]
    pitch_spread: float = 0.06  # How much strokes differ: a standard deviation, relative.
    level_spread_db: float = 2.0
    wet_db: float = -16.0  # The room's answer.


BEDS: Mapping[str, Bed] = {
    "room": Bed(
        -48,
        (Layer(((20, -8), (60, 0), (120, -3), (400, -16), (1500, -30), (6000, -44), (16000, -58)), width=0.4),),
    ),
    "hum": Bed(
        -42,
        (
            Layer(tones=((50, -4), (100, 0), (150, -8), (200, -10), (300, -16), (400, -22), (600, -30)), width=0.0),
            Layer(((60, -10), (200, 0), (800, -8), (3000, -24), (12000, -45)), -2, Swell(0.3, 0.5)),
        ),
    ),
    "wind": Bed(
        -34,
        (
            Layer(((40, -10), (120, 0), (300, -6), (800, -24)), 0, Swell(0.25, 4)),
            Layer(((200, -20), (450, 0), (900, -12), (3000, -34)), -3, Swell(0.4, 5), 0.9),
            Layer(((700, -30), (1000, 0), (1250, -2), (1700, -30)), -14, Swell(0.3, 6), 0.9),
        ),
    ),
    "rain": Bed(
        -36,
        (
            Layer(((100, -18), (600, -8), (2000, -2), (6000, 0), (12000, -6), (18000, -16)), 0, Swell(0.15, 0.8), 0.9),
            Layer(((60, -8), (200, 0), (600, -12)), -12),
        ),
        texture="patter",
    ),
    "city": Bed(
        -38,
        (
            Layer(((25, -6), (60, 0), (150, -6), (500, -20), (2000, -36)), 0, Swell(0.2, 2)),
            Layer(((100, -10), (500, 0), (1200, -3), (3000, -16), (8000, -34)), -6, Swell(0.12, 5), 1.0),
        ),
    ),
    "fire": Bed(
        -40,
        (Layer(((40, -2), (120, 0), (400, -10), (1500, -22), (8000, -34)), 0, Swell(1.5, 2)),),
        texture="crackle",
    ),
    "crowd": Bed(
        -36,
        (
            Layer(((120, -14), (250, 0), (500, -8), (900, -26)), 0, Swell(3.0, 3), 1.0),
            Layer(((250, -26), (500, 0), (800, -8), (1600, -30)), -1, Swell(4.3, 4), 1.0),
            Layer(((600, -28), (1100, 0), (1700, -8), (3000, -30)), -6, Swell(5.1, 5), 1.0),
            Layer(((1500, -28), (2600, 0), (4000, -12), (9000, -34)), -14, Swell(6.0, 5), 1.0),
        ),
    ),
    "sea": Bed(
        -35,
        (
            Layer(((60, -8), (200, -2), (600, 0), (2000, -4), (6000, -14), (14000, -28)), 0, Swell(0.11, 14, "wave")),
            Layer(((30, 0), (100, -4), (400, -16), (1500, -34)), -5, Swell(0.09, 6, "wave")),
        ),
    ),
    "stream": Bed(
        -38,
        (Layer(((200, -24), (500, -4), (1200, 0), (3000, -6), (8000, -22)), 0, Swell(6.0, 1.5), 0.9),),
        texture="bubble",
    ),
    "leaves": Bed(
        -42,
        (
            Layer(((500, -30), (2000, -6), (5000, 0), (10000, -8)), 0, Swell(0.35, 4), 0.9),
            Layer(((40, -10), (120, 0), (300, -8), (900, -28)), -4, Swell(0.2, 2)),
        ),
    ),
}

EVENTS: Mapping[str, Event] = {
    "scratch": Event(
        -36,
        (2500, 11000),
        Rhythm(3.2, (3, 7), (0.14, 0.3)),
        (Grain("noise", (2500, 11000), length_s=0.14, flutter_hz=90),),
        pitch_spread=0.15,
    ),
    "click": Event(
        -30,
        (1500, 9000),
        Rhythm(3.6, (1, 2), (0.16, 0.4)),
        (
            Grain("noise", (1500, 9000), 0.003),
            Grain("tone", (2300, 2100), 0.012, level_db=-8),
            Grain("noise", (300, 900), 0.006, level_db=-8),
        ),
    ),
    "key": Event(
        -36,
        (1200, 7000),
        Rhythm(1.8, (4, 12), (0.09, 0.24)),
        (
            Grain("noise", (1200, 7000), 0.004),
            Grain("noise", (200, 700), 0.012, level_db=-6),
            Grain("noise", (1500, 6000), 0.003, at_s=0.07, level_db=-9),
        ),
        pitch_spread=0.12,
    ),
    "drip": Event(
        -32,
        (600, 1700),
        Rhythm(2.4, (1, 2), (0.3, 0.9)),
        (Grain("tone", (650, 1500), 0.03), Grain("noise", (2000, 6000), 0.004, level_db=-10)),
        pitch_spread=0.15,
        wet_db=-6,
    ),
    "step": Event(
        -34,
        (500, 4500),
        Rhythm(5.0, (5, 10), (0.5, 0.62)),
        (
            Grain("noise", (60, 220), 0.035),
            Grain("noise", (500, 4500), 0.018, level_db=-5),
            Grain("noise", (1500, 6000), 0.03, at_s=0.07, level_db=-12),
        ),
        wet_db=-12,
    ),
    "page": Event(
        -38,
        (900, 9000),
        Rhythm(5.5),
        (
            Grain("noise", (900, 9000), length_s=0.35, flutter_hz=18),
            Grain("noise", (1500, 11000), length_s=0.22, at_s=0.3, level_db=-3, flutter_hz=30),
        ),
    ),
    "bird": Event(
        -34,
        (2600, 5600),
        Rhythm(2.4, (3, 6), (0.16, 0.32)),
        (
            Grain("tone", (3100, 4500), length_s=0.08),
            Grain("tone", (4700, 3500), length_s=0.07, at_s=0.09, level_db=-2),
        ),
        pitch_spread=0.1,
        wet_db=-10,
    ),
    "clock": Event(
        -38,
        (2500, 8000),
        Rhythm(0.5, is_regular=True),
        (
            Grain("noise", (2500, 8000), 0.004),
            Grain("tone", (3100, 3000), 0.02, level_db=-6),
            Grain("noise", (600, 1400), 0.01, level_db=-8),
        ),
        level_spread_db=0.5,
    ),
    "cricket": Event(
        -40,
        (3900, 5000),
        Rhythm(1.2, (6, 18), (0.055, 0.065)),
        tuple(Grain("tone", (4400, 4400), length_s=0.014, at_s=at_s) for at_s in (0.0, 0.016, 0.032)),
        pitch_spread=0.01,
    ),
    "thunder": Event(
        -28,
        (40, 500),
        Rhythm(9.0),
        (
            Grain("noise", (30, 140), 1.1, attack_s=0.15),
            Grain("noise", (100, 600), 0.5, level_db=-5, attack_s=0.05, flutter_hz=9),
        ),
        wet_db=-8,
    ),
    "bell": Event(
        -34,
        (480, 1400),
        Rhythm(6.0),
        (
            Grain("tone", (523, 523), 1.2, attack_s=0.002),
            Grain("tone", (1254, 1254), 0.8, level_db=-6, attack_s=0.002),
            Grain("tone", (2100, 2100), 0.4, level_db=-12, attack_s=0.002),
        ),
        pitch_spread=0.0,
        wet_db=-10,
    ),
    # Textures, named by beds alone.
    "patter": Event(
        -42,
        (2500, 9000),
        Rhythm(0.035),
        (Grain("noise", (2500, 9000), 0.003),),
        pitch_spread=0.3,
        level_spread_db=5,
        wet_db=-60,
    ),
    "crackle": Event(
        -38,
        (1500, 9000),
        Rhythm(0.16, (1, 4), (0.01, 0.06)),
        (Grain("noise", (1500, 9000), 0.003),),
        pitch_spread=0.3,
        level_spread_db=6,
        wet_db=-60,
    ),
    "bubble": Event(
        -46,
        (400, 1200),
        Rhythm(0.05),
        (Grain("tone", (450, 900), 0.015),),
        pitch_spread=0.4,
        level_spread_db=5,
        wet_db=-60,
    ),
}
