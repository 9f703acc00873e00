"""Smoothed thin-plate splines in the plane: maps from some points to others that bend as little as possible.

Duchon (1977), Wahba (1990), section 2.4: f(p) = a + B p + sum of c_i U(|p - p_i|), U(r) = r² log r, with (U + S) c +
(a, B) = q and c orthogonal to constants and coordinates; S is diagonal.

Invariant: the same bits everywhere. The system is solved by elimination with row pivots in one fixed order, the
logarithm is computed from sums and products, and no linear algebra library is used.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from episodec.compiled import kernel, log

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Plate:
    """A map of the plane.

    Attributes:
        sources: (n, 2), the points that it was fitted at.
        bends: (n, 2), c for both coordinates of the map.
        affine: (3, 2): the constant, and the slopes along x and along y.
    """

    sources: Floats
    bends: Floats
    affine: Floats

    def at(self, points: Floats) -> Floats:
        """(m, 2): the images of (m, 2) points."""
        mapped = np.empty((len(points), 2))
        _map(np.ascontiguousarray(points, np.float64), self.sources, self.bends, self.affine, mapped)
        return mapped


def plate(sources: Floats, targets: Floats, smoothing: Floats) -> Plate:
    """The map that takes (n, 2) sources near (n, 2) targets; smoothing: (n,), 0 or more, 0 for an exact match.

    Raises:
        ValueError: two sources to be matched exactly coincide, or all are collinear.
    """
    count = len(sources)
    system = np.zeros((count + 3, count + 3))
    right = np.zeros((count + 3, 2))
    right[:count] = targets
    _fill(np.ascontiguousarray(sources, np.float64), np.ascontiguousarray(smoothing, np.float64), system)
    if not _solve(system, right):
        raise ValueError("no thin-plate spline fits these points")
    return Plate(np.array(sources, np.float64), right[:count].copy(), right[count:].copy())


def solved(system: Floats, right: Floats) -> Floats:
    """(n, k): the solution x of system x = right, for (n, n) and (n, k).

    Raises:
        ValueError: the system has no unique solution.
    """
    solution = np.array(right, np.float64)
    if not _solve(np.array(system, np.float64), solution):
        raise ValueError("the equations have no unique solution")
    return solution


@kernel
def _bend(x, y):
    """r² log r = ½ r² log r²."""
    square = x * x + y * y
    return 0.5 * square * log(square) if square > 0.0 else 0.0


@kernel
def _fill(sources, smoothing, system):
    count = len(sources)
    for i in range(count):
        for j in range(i):
            bend = _bend(sources[i, 0] - sources[j, 0], sources[i, 1] - sources[j, 1])
            system[i, j] = bend
            system[j, i] = bend
        system[i, i] = smoothing[i]
        for k in range(3):
            value = 1.0 if k == 0 else sources[i, k - 1]
            system[i, count + k] = value
            system[count + k, i] = value


@kernel
def _solve(system, right):
    """Elimination in place, the solution in `right`; False if a pivot is too small beside the system's largest."""
    count, width = len(system), right.shape[1]
    largest = 0.0
    for i in range(count):
        for j in range(count):
            largest = max(largest, abs(system[i, j]))
    for k in range(count):
        best = k
        for i in range(k + 1, count):
            if abs(system[i, k]) > abs(system[best, k]):
                best = i
        if not abs(system[best, k]) > 1e-13 * largest:
            return False
        if best != k:
            for j in range(k, count):
                system[k, j], system[best, j] = system[best, j], system[k, j]
            for j in range(width):
                right[k, j], right[best, j] = right[best, j], right[k, j]
        for i in range(k + 1, count):
            part = system[i, k] / system[k, k]
            if part != 0.0:
                for j in range(k + 1, count):
                    system[i, j] -= part * system[k, j]
                for j in range(width):
                    right[i, j] -= part * right[k, j]
    for k in range(count - 1, -1, -1):
        for j in range(width):
            total = right[k, j]
            for i in range(k + 1, count):
                total -= system[k, i] * right[i, j]
            right[k, j] = total / system[k, k]
    return True


@kernel
def _map(points, sources, bends, affine, out):
    for row in range(len(points)):
        x, y = points[row, 0], points[row, 1]
        across = affine[0, 0] + x * affine[1, 0] + y * affine[2, 0]
        down = affine[0, 1] + x * affine[1, 1] + y * affine[2, 1]
        for k in range(len(sources)):
            bend = _bend(x - sources[k, 0], y - sources[k, 1])
            across += bend * bends[k, 0]
            down += bend * bends[k, 1]
        out[row, 0], out[row, 1] = across, down
