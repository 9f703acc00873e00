"""Warnings on framing: a camera inside the character, or one that does not see it.

The character is known only as a ball around the origin. A scene from a file may be anywhere and is not judged.
"""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from episodec.film.exact import Floats
from episodec.film.plan import FramePlan

BODY_RADIUS_M = 0.4  # The reach of head and shoulders that fill a portrait at 2.6 m and 35 degrees.


@dataclass(frozen=True, slots=True)
class FramingWarning:
    """The first frame of one segment that has the flaw."""

    kind: Literal["inside", "away"]
    segment: int  # Of the camera track.
    frame: int  # From the segment's start.
    distance_m: float  # From the camera to the centre of the character.


def framing_warnings(plan: FramePlan) -> list[FramingWarning]:
    """For each camera segment and kind, the first frame that deserves a warning."""
    position = plan.camera_to_world[:, :3, 3]
    distance = np.sqrt((position * position).sum(axis=1))
    inside = distance < BODY_RADIUS_M
    away = ~inside & (
        _angle_rad(plan) - np.arcsin(np.minimum(1, BODY_RADIUS_M / np.maximum(distance, 1e-9))) > _half_view_rad(plan)
    )
    warnings: list[FramingWarning] = []
    for place, stretch in enumerate(one for one in plan.stretches if one.track == "camera"):
        rows = slice(stretch.start_frame, stretch.end_frame)
        kinds: tuple[tuple[Literal["inside", "away"], NDArray[np.bool_]], ...] = (("inside", inside), ("away", away))
        for kind, where in kinds:
            if where[rows].any():
                frame = int(np.argmax(where[rows]))
                warnings.append(FramingWarning(kind, place, frame, float(distance[rows][frame])))
    return warnings


def _angle_rad(plan: FramePlan) -> Floats:
    """The angle between the direction of view and the direction to the character, (N,)."""
    position, back = plan.camera_to_world[:, :3, 3], plan.camera_to_world[:, :3, 2]
    distance = np.maximum(np.sqrt((position * position).sum(axis=1)), 1e-9)
    cosine = (position * back).sum(axis=1) / distance
    angle: Floats = np.arccos(np.clip(cosine, -1, 1))
    return angle


def _half_view_rad(plan: FramePlan) -> Floats:
    """Half the angle of view from corner to corner, (N,)."""
    half: Floats = np.arctan(math.hypot(*plan.size) / 2 / plan.intrinsics[:, 0])
    return half
