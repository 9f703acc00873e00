"""Where a point of the world appears in the frames of a film."""

import numpy as np

from episodec.film.exact import Floats
from episodec.film.rows import Rows

NEAR_M = 1e-3  # Closer to the camera's plane, or behind it, nothing is visible.


def seen_at(rows: Rows, point: tuple[float, float, float]) -> Floats:
    """(F, 2): x and y in pixels from the top left, for each frame; NaN where the point is behind the camera."""
    poses = rows.camera_to_world
    way = np.asarray(point, np.float64) - poses[:, :3, 3]
    right, up, back = ((way * poses[:, :3, axis]).sum(axis=1) for axis in range(3))
    depth = np.where(back < -NEAR_M, -back, np.nan)
    fx, fy, cx, cy = rows.intrinsics.T
    places: Floats = np.stack([cx + fx * right / depth, cy - fy * up / depth], axis=1)
    return places[rows.order]
