"""Finds the triangles of a mesh that are visible from any side: the inside needs no Gaussians."""

import math

import numpy as np
from numpy.typing import NDArray

from episodec.face.head import Quads
from episodec.face.raster import z_buffer

STEP_DEG = 30
TILTS_DEG = (-30, 0, 30)
SIDE = 220  # Pixels of each view.

Depths = NDArray[np.float64]


def faces_outside(vertices: Depths, triangles: Quads) -> Quads:
    """The triangles of (T, 3) that parallel cameras around (V, 3) see: x right, y down, z nearer."""
    low, high = vertices.min(axis=0), vertices.max(axis=0)
    size = float(np.sqrt(((high - low) ** 2).sum()))
    away = (vertices - (low + high) / 2) * (SIDE / size)
    is_seen = np.zeros(len(triangles), np.bool_)
    for yaw in range(0, 360, STEP_DEG):
        for tilt in TILTS_DEG:
            places, near = _turned(away, math.radians(yaw), math.radians(tilt))
            nearest = z_buffer(places + SIDE / 2, near, triangles, SIDE, SIDE).triangle
            is_seen[nearest[nearest >= 0]] = True
    corners = np.zeros(len(vertices), np.bool_)
    corners[triangles[is_seen]] = True
    outside: Quads = triangles[corners[triangles].all(axis=1)]
    return outside


def _turned(points: Depths, yaw: float, tilt: float) -> tuple[Depths, Depths]:
    x = math.cos(yaw) * points[:, 0] - math.sin(yaw) * points[:, 2]
    z = math.sin(yaw) * points[:, 0] + math.cos(yaw) * points[:, 2]
    y = math.cos(tilt) * points[:, 1] - math.sin(tilt) * z
    return np.stack([x, y], axis=1), math.sin(tilt) * points[:, 1] + math.cos(tilt) * z
