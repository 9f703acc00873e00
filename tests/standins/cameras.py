"""Cameras around the origin, as the stages of a trained scene are given them."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from episodec.splat.relief import DISTANCE_M, FOV_Y_DEG

Doubles = NDArray[np.float64]


def around(
    angles_deg: Sequence[float], size: int, times: Sequence[float] = ()
) -> tuple[tuple[int, int], Doubles, Doubles, Doubles]:
    """The input of `film.rows.pack`: level cameras that look at the origin, from the front towards its left."""
    poses = np.tile(np.eye(4), (len(angles_deg), 1, 1))
    for pose, degrees in zip(poses, angles_deg, strict=True):
        angle = math.radians(degrees)
        pose[0, [0, 2]] = math.cos(angle), math.sin(angle)
        pose[2, [0, 2]] = -math.sin(angle), math.cos(angle)
        pose[:3, 3] = DISTANCE_M * math.sin(angle), 0, DISTANCE_M * math.cos(angle)
    focal = 0.5 * size / math.tan(math.radians(FOV_Y_DEG / 2))
    lenses = np.tile([focal, focal, size / 2, size / 2], (len(angles_deg), 1))
    return (size, size), poses, lenses, np.array(times or [0.5] * len(angles_deg), np.float64)
