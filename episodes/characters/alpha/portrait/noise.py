"""Noise in space, the same on every machine: smooth values, their slope, and distances to scattered points."""

import numpy as np
from numba import njit, prange


@njit(cache=True)
def _hash(x, y, z, seed):
    """A number from 0 to 1 for a cell of the grid."""
    n = (x * 73856093) ^ (y * 19349663) ^ (z * 83492791) ^ (seed * 2654435761)
    n = (n ^ (n >> 15)) * 2246822519 & 0xFFFFFFFF
    n = (n ^ (n >> 13)) * 3266489917 & 0xFFFFFFFF
    return ((n ^ (n >> 16)) & 0xFFFFFF) / 16777216.0


@njit(cache=True)
def _smooth(px, py, pz, seed):
    x, y, z = int(np.floor(px)), int(np.floor(py)), int(np.floor(pz))
    u, v, w = px - x, py - y, pz - z
    u, v, w = u * u * (3 - 2 * u), v * v * (3 - 2 * v), w * w * (3 - 2 * w)
    total = 0.0
    for k in range(8):
        i, j, m = k & 1, (k >> 1) & 1, k >> 2
        weight = (u if i else 1 - u) * (v if j else 1 - v) * (w if m else 1 - w)
        total += weight * _hash(x + i, y + j, z + m, seed)
    return total


@njit(cache=True, parallel=True)
def values(points, frequency, seed):
    """(N,) from 0 to 1, with `frequency` cells in a decimetre."""
    found = np.empty(len(points))
    for k in prange(len(points)):
        found[k] = _smooth(points[k, 0] * frequency, points[k, 1] * frequency, points[k, 2] * frequency, seed)
    return found


@njit(cache=True, parallel=True)
def slopes(points, frequency, seed):
    """(N, 3): the slope of `values` along each axis, per cell."""
    found = np.empty((len(points), 3))
    e = 0.25
    for k in prange(len(points)):
        x, y, z = points[k, 0] * frequency, points[k, 1] * frequency, points[k, 2] * frequency
        found[k, 0] = (_smooth(x + e, y, z, seed) - _smooth(x - e, y, z, seed)) / (2 * e)
        found[k, 1] = (_smooth(x, y + e, z, seed) - _smooth(x, y - e, z, seed)) / (2 * e)
        found[k, 2] = (_smooth(x, y, z + e, seed) - _smooth(x, y, z - e, seed)) / (2 * e)
    return found


@njit(cache=True, parallel=True)
def dots(points, frequency, seed):
    """(N,) distance in cells to the nearest of points that are scattered one to a cell (Worley, 1996)."""
    found = np.empty(len(points))
    for k in prange(len(points)):
        px, py, pz = points[k, 0] * frequency, points[k, 1] * frequency, points[k, 2] * frequency
        x, y, z = int(np.floor(px)), int(np.floor(py)), int(np.floor(pz))
        least = 9.0
        for c in range(27):
            i, j, m = x + c % 3 - 1, y + c // 3 % 3 - 1, z + c // 9 - 1
            dx = i + _hash(i, j, m, seed) - px
            dy = j + _hash(i, j, m, seed + 1) - py
            dz = m + _hash(i, j, m, seed + 2) - pz
            least = min(least, dx * dx + dy * dy + dz * dz)
        found[k] = np.sqrt(least)
    return found
