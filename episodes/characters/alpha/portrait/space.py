"""Distances from the body on a grid: hair rests on it and stays outside of it."""

import numpy as np
from numba import njit
from scipy.ndimage import distance_transform_edt, gaussian_filter

from portrait.raster import depths

CELL = 0.035
LOW, HIGH = np.array([-2.6, 2.9, -1.6]), np.array([2.6, 8.3, 2.3])


def distances(body):
    """(X, Y, Z, 2): signed distances to the body, below 0 inside: blurred, to smooth out ears, and exact."""
    size = ((HIGH - LOW) / CELL).astype(int)
    grid = (body.points - LOW) / CELL

    def along(axis, sign):
        """(A, B): the outermost surface along an axis, in cells."""
        others = [one for one in range(3) if one != axis]
        screen = np.stack([grid[:, others[0]], grid[:, others[1]], sign * grid[:, axis]], 1)
        side = int(max(size))
        return sign * depths(screen, body.triangles, body.cut, side).T[: size[others[0]], : size[others[1]]].astype(
            float
        )

    z, x = np.arange(size[2]) + 0.5, np.arange(size[0])[:, None, None] + 0.5
    inside = (
        (z < along(2, 1)[..., None])
        & (z > along(2, -1)[..., None])
        & (x < along(0, 1)[None])
        & (x > along(0, -1)[None])
    )
    signed = (distance_transform_edt(~inside) - distance_transform_edt(inside)) * CELL
    return np.stack([gaussian_filter(signed, 4.0), gaussian_filter(signed, 1.0)], -1).astype(np.float32)


@njit(cache=True)
def at(grid, x, y, z, which):
    """The distance at a place."""
    fx = min(max((x - LOW[0]) / CELL - 0.5, 0.0), grid.shape[0] - 1.001)
    fy = min(max((y - LOW[1]) / CELL - 0.5, 0.0), grid.shape[1] - 1.001)
    fz = min(max((z - LOW[2]) / CELL - 0.5, 0.0), grid.shape[2] - 1.001)
    i, j, k = int(fx), int(fy), int(fz)
    u, v, w = fx - i, fy - j, fz - k
    total = 0.0
    for c in range(8):
        a, b, d = c & 1, (c >> 1) & 1, c >> 2
        total += (u if a else 1 - u) * (v if b else 1 - v) * (w if d else 1 - w) * grid[i + a, j + b, k + d, which]
    return total


@njit(cache=True)
def outwards(grid, x, y, z, which):
    """The unit vector away from the body at a place."""
    e = CELL
    gx = at(grid, x + e, y, z, which) - at(grid, x - e, y, z, which)
    gy = at(grid, x, y + e, z, which) - at(grid, x, y - e, z, which)
    gz = at(grid, x, y, z + e, which) - at(grid, x, y, z - e, which)
    length = np.sqrt(gx * gx + gy * gy + gz * gz) + 1e-9
    return gx / length, gy / length, gz / length
