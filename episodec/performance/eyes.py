"""Blinks and the direction of the eyes.

One blink per cell of 2.5 s of film time, at a moment hashed from the seed and the cell's number, moved to the end of a
sentence if one follows within 0.4 s. All moments are within the middle 1.3 s of their cells, so consecutive blinks are
1.2 to 3.8 s apart and 30 s have 12 of them.
"""

from collections.abc import Sequence

import numpy as np

from episodec.performance.channels import PLACES, SHAPES, sides
from episodec.performance.curves import chance, darting, eased, hill
from episodec.performance.spoken import SoundedWord
from episodec.performance.track import Floats

CELL_S = 2.5
_FIRST_S, _LAST_S = 0.6, 1.9  # The part of a cell in which its blink may be.
_LATER_S = 0.4  # How far a blink may be delayed to the end of a sentence.
_CLOSING_S, _SHUT_S, _OPENING_S = 0.08, 0.042, 0.15  # Closed for a whole frame, even at 24 a second.

RANGE_DEG = 30.0  # The angle of a look at weight 1.
_MOST_DEG = 8.0  # Eyes follow the camera no further; beyond that the head would turn.
_DEG = 57.29577951308232


def blink_moments(words: Sequence[SoundedWord], seed: str, length_s: float) -> list[float]:
    """The moments at which the lids are closed, in seconds, in order."""
    ends = sorted(word.end_s for word in words if word.is_last)
    moments = []
    for cell in range(int(length_s / CELL_S) + 1):
        moment = CELL_S * cell + _FIRST_S + (_LAST_S - _FIRST_S) * chance(seed, "blink", cell)
        latest = min(moment + _LATER_S, CELL_S * cell + _LAST_S)
        moments.append(next((end for end in ends if moment <= end <= latest), moment))
    return moments


def blinks(words: Sequence[SoundedWord], seed: str, at_s: Floats) -> Floats:
    """(F, 52): the lids closing, and opening more slowly."""
    weights = np.zeros((len(at_s), len(SHAPES)))
    shut = np.zeros(len(at_s))
    for moment in blink_moments(words, seed, float(at_s[-1]) if len(at_s) else 0.0):
        end = moment + _SHUT_S
        first, last = np.searchsorted(at_s, [moment - _CLOSING_S, end + _OPENING_S])
        some = slice(int(first), int(last))
        shut[some] = np.maximum(shut[some], hill(at_s[some], (moment - _CLOSING_S, moment), (end, end + _OPENING_S)))
    for side in sides("eyeBlink"):
        weights[:, PLACES[side]] = shut
    return weights


def gaze(cameras: Floats | None, face: tuple[float, float, float], head: Floats, seed: str, at_s: Floats) -> Floats:
    """(F, 52): the eyes look at the camera, up to 8 degrees away, with small shifts.

    cameras: (F, 3), positions of the camera, metres, world; None: the face's position is not known. head: (F, 3)
    degrees.
    """
    shift_yaw = 1.8 * darting(seed, "look aside", at_s, 1.6, 0.05)
    shift_pitch = 1.0 * darting(seed, "look up", at_s, 2.1, 0.05)
    yaw, pitch = (np.zeros(len(at_s)),) * 2 if cameras is None else _towards(cameras, face)
    yaw = np.clip(yaw - head[:, 0] + shift_yaw, -_MOST_DEG, _MOST_DEG) / RANGE_DEG
    pitch = np.clip(pitch - head[:, 1] + shift_pitch, -_MOST_DEG, _MOST_DEG) / RANGE_DEG
    left, right, up, down = (np.maximum(values, 0.0) for values in (yaw, -yaw, pitch, -pitch))
    looks = {"eyeLookOutLeft": left, "eyeLookInRight": left, "eyeLookInLeft": right, "eyeLookOutRight": right}
    looks |= {"eyeLookUpLeft": up, "eyeLookUpRight": up, "eyeLookDownLeft": down, "eyeLookDownRight": down}
    weights = np.zeros((len(at_s), len(SHAPES)))
    for name, values in looks.items():
        weights[:, PLACES[name]] = values
    return weights


def _towards(cameras: Floats, face: tuple[float, float, float]) -> tuple[Floats, Floats]:
    """Yaw and pitch of the camera as seen from the face, in degrees.

    Exact to 0.1 up to 30 degrees, further than eyes follow. A camera far to the side is not followed: people do not
    look out of the corners of their eyes for long.
    """
    right, up, front = (cameras[:, axis] - face[axis] for axis in range(3))
    level = np.sqrt(right * right + front * front)
    far = np.sqrt(right * right + up * up + front * front)
    level, far = np.where(level > 0.0, level, 1.0), np.where(far > 0.0, far, 1.0)
    follows = eased((front / level - 0.2) / 0.4)
    return _angle(right / level) * follows, _angle(up / far) * follows


def _angle(sine: Floats) -> Floats:
    """The arcsine by its series, in degrees: only operations that give the same result on every machine."""
    return _DEG * (sine + sine * sine * sine / 6.0)
