"""Synthesises the ambience of a parsed prompt: beds, their textures, and events over them. Same prompt, same
samples.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from episodec.sound import palette
from episodec.sound.beds import Stereo, make_bed
from episodec.sound.events import Manner, play
from episodec.sound.ground import Ground
from episodec.sound.loudness import AMBIENCE_LUFS, Sound
from episodec.sound.mastering import master
from episodec.sound.palette import Event
from episodec.sound.prompt import Ambience
from episodec.sound.scenery import PromptedSound
from episodec.timebase import SAMPLE_RATE

FADE_S = 0.1  # At both ends, so that it can be joined to anything, including itself.
PEAK = 0.708  # -3 dBTP.

# How far a stroke is above the bed in its own band. A soft one may be half as far, but not below the minimum.
LIFT_DB, LEAST_LIFT_DB = 15.0, 9.0
_FAR_DB = -6.0


@dataclass(frozen=True, slots=True)
class Played:
    """A sound as played."""

    sound: str
    level_db: float  # dBFS before normalisation: for a bed its mean, for an event its strokes.
    starts: tuple[int, ...] = ()  # Samples; empty for a bed.


def make_ambience(ambience: Ambience, take: int, length: int) -> tuple[Sound, tuple[Played, ...]]:
    """The ambience, (length, 2) at `AMBIENCE_LUFS`, or below if its peaks require it, and the sounds in it."""
    mix = np.zeros((length, 2))
    played = []
    for prompted in (one for one in ambience.sounds if one.is_bed):
        mix += _bed(prompted, length, partial(_rng, ambience.normal, take))
        played.append(Played(prompted.sound, _bed_level_db(prompted)))
    events = [one for one in ambience.sounds if not one.is_bed]
    ground = Ground.of(mix) if events else None
    for prompted in events:
        assert ground is not None
        event = palette.EVENTS[prompted.sound]
        manner = Manner(_stroke_level_db(prompted, event, ground), prompted.density, prompted.is_far)
        strokes, starts = play(event, manner, length, _rng(ambience.normal, take, prompted.sound))
        mix += strokes
        played.append(Played(prompted.sound, manner.level_db, starts))
    return _finished(mix), tuple(played)


def _rng(normal: str, take: int, layer: str) -> np.random.Generator:
    """A random generator per layer, so that changing a word of the prompt changes nothing else."""
    seed = hashlib.sha256("\0".join(("ambience/1", normal, str(take), layer)).encode()).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(seed[:16], "little")))


def _bed_level_db(prompted: PromptedSound) -> float:
    return palette.BEDS[prompted.sound].level_db + prompted.level_db + (_FAR_DB if prompted.is_far else 0)


def _stroke_level_db(prompted: PromptedSound, event: Event, ground: Ground) -> float:
    """The event's level over the bed, raised if needed to be audible over the bed in its own band."""
    changed_db = prompted.level_db + (_FAR_DB if prompted.is_far else 0)
    lift_db = max(LEAST_LIFT_DB, LIFT_DB + min(0.0, changed_db) / 2)
    return max(ground.heard_db + event.level_db + changed_db, ground.level_db(event.band) + lift_db)


def _bed(prompted: PromptedSound, length: int, rng: Callable[[str], np.random.Generator]) -> Stereo:
    bed = palette.BEDS[prompted.sound]
    samples = make_bed(bed, length, rng(prompted.sound))
    if bed.texture:
        event = palette.TEXTURES[bed.texture]
        samples += play(
            event,
            Manner(bed.level_db + event.level_db, prompted.density),
            length,
            rng(f"{prompted.sound}/{bed.texture}"),
        )[0]
    return np.asarray(samples * 10 ** ((_bed_level_db(prompted) - bed.level_db) / 20))


def _finished(mix: Stereo) -> Sound:
    """The sound faded and normalised to `AMBIENCE_LUFS`, its peaks limited."""
    fade = min(int(FADE_S * SAMPLE_RATE), len(mix) // 4)
    if fade:
        rise = np.sin(np.pi / 2 * (np.arange(fade) + 0.5) / fade)[:, None] ** 2
        mix[:fade] *= rise
        mix[-fade:] *= rise[::-1]
    return master(mix.astype(np.float32), AMBIENCE_LUFS, PEAK).sound
