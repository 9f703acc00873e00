"""Mixes a voice and an ambience into a programme: ducked, brought to a loudness, held under a true peak."""

from dataclasses import dataclass

import numpy as np

from episodec.sound.duck import Ducking, Mono, duck_gain
from episodec.sound.loudness import Sound, integrated, prevailing, true_peak
from episodec.sound.mastering import amplitude, exact, master

HEADROOM_DB = 0.3  # Under the ceiling, for what encoding adds to peaks (measured: 0.15 dB of AAC at 128 to 256 kbit/s).
TOLERANCE_LU = 0.5


@dataclass(frozen=True, slots=True)
class Goal:
    """The targets of a programme, and the parameters of the mix."""

    target_lufs: float
    true_peak_dbtp: float
    ambience_db: float  # Its usual loudness before ducking, relative to the voice's.
    ducking: Ducking


@dataclass(frozen=True, slots=True)
class ProgrammeMeasurement:
    """Measurements of a programme; None for silence."""

    loudness_lufs: float | None
    true_peak_dbtp: float | None
    voice_lufs: float | None  # Unprocessed.
    ambience_lufs: float | None  # Unprocessed, its usual loudness.
    gain_db: float  # Of the voice; of the ambience if it is alone.
    ambience_gain_db: float  # Before ducking.
    limited_db: float  # The limiter's deepest reduction.
    ducked_db: float  # The deepest ducking of the ambience.
    ducked_share: float  # Of the time: the ambience is ducked by more than half of the depth.


def mix(voice: Mono, ambience: Sound, goal: Goal) -> tuple[Sound, ProgrammeMeasurement]:
    """The programme, (n, 2), of a voice and an ambience of the same length, and its measurements.

    Ambience alone is brought to the target as the programme. Silence stays silence: its loudness is None. A target that
    cannot be reached under the true peak is missed, and `Measured` says by how much.
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
    return mastered, ProgrammeMeasurement(
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
