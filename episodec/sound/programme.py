"""One programme of a voice and an ambience: ducked, brought to a loudness, held under a true peak."""

from dataclasses import dataclass

import numpy as np

from episodec.sound.duck import Ducking, Mono, duck_gain
from episodec.sound.loudness import Sound, integrated, prevailing, true_peak
from episodec.sound.mastering import amplitude, exact, master

HEADROOM_DB = 0.3  # Under the ceiling: what encoding adds to peaks (measured: 0.15 dB of AAC at 128 to 256 kbit/s).
TOLERANCE_LU = 0.5


@dataclass(frozen=True, slots=True)
class Goal:
    """What a programme must measure, and how it comes together."""

    target_lufs: float
    true_peak_dbtp: float
    ambience_db: float  # How loud it is most of the time, before ducking, against the voice's loudness.
    ducking: Ducking


@dataclass(frozen=True, slots=True)
class Measured:
    """What became of it; None where there is silence."""

    loudness_lufs: float | None
    true_peak_dbtp: float | None
    voice_lufs: float | None  # As it came.
    ambience_lufs: float | None  # As it came, most of the time.
    gain_db: float  # Of the voice; of the ambience, where it is alone.
    ambience_gain_db: float  # Before ducking.
    limited_db: float  # The deepest that the limiter went.
    ducked_db: float  # The deepest that the ambience was ducked.
    ducked_share: float  # Of the time, with the ambience ducked by more than half of the depth.


def mix(voice: Mono, ambience: Sound, goal: Goal) -> tuple[Sound, Measured]:
    """Both of the same length; the programme is (n, 2).

    Ambience alone is the programme and is brought to the target. Silence stays silence: its loudness is None. A target
    that cannot be reached under the true peak is missed, and `Measured` says by how much.
    """
    centre = np.repeat(voice[:, None], 2, axis=1)
    spoken, around = integrated(centre), prevailing(ambience)
    duck = np.ones(len(voice), np.float32)
    ambience_db = 0.0
    if spoken is not None and around is not None:
        duck = duck_gain(voice, spoken, goal.ducking)
        ambience_db = exact(spoken + goal.ambience_db - around)
    programme = centre + ambience * (duck * np.float32(amplitude(ambience_db)))[:, None]
    ceiling = amplitude(goal.true_peak_dbtp - HEADROOM_DB)
    mastered, loudness, gain_db, least = master(programme, goal.target_lufs, ceiling)
    peak = true_peak(mastered)
    return mastered, Measured(
        loudness_lufs=loudness,
        true_peak_dbtp=_decibels(peak) if peak > 0 else None,
        voice_lufs=spoken,
        ambience_lufs=around,
        gain_db=gain_db,
        ambience_gain_db=gain_db + ambience_db,
        limited_db=abs(_decibels(least)),
        ducked_db=abs(_decibels(float(duck.min(initial=1.0)))),
        ducked_share=float(np.mean(duck < amplitude(-goal.ducking.depth_db / 2))) if len(duck) else 0.0,
    )


def _decibels(amplitude: float) -> float:
    return float(20 * np.log10(amplitude))
