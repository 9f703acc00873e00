"""Continuous sounds, and the dense events that are part of some of them.

A bed must be audible on a phone: hums below 200 Hz have air above them.
"""

from collections.abc import Mapping

from episodec.sound.palette.kinds import Bed, Event, Grain, Layer, Rhythm, Swell

BEDS: Mapping[str, Bed] = {
    "room": Bed(
        -44,
        (
            Layer(
                ((40, -10), (90, -2), (200, 0), (500, -7), (1500, -16), (5000, -30), (14000, -46)),
                swell=Swell(0.2, 0.4),
                width=0.5,
            ),
        ),
    ),
    "air": Bed(  # Fans and ventilation: wide noise with a blade tone.
        -40,
        (
            Layer(((80, -8), (250, 0), (700, -3), (1600, -7), (4000, -15), (9000, -26)), 0, Swell(0.3, 0.5)),
            Layer(tones=((118, 0), (236, -5), (472, -12)), level_db=-12, swell=Swell(0.5, 0.6), width=0.0),
        ),
    ),
    "hum": Bed(
        -42,
        (
            Layer(tones=((50, -6), (100, 0), (150, -6), (200, -4), (300, -9), (400, -13), (600, -18)), width=0.0),
            Layer(((90, -8), (220, 0), (700, -10), (2500, -26), (9000, -44)), -6, Swell(0.3, 0.5)),
        ),
    ),
    "fridge": Bed(  # A compressor: 100 Hz and its octaves, with tremolo and some rattle.
        -42,
        (
            Layer(
                tones=((49, -4), (99.2, 0), (100.8, -3), (198, -4), (297, -10), (396, -8), (594, -14)),
                swell=Swell(0.3, 0.5),
                width=0.0,
            ),
            Layer(((300, -14), (700, 0), (1500, -8), (4000, -22), (14000, -44)), -9, Swell(12.0, 5.0, "pulse"), 0.4),
        ),
    ),
    "engine": Bed(
        -38,
        (
            Layer(tones=((28, -4), (56, 0), (84, -2), (140, -6), (196, -8), (280, -10), (420, -14)), width=0.0),
            Layer(
                ((60, -6), (160, 0), (400, -7), (1200, -18), (4000, -32), (14000, -52)),
                -1,
                Swell(14.0, 6.0, "pulse"),
                0.4,
            ),
        ),
    ),
    "rumble": Bed(  # Wheels on a track, the inside of a vehicle.
        -36,
        (
            Layer(
                ((30, -4), (70, 0), (180, -3), (450, -9), (1200, -18), (4000, -32), (14000, -52)),
                0,
                Swell(1.2, 1.8),
                0.5,
            ),
        ),
    ),
    "cabin": Bed(  # A jet's: the engines' whine under the wide noise of air.
        -36,
        (
            Layer(((50, -4), (120, 0), (300, -5), (900, -13), (3000, -15), (9000, -22)), 0, Swell(0.2, 0.4), 0.8),
            Layer(tones=((172, 0), (174, -2), (690, -8)), level_db=-8, swell=Swell(0.3, 0.6), width=0.0),
        ),
    ),
    "wind": Bed(
        -34,
        (
            Layer(((40, -12), (120, -2), (300, 0), (700, -8), (1800, -24)), 0, Swell(0.25, 4)),
            Layer(((300, -30), (520, 0), (640, -2), (1000, -26)), -5, Swell(0.35, 6), 0.9),
        ),
    ),
    "rain": Bed(
        -36,
        (Layer(((100, -14), (600, -8), (2000, -2), (6000, 0), (12000, -6), (18000, -16)), 0, Swell(0.15, 0.8), 0.9),),
        texture="patter",
    ),
    "city": Bed(
        -38,
        (
            Layer(
                ((40, -8), (90, 0), (200, -3), (500, -11), (1000, -15), (2500, -26), (7000, -42)), 0, Swell(0.2, 2.5)
            ),
            Layer(((250, -12), (600, 0), (1100, -2), (2400, -16), (5000, -32)), -7, Swell(0.15, 7), 1.0),
        ),
    ),
    "hush": Bed(  # A town far off, or behind a window.
        -44,
        (Layer(((50, -6), (110, 0), (250, -4), (450, -12), (900, -26), (2500, -44)), 0, Swell(0.12, 2), 0.4),),
    ),
    "night": Bed(  # Air outside after dark, and insects too far away to distinguish.
        -46,
        (
            Layer(((80, -8), (200, 0), (500, -6), (1500, -20), (5000, -38)), 0, Swell(0.15, 1.5)),
            Layer(((3600, -30), (4300, 0), (4700, -2), (5300, -30)), -7, Swell(7.0, 5.0, "pulse"), 0.8),
        ),
    ),
    "fire": Bed(
        -40,
        (Layer(((60, -4), (150, 0), (400, -8), (1500, -16), (8000, -30)), 0, Swell(1.5, 2)),),
        texture="crackle",
    ),
    "crowd": Bed(
        -36,
        (
            Layer(((150, -10), (280, 0), (500, -4), (900, -24)), 0, Swell(3.0, 3), 1.0),
            Layer(((450, -26), (700, 0), (1500, -6), (2600, -14), (5000, -30)), -3, Swell(4.6, 5), 1.0),
        ),
    ),
    "applause": Bed(-34, (Layer(((400, -12), (1000, 0), (2500, -4), (8000, -20)), 0, Swell(0.5, 1.5), 1.0),), "clap"),
    "sea": Bed(
        -35,
        (
            Layer(((60, -8), (200, -2), (600, 0), (2000, -4), (6000, -14), (14000, -28)), 0, Swell(0.11, 14, "wave")),
            Layer(((40, -2), (120, 0), (400, -10), (1500, -26)), -7, Swell(0.09, 6, "wave"), 0.0),
        ),
    ),
    "stream": Bed(
        -38,
        (Layer(((200, -24), (500, -4), (1200, 0), (3000, -6), (8000, -22)), 0, Swell(6.0, 1.5), 0.9),),
        texture="bubble",
    ),
    "boil": Bed(  # A kettle before it is hot.
        -38,
        (Layer(((100, -8), (300, 0), (700, -3), (1500, -11), (4000, -22)), 0, Swell(9.0, 3.0), 0.4),),
        texture="gurgle",
    ),
    "underwater": Bed(-40, (Layer(((60, -4), (140, 0), (320, -6), (600, -24)), 0, Swell(0.4, 3), 0.8),), "gurgle"),
    "leaves": Bed(
        -42,
        (Layer(((60, -30), (300, -20), (800, -13), (2000, -5), (5000, 0), (10000, -8)), 0, Swell(0.35, 4), 0.9),),
    ),
    "hiss": Bed(-44, (Layer(((300, -14), (1500, -5), (6000, 0), (15000, -2)), 0, Swell(0.2, 0.3), 1.0),)),
    "vinyl": Bed(
        -46,
        (Layer(((50, 0), (150, -6), (700, -12), (3000, -8), (9000, -12)), 0, Swell(0.55, 1.0), 0.5),),
        texture="dust",
    ),
    "purr": Bed(
        -40,
        (
            Layer(
                ((40, -8), (90, 0), (240, -2), (600, -8), (1800, -20), (5000, -34)), 0, Swell(25.0, 18.0, "pulse"), 0.3
            ),
        ),
    ),
    "cicada": Bed(
        -42,
        (Layer(((3500, -30), (5200, 0), (6600, -2), (8500, -28)), 0, Swell(17.0, 10.0, "pulse"), 0.9),),
    ),
    "drone": Bed(  # Slow beats of a low chord.
        -40,
        (
            Layer(
                tones=(
                    (55, -2),
                    (55.13, -2),
                    (82.4, -4),
                    (110.2, 0),
                    (110.35, 0),
                    (164.9, -6),
                    (220.5, -9),
                    (330.9, -14),
                ),
                swell=Swell(0.08, 2.0),
                width=0.0,
            ),
            Layer(((150, -12), (300, 0), (700, -8), (2000, -28)), -6, Swell(0.06, 5), 1.0),
        ),
    ),
}

TEXTURES: Mapping[str, Event] = {
    "patter": Event(-6, (2500, 9000), Rhythm(0.035), (Grain("noise", (2500, 9000), 0.003),), 0.3, 5, -60),
    "crackle": Event(
        2, (1500, 9000), Rhythm(0.16, (1, 4), (0.01, 0.06)), (Grain("noise", (1500, 9000), 0.003),), 0.3, 6, -60
    ),
    "clap": Event(0, (900, 4000), Rhythm(0.03), (Grain("noise", (900, 4000), 0.006),), 0.3, 4, -60),
    "bubble": Event(-8, (400, 1200), Rhythm(0.05), (Grain("tone", (450, 900), 0.015),), 0.4, 5, -60),
    "gurgle": Event(2, (150, 600), Rhythm(0.5, (2, 6), (0.05, 0.12)), (Grain("tone", (180, 420), 0.04),), 0.4, 4, -60),
    "dust": Event(0, (1500, 10000), Rhythm(0.16), (Grain("noise", (1500, 10000), 0.001),), 0.3, 6, -60),
}
"""Dense events, referenced by beds; their level is relative to the bed's."""
