"""Sparse sounds of animals. Pitches and lengths are those of field guides' spectrograms, in round figures."""

from collections.abc import Mapping

from episodec.sound.palette.kinds import Event, Grain, Rhythm


def _notes(*notes: tuple[float, float, float, float]) -> tuple[Grain, ...]:
    """Whistled notes: start in s, length in s, first and last frequency."""
    return tuple(Grain("tone", (first, last), length_s=length_s, at_s=at_s) for at_s, length_s, first, last in notes)


def _voice(
    at_s: float, length_s: float, first: float, last: float, top: int = 6, rough_hz: float = 0
) -> tuple[Grain, ...]:
    """A call with harmonics, the third being the strongest."""
    return tuple(
        Grain(
            "tone", (first * n, last * n), length_s=length_s, at_s=at_s, level_db=-3.0 * abs(n - 3), flutter_hz=rough_hz
        )
        for n in range(1, top + 1)
    )


LIVING: Mapping[str, Event] = {
    "chirp": Event(  # A sparrow.
        5,
        (2800, 5600),
        Rhythm(2.6, (2, 5), (0.18, 0.42)),
        _notes((0.0, 0.05, 3100, 4700), (0.055, 0.06, 4700, 3400)),
        pitch_spread=0.1,
        wet_db=-10,
    ),
    "tit": Event(  # A great tit: two notes, over and over.
        5,
        (3300, 5400),
        Rhythm(4.2, (4, 7), (0.36, 0.4)),
        _notes((0.0, 0.11, 5050, 5000), (0.15, 0.15, 3750, 3700)),
        pitch_spread=0.03,
        wet_db=-10,
    ),
    "warble": Event(  # A nightingale or a blackbird: whistles, then a trill.
        5,
        (1600, 4800),
        Rhythm(5.0, (1, 2), (1.5, 2.2)),
        (
            *_notes((0.0, 0.2, 2100, 2050), (0.26, 0.16, 2500, 2900), (0.46, 0.12, 3300, 2300)),
            *_notes(*((0.64 + 0.055 * n, 0.04, 4300, 3100) for n in range(9))),
        ),
        pitch_spread=0.14,
        wet_db=-8,
    ),
    "gull": Event(
        5,
        (900, 3200),
        Rhythm(6.0, (3, 6), (0.4, 0.55)),
        (*_voice(0.0, 0.34, 780, 1080, 4, 35), *_voice(0.2, 0.16, 1050, 760, 4, 35)),
        pitch_spread=0.08,
        wet_db=-8,
    ),
    "crow": Event(7, (600, 2200), Rhythm(7.0, (2, 4), (0.5, 0.7)), _voice(0.0, 0.3, 480, 390, 5, 90), 0.06, wet_db=-8),
    "owl": Event(
        7,
        (300, 520),
        Rhythm(8.0),
        _notes((0.0, 0.45, 400, 375), (1.1, 0.14, 370, 370), (1.35, 0.8, 420, 360)),
        pitch_spread=0.03,
        wet_db=-4,
    ),
    "cuckoo": Event(
        7,
        (480, 760),
        Rhythm(8.0, (4, 8), (1.15, 1.2)),
        _notes((0.0, 0.16, 690, 660), (0.32, 0.24, 545, 530)),
        0.02,
        wet_db=-4,
    ),
    "dove": Event(
        6,
        (350, 620),
        Rhythm(7.0, (2, 4), (1.3, 1.4)),
        _notes((0.0, 0.22, 430, 470), (0.28, 0.4, 520, 450), (0.74, 0.3, 460, 430)),
        0.03,
        wet_db=-8,
    ),
    "woodpecker": Event(
        8,
        (700, 2600),
        Rhythm(7.0),
        tuple(Grain("noise", (700, 2600), 0.006, at_s=0.05 * n, level_db=-0.5 * n) for n in range(14)),
        wet_db=-8,
    ),
    "rooster": Event(
        6,
        (700, 3000),
        Rhythm(13.0),
        (*_voice(0.0, 0.16, 680, 900, 4), *_voice(0.22, 0.14, 920, 980, 4), *_voice(0.4, 0.7, 1080, 780, 4)),
        pitch_spread=0.04,
        wet_db=-8,
    ),
    "dog": Event(
        8,
        (350, 1900),
        Rhythm(6.0, (2, 4), (0.36, 0.6)),
        (*_voice(0.0, 0.16, 330, 260, 6, 60), Grain("noise", (500, 2500), length_s=0.12, level_db=-6)),
        pitch_spread=0.05,
        wet_db=-8,
    ),
    "meow": Event(6, (600, 2600), Rhythm(9.0), (*_voice(0.0, 0.4, 420, 640, 5), *_voice(0.3, 0.45, 640, 430, 5)), 0.08),
    "cow": Event(6, (200, 900), Rhythm(13.0), _voice(0.0, 1.5, 150, 125, 6, 20), 0.08, wet_db=-8),
    "horse": Event(
        9,
        (500, 2200),
        Rhythm(6.0, (8, 16), (0.26, 0.3)),
        (Grain("noise", (500, 2200), 0.012), Grain("tone", (900, 800), 0.015, level_db=-4)),
        0.1,
    ),
    "frog": Event(
        5, (500, 2200), Rhythm(2.6, (2, 5), (0.35, 0.6)), _voice(0.0, 0.22, 420, 400, 5, 70), 0.12, wet_db=-8
    ),
    "cricket": Event(
        4,
        (3900, 5000),
        Rhythm(1.2, (6, 18), (0.055, 0.065)),
        tuple(Grain("tone", (4400, 4400), length_s=0.014, at_s=at_s) for at_s in (0.0, 0.016, 0.032)),
        pitch_spread=0.01,
    ),
    "bee": Event(  # It approaches and leaves.
        4,
        (200, 1200),
        Rhythm(5.0),
        tuple(
            Grain("tone", (215 * n, 240 * n), length_s=2.2, level_db=-4.0 * (n - 1), flutter_hz=12) for n in range(1, 6)
        ),
        pitch_spread=0.1,
        wet_db=-40,
    ),
    "mosquito": Event(
        4,
        (500, 1800),
        Rhythm(6.0),
        tuple(Grain("tone", (590 * n, 640 * n), length_s=2.4, level_db=-5.0 * (n - 1)) for n in (1, 2, 3)),
        0.06,
        wet_db=-40,
    ),
    "wolf": Event(
        6, (350, 1000), Rhythm(14.0), (*_voice(0.0, 1.0, 380, 560, 2), *_voice(0.8, 2.2, 560, 430, 2)), 0.05, wet_db=-2
    ),
}
