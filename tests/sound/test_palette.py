"""Every sound of the palette is recognisable by what is measured of it: where it lies, how often, how it trembles."""

from functools import cache
from itertools import combinations
from typing import NamedTuple

import numpy as np
import pytest

from episodec.sound import palette
from episodec.sound.beds import make_bed
from episodec.sound.events import Manner, play
from episodec.sound.ground import Ground
from episodec.sound.lexicon import BEDS, EVENTS

SECONDS = 12
STEP = 960  # 20 ms.


class Trait(NamedTuple):
    """The measurements of a bed."""

    centroid_hz: float
    low: float  # The share of power below 150 Hz.
    high: float  # Above 2.4 kHz.
    restless_db: float  # The spread of its level.
    tremble_hz: float  # Where most of its level's movement lies, from 0.7 Hz on.
    tonal: float  # The share of power in the 30 strongest of all lines.


class Strokes(NamedTuple):
    """The measurements of an event."""

    centroid_hz: float
    width: float  # In octaves, of a standard deviation.
    strokes: int  # In a minute.
    sounding: float  # The share of time in which it is heard.


@cache
def trait(bed: str) -> Trait:
    rng = np.random.Generator(np.random.PCG64(3))
    table = palette.BEDS[bed]
    sound = make_bed(table, SECONDS * 48_000, rng)
    if table.texture:
        texture = palette.TEXTURES[table.texture]
        sound = sound + play(texture, Manner(table.level_db + texture.level_db), len(sound), rng)[0]
    mono = sound.mean(axis=1)
    power = abs(np.fft.rfft(mono)) ** 2
    hertz = np.fft.rfftfreq(len(mono), 1 / 48_000)
    levels = 10 * np.log10((mono.reshape(-1, STEP) ** 2).mean(axis=1) + 1e-14)
    movement = abs(np.fft.rfft((levels - levels.mean()) * np.hanning(len(levels))))
    rates = np.fft.rfftfreq(len(levels), STEP / 48_000)
    movement[rates < 0.7] = 0
    return Trait(
        centroid_hz=float((power * hertz).sum() / power.sum()),
        low=float(power[hertz < 150].sum() / power.sum()),
        high=float(power[hertz > 2400].sum() / power.sum()),
        restless_db=float(levels.std()),
        tremble_hz=float(rates[movement.argmax()]),
        tonal=float(np.sort(power)[-30:].sum() / power.sum()),
    )


@cache
def strokes(event: str) -> Strokes:
    rng = np.random.Generator(np.random.PCG64(3))
    sound, starts = play(palette.EVENTS[event], Manner(-20), 60 * 48_000, rng)
    mono = sound.mean(axis=1)
    power = abs(np.fft.rfft(mono)) ** 2
    hertz = np.maximum(np.fft.rfftfreq(len(mono), 1 / 48_000), 1)
    centroid = (power * hertz).sum() / power.sum()
    octaves = np.log2(hertz / centroid)
    middle = (power * octaves).sum() / power.sum()
    levels = (mono.reshape(-1, STEP) ** 2).mean(axis=1)
    return Strokes(
        centroid_hz=float(centroid),
        width=float(np.sqrt((power * (octaves - middle) ** 2).sum() / power.sum())),
        strokes=len(starts),
        sounding=float((levels > levels.max() * 1e-3).mean()),
    )


BED_CENTROIDS_HZ = {
    "room": (420, 650),
    "air": (990, 1500),
    "hum": (150, 240),
    "fridge": (190, 300),
    "engine": (170, 270),
    "rumble": (290, 450),
    "cabin": (1200, 1900),
    "wind": (330, 520),
    "rain": (5000, 7800),
    "city": (360, 570),
    "hush": (160, 260),
    "night": (790, 1200),
    "fire": (2500, 3900),
    "crowd": (520, 820),
    "applause": (2200, 3500),
    "sea": (1200, 1900),
    "stream": (1300, 2100),
    "boil": (470, 740),
    "underwater": (150, 240),
    "leaves": (4300, 6700),
    "hiss": (7000, 11000),
    "vinyl": (3500, 5500),
    "purr": (330, 520),
    "cicada": (4700, 7300),
    "drone": (110, 170),
}

TREMBLES_HZ = {"engine": 14.0, "fridge": 1.6, "purr": 25.0, "cicada": 17.0}
RESTLESS_DB = {"hiss": (0.0, 0.6), "air": (0.0, 1.0), "hum": (0.0, 1.5), "wind": (2.5, 6.0), "crowd": (2.0, 5.0)}
TONAL = {"hum": 0.6, "fridge": 0.6, "engine": 0.4, "drone": 0.6}

EVENTS_MEASURED = {  # Centroid from and to, in Hz; strokes a minute from and to.
    "scratch": (5100, 8000, 36, 96),
    "click": (3400, 5300, 15, 42),
    "key": (2600, 4000, 92, 247),
    "page": (4100, 6400, 7, 21),
    "clock": (3400, 5300, 71, 191),
    "printer": (1200, 1900, 57, 152),
    "disk": (1200, 1900, 107, 287),
    "beep": (790, 1200, 18, 48),
    "ring": (1700, 2700, 20, 55),
    "drip": (720, 1100, 19, 53),
    "pane": (2100, 3300, 109, 293),
    "cup": (2400, 3700, 21, 56),
    "steam": (4200, 6500, 3, 8),
    "whistle": (1800, 2900, 5, 15),
    "step": (650, 1000, 38, 103),
    "door": (400, 630, 4, 12),
    "knock": (310, 490, 21, 58),
    "bell": (1100, 1700, 7, 21),
    "toll": (250, 400, 13, 37),
    "chime": (500, 790, 3, 10),
    "clack": (330, 520, 51, 138),
    "screech": (2700, 4200, 6, 16),
    "pass": (520, 810, 7, 20),
    "horn": (490, 770, 6, 18),
    "shiphorn": (170, 260, 4, 12),
    "siren": (750, 1200, 3, 10),
    "hammer": (1300, 2100, 35, 95),
    "drill": (590, 920, 5, 15),
    "thunder": (99, 150, 3, 10),
    "heart": (91, 140, 37, 101),
    "breath": (1400, 2200, 10, 28),
    "chirp": (3200, 4900, 27, 74),
    "tit": (3500, 5400, 33, 90),
    "warble": (2300, 3600, 9, 26),
    "gull": (2000, 3200, 24, 66),
    "crow": (1100, 1700, 12, 32),
    "owl": (310, 490, 6, 16),
    "cuckoo": (490, 760, 15, 40),
    "dove": (370, 580, 14, 39),
    "woodpecker": (1400, 2100, 5, 15),
    "rooster": (1900, 3000, 3, 10),
    "dog": (780, 1200, 14, 39),
    "meow": (1300, 2000, 4, 12),
    "cow": (370, 570, 3, 8),
    "horse": (970, 1500, 58, 156),
    "frog": (990, 1500, 33, 88),
    "cricket": (3500, 5500, 265, 709),
    "bee": (280, 440, 8, 23),
    "mosquito": (660, 1000, 7, 21),
    "wolf": (650, 1000, 3, 10),
}


@pytest.mark.parametrize("bed", palette.BEDS)
def test_each_bed_lies_where_one_expects_it(bed: str) -> None:
    first, last = BED_CENTROIDS_HZ[bed]
    assert first <= trait(bed).centroid_hz <= last


@pytest.mark.parametrize("event", palette.EVENTS)
def test_each_event_lies_where_one_expects_it_and_comes_as_often(event: str) -> None:
    first, last, fewest, most = EVENTS_MEASURED[event]
    measured = strokes(event)
    assert first <= measured.centroid_hz <= last
    assert fewest <= measured.strokes <= most


@pytest.mark.parametrize("bed", TREMBLES_HZ)
def test_what_trembles_is_heard_to(bed: str) -> None:
    assert trait(bed).tremble_hz == pytest.approx(TREMBLES_HZ[bed], rel=0.1)


@pytest.mark.parametrize("bed", RESTLESS_DB)
def test_machines_are_even_and_weather_is_not(bed: str) -> None:
    least, most = RESTLESS_DB[bed]
    assert least <= trait(bed).restless_db <= most


@pytest.mark.parametrize("bed", sorted(palette.BEDS))
def test_what_hums_has_lines_and_nothing_else_has(bed: str) -> None:
    if bed in TONAL:
        assert trait(bed).tonal > TONAL[bed]
    else:
        assert trait(bed).tonal < 0.3


@pytest.mark.parametrize("bed", ["hum", "fridge", "engine", "rumble", "hush", "drone"])
def test_a_low_bed_is_heard_on_a_small_loudspeaker_too(bed: str) -> None:
    """Of its power, as the ear weighs it, more than a hundredth lies above 300 Hz."""
    sound = make_bed(palette.BEDS[bed], 4 * 48_000, np.random.Generator(np.random.PCG64(1)))
    ground = Ground.of(sound)
    assert ground.level_db((300, 20_000)) > ground.heard_db - 20


def test_no_two_sounds_measure_the_same() -> None:
    beds = {(a, b): _bed_distance(trait(a), trait(b)) for a, b in combinations(palette.BEDS, 2)}
    events = {(a, b): _stroke_distance(strokes(a), strokes(b)) for a, b in combinations(palette.EVENTS, 2)}
    assert {pair: distance for pair, distance in {**beds, **events}.items() if distance < 0.5} == {}


def test_the_tables_tell_of_every_sound() -> None:
    assert set(BED_CENTROIDS_HZ) == set(BEDS) == set(palette.BEDS)
    assert set(EVENTS_MEASURED) == set(EVENTS) == set(palette.EVENTS)


def _bed_distance(trait: Trait, other: Trait) -> float:
    """In just noticeable steps: half an octave, a seventh of the power, a dB of restlessness."""
    steps = [
        np.log2(trait.centroid_hz / other.centroid_hz) / 0.5,
        (trait.low - other.low) / 0.15,
        (trait.high - other.high) / 0.15,
        trait.restless_db - other.restless_db,
        (trait.tonal - other.tonal) / 0.3,
    ]
    return float(np.sqrt(np.sum(np.square(steps))))


def _stroke_distance(strokes: Strokes, other: Strokes) -> float:
    """In just noticeable steps: half an octave, a third of an octave of width, twice as often, twice as long."""
    steps = [
        np.log2(strokes.centroid_hz / other.centroid_hz) / 0.5,
        (strokes.width - other.width) / 0.3,
        np.log2(strokes.strokes / other.strokes),
        np.log2(strokes.sounding / other.sounding),
    ]
    return float(np.sqrt(np.sum(np.square(steps))))
