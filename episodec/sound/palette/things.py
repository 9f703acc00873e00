"""Sparse sounds of things: the desk, the house, the street."""

from collections.abc import Mapping

from episodec.sound.palette.kinds import Event, Grain, Rhythm

_BELL = (
    (0.5, -6, 2.2),
    (1.0, 0, 1.6),
    (1.19, -5, 1.2),
    (1.5, -9, 1.0),
    (2.0, -4, 0.9),
    (2.66, -12, 0.5),
    (4.0, -16, 0.3),
)
"""A church bell's partials, from hum to double octave: of the strike tone, dB, decay in s (a minor-third bell)."""


def _tones(hertz: float, decay_s: float, *partials: tuple[float, float]) -> tuple[Grain, ...]:
    """Steady partials, each a factor of the first's frequency and a level; higher ones decay faster."""
    return tuple(
        Grain("tone", (hertz * factor, hertz * factor), decay_s / factor**0.5, level_db=level_db, attack_s=0.002)
        for factor, level_db in partials
    )


def _buzz(hertz: float, last: float, length_s: float, at_s: float = 0.0, harmonics: int = 4) -> tuple[Grain, ...]:
    """A gliding tone with its harmonics."""
    return tuple(
        Grain("tone", (hertz * n, last * n), length_s=length_s, at_s=at_s, level_db=-5.0 * (n - 1), flutter_hz=30)
        for n in range(1, harmonics + 1)
    )


THINGS: Mapping[str, Event] = {
    "scratch": Event(
        7,
        (2500, 11000),
        Rhythm(3.2, (3, 7), (0.14, 0.3)),
        (Grain("noise", (2500, 11000), length_s=0.14, flutter_hz=90),),
        pitch_spread=0.15,
    ),
    "click": Event(
        13,
        (1500, 9000),
        Rhythm(3.6, (1, 2), (0.16, 0.4)),
        (
            Grain("noise", (1500, 9000), 0.003),
            Grain("tone", (2300, 2100), 0.012, level_db=-8),
            Grain("noise", (300, 900), 0.006, level_db=-8),
        ),
    ),
    "key": Event(
        8,
        (1200, 7000),
        Rhythm(1.8, (4, 12), (0.09, 0.24)),
        (
            Grain("noise", (1200, 7000), 0.004),
            Grain("noise", (200, 700), 0.012, level_db=-6),
            Grain("noise", (1500, 6000), 0.003, at_s=0.07, level_db=-9),
        ),
        pitch_spread=0.12,
    ),
    "page": Event(
        6,
        (900, 9000),
        Rhythm(5.5),
        (
            Grain("noise", (900, 9000), length_s=0.35, flutter_hz=18),
            Grain("noise", (1500, 11000), length_s=0.22, at_s=0.3, level_db=-3, flutter_hz=30),
        ),
    ),
    "clock": Event(
        10,
        (2500, 8000),
        Rhythm(0.5, is_regular=True),
        (
            Grain("noise", (2500, 8000), 0.004),
            Grain("tone", (3100, 3000), 0.02, level_db=-6),
            Grain("noise", (600, 1400), 0.01, level_db=-8),
        ),
        level_spread_db=0.5,
    ),
    "printer": Event(  # The carriage goes to and fro; the paper is drawn in.
        6,
        (700, 5000),
        Rhythm(4.5, (6, 12), (0.26, 0.3)),
        (
            Grain("noise", (900, 4500), length_s=0.2, flutter_hz=60),
            *_buzz(420, 640, 0.2, harmonics=3),
            Grain("noise", (250, 900), 0.012, at_s=0.21, level_db=-4),
        ),
    ),
    "disk": Event(
        6,
        (400, 3000),
        Rhythm(2.2, (4, 14), (0.03, 0.09)),
        (Grain("noise", (400, 1600), 0.006), Grain("noise", (2000, 5000), 0.002, level_db=-6)),
        pitch_spread=0.2,
    ),
    "beep": Event(8, (900, 1100), Rhythm(2.0, is_regular=True), (Grain("tone", (988, 988), length_s=0.12),), 0.0, 0.5),
    "ring": Event(
        8,
        (1100, 2900),
        Rhythm(4.0, (2, 2), (0.55, 0.55)),
        tuple(
            Grain("tone", (hertz, hertz), length_s=0.05, at_s=0.05 * step)
            for step in range(8)
            for hertz in ((1318, 2636), (1568, 3136))[step % 2]
        ),
        pitch_spread=0.0,
    ),
    "drip": Event(
        11,
        (600, 1700),
        Rhythm(2.4, (1, 2), (0.3, 0.9)),
        (Grain("tone", (650, 1500), 0.03), Grain("noise", (2000, 6000), 0.004, level_db=-10)),
        pitch_spread=0.15,
        wet_db=-6,
    ),
    "pane": Event(  # Drops that hit glass: a hard tick, and the pane answers.
        9,
        (1200, 4500),
        Rhythm(0.55, (1, 4), (0.05, 0.2)),
        (Grain("noise", (1500, 6000), 0.002), *_tones(1750, 0.014, (1.0, -2), (1.62, -6), (2.4, -10))),
        pitch_spread=0.2,
        level_spread_db=4,
        wet_db=-30,
    ),
    "cup": Event(
        8,
        (2200, 7000),
        Rhythm(3.4, (1, 3), (0.1, 0.45)),
        (Grain("noise", (2500, 9000), 0.002, level_db=-4), *_tones(2350, 0.09, (1.0, 0), (1.53, -3), (2.31, -8))),
        pitch_spread=0.12,
    ),
    "steam": Event(
        3, (1800, 9000), Rhythm(11.0), (Grain("noise", (1800, 9000), length_s=1.8, flutter_hz=14),), wet_db=-20
    ),
    "whistle": Event(  # A kettle's.
        6,
        (2000, 2800),
        Rhythm(8.0),
        (Grain("tone", (1900, 2450), length_s=2.6), Grain("noise", (2000, 5000), length_s=2.6, level_db=-8)),
        0.01,
    ),
    "step": Event(
        10,
        (120, 2500),
        Rhythm(5.0, (5, 10), (0.5, 0.62)),
        (
            Grain("noise", (90, 320), 0.035),
            Grain("noise", (500, 4500), 0.018, level_db=-5),
            Grain("noise", (1500, 6000), 0.03, at_s=0.07, level_db=-12),
        ),
        wet_db=-12,
    ),
    "door": Event(  # Hinges creak, the leaf meets the frame, the latch clicks.
        9,
        (90, 1500),
        Rhythm(9.0),
        (
            *(
                Grain("tone", (340 + 30 * n, 420 + 45 * n), length_s=0.5, level_db=-9 - 4 * n, flutter_hz=40)
                for n in range(3)
            ),
            Grain("noise", (90, 420), 0.06, at_s=0.62),
            Grain("noise", (1200, 5000), 0.006, at_s=0.66, level_db=-6),
        ),
        wet_db=-10,
    ),
    "knock": Event(
        10,
        (180, 1200),
        Rhythm(6.0, (3, 3), (0.2, 0.26)),
        (Grain("noise", (180, 700), 0.022), Grain("tone", (260, 240), 0.04, level_db=-4)),
        wet_db=-10,
    ),
    "bell": Event(8, (480, 2400), Rhythm(6.0), _tones(1046, 1.0, (1.0, 0), (2.4, -6), (4.0, -12)), 0.0, wet_db=-10),
    "toll": Event(
        8,
        (170, 900),
        Rhythm(2.6, is_regular=True),
        tuple(Grain("tone", (330 * of, 330 * of), decay_s, level_db=db, attack_s=0.003) for of, db, decay_s in _BELL),
        pitch_spread=0.0,
        level_spread_db=1,
        wet_db=-6,
    ),
    "chime": Event(  # Before an announcement: three notes falling.
        7,
        (500, 1100),
        Rhythm(12.0),
        tuple(
            Grain("tone", (hertz * of, hertz * of), 0.45, at_s=at_s, level_db=db, attack_s=0.004)
            for at_s, hertz in ((0.0, 784), (0.4, 659), (0.8, 523))
            for of, db in ((1, 0), (2, -14))
        ),
        pitch_spread=0.0,
        wet_db=-6,
    ),
    "clack": Event(  # Both axles of a bogie over a rail joint.
        7,
        (90, 900),
        Rhythm(1.15, (2, 2), (0.21, 0.23), is_regular=True),
        (Grain("noise", (90, 360), 0.03), Grain("noise", (500, 1800), 0.014, level_db=-5)),
        level_spread_db=1,
    ),
    "screech": Event(
        5,
        (2500, 6200),
        Rhythm(10.0),
        tuple(
            Grain("tone", (2900 * n, 2650 * n), length_s=1.6, level_db=-6.0 * (n - 1), flutter_hz=22) for n in (1, 2)
        ),
        0.08,
    ),
    "pass": Event(  # A car goes by.
        5,
        (150, 1400),
        Rhythm(7.0),
        (
            Grain("noise", (120, 700), length_s=3.6),
            Grain("noise", (600, 2200), length_s=2.4, at_s=0.6, level_db=-5),
        ),
        pitch_spread=0.2,
        wet_db=-60,
    ),
    "horn": Event(
        7, (380, 1600), Rhythm(9.0, (1, 2), (0.5, 0.6)), (*_buzz(392, 392, 0.35), *_buzz(494, 494, 0.35)), 0.05
    ),
    "shiphorn": Event(7, (90, 500), Rhythm(14.0), _buzz(110, 108, 2.4, harmonics=5), 0.03, wet_db=-6),
    "siren": Event(
        5,
        (600, 1500),
        Rhythm(12.0),
        tuple(
            Grain("tone", band, length_s=1.1, at_s=at_s)
            for at_s, band in ((0, (650, 1350)), (0.9, (1350, 650)), (1.8, (650, 1350)), (2.7, (1350, 650)))
        ),
        0.02,
    ),
    "hammer": Event(
        9,
        (500, 4000),
        Rhythm(4.0, (3, 7), (0.38, 0.46)),
        (Grain("noise", (400, 4000), 0.012), *_tones(870, 0.09, (1.0, -4), (2.76, -7))),
        pitch_spread=0.04,
        wet_db=-8,
    ),
    "drill": Event(
        5,
        (350, 4000),
        Rhythm(8.0),
        (*_buzz(160, 185, 1.9, harmonics=6), Grain("noise", (700, 4500), length_s=1.9, level_db=-3, flutter_hz=45)),
        0.06,
    ),
    "thunder": Event(
        10,
        (40, 500),
        Rhythm(9.0),
        (
            Grain("noise", (30, 140), 1.1, attack_s=0.15),
            Grain("noise", (100, 600), 0.5, level_db=-5, attack_s=0.05, flutter_hz=9),
        ),
        wet_db=-8,
    ),
    "heart": Event(
        10,
        (45, 260),
        Rhythm(0.95, is_regular=True),
        (
            Grain("noise", (50, 130), 0.05, attack_s=0.012),
            Grain("noise", (110, 260), 0.02, level_db=-6, attack_s=0.004),
            Grain("noise", (60, 160), 0.035, at_s=0.3, level_db=-3, attack_s=0.01),
            Grain("noise", (130, 300), 0.015, at_s=0.3, level_db=-8, attack_s=0.004),
        ),
        pitch_spread=0.01,
        level_spread_db=0.5,
        wet_db=-40,
    ),
    "breath": Event(
        5,
        (400, 3500),
        Rhythm(3.6, is_regular=True),
        (Grain("noise", (500, 3500), length_s=1.1), Grain("noise", (350, 2200), length_s=1.3, at_s=1.3, level_db=-3)),
        0.05,
        1,
        -40,
    ),
}
