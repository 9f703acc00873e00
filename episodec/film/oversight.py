"""What an author may not have meant: a camera inside the character, or one that does not see it.

Knows the character as a ball around the origin only: a scene from a file may lie anywhere, and is not judged.
"""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from episodec.film.exact import Floats
from episodec.film.plan import FramePlan

BODY_RADIUS_M = 0.4  # A head and shoulders that fill a portrait at 2.6 m and 35 degrees reach about so far.


@dataclass(frozen=True, slots=True)
class Oversight:
    """One segment's first frame with it."""

    kind: Literal["inside", "away"]
    segment: int  # Of the camera track.
    frame: int  # From the segment's start.
    distance_m: float  # From the camera to the middle of the character.


def oversights(plan: FramePlan) -> list[Oversight]:
    """The first frame of each camera segment, and of each kind, that deserves a warning."""
    position = plan.camera_to_world[:, :3, 3]
    distance = np.sqrt((position * position).sum(axis=1))
    inside = distance < BODY_RADIUS_M
    away = ~inside & (
        _angle_rad(plan) - np.arcsin(np.minimum(1, BODY_RADIUS_M / np.maximum(distance, 1e-9))) > _half_view_rad(plan)
    )
    found: list[Oversight] = []
    for place, stretch in enumerate(one for one in plan.stretches if one.track == "camera"):
        rows = slice(stretch.start_frame, stretch.end_frame)
        kinds: tuple[tuple[Literal["inside", "away"], NDArray[np.bool_]], ...] = (("inside", inside), ("away", away))
        for kind, where in kinds:
            if where[rows].any():
                frame = int(np.argmax(where[rows]))
                found.append(Oversight(kind, place, frame, float(distance[rows][frame])))
    return found


def _angle_rad(plan: FramePlan) -> Floats:
    """(N,): the angle between the direction of view and the way to the character."""
    position, back = plan.camera_to_world[:, :3, 3], plan.camera_to_world[:, :3, 2]
    distance = np.maximum(np.sqrt((position * position).sum(axis=1)), 1e-9)
    cosine = (position * back).sum(axis=1) / distance
    angle: Floats = np.arccos(np.clip(cosine, -1, 1))
    return angle


def _half_view_rad(plan: FramePlan) -> Floats:
    """(N,): half the angle of view from corner to corner."""
    half: Floats = np.arctan(math.hypot(*plan.size) / 2 / plan.intrinsics[:, 0])
    return half
