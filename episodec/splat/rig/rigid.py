"""The motion of a head from one slice of a scene to each other one: the nearest rigid motion of its Gaussians."""

import numpy as np
from numpy.typing import NDArray

from episodec.splat.scene import Floats, Slices

ROUNDS = 24

Depths = NDArray[np.float64]


def motions_of(slices: Slices, number: int, index: NDArray[np.uint32]) -> Depths:
    """(S, 3, 4): rotations and shifts that move the Gaussians `index` from slice `number` to each slice."""
    here = slices.means[number][index].astype(np.float64)
    return np.stack([rigid(here, slices.means[k][index]) for k in range(len(slices.means))])


def rigid(here: Depths, there: Floats | Depths) -> Depths:
    """(3, 4): the rotation and shift that bring (n, 3) nearest to (n, 3), in least squares (Horn, 1988)."""
    to = there.astype(np.float64)
    a, b = here - here.mean(axis=0), to - to.mean(axis=0)
    cross = np.array([[float((b[:, i] * a[:, j]).sum()) for j in range(3)] for i in range(3)])
    rotation = _orthogonal(cross)
    middle, after = here.mean(axis=0), to.mean(axis=0)
    shift = after - (rotation * middle).sum(axis=1)
    return np.concatenate([rotation, shift[:, None]], axis=1)


def _orthogonal(matrix: Depths) -> Depths:
    """The nearest rotation, by Newton's iteration of the polar decomposition (Higham, 1986); the identity for a flat
    matrix.
    """
    size = float(np.abs(matrix).max())
    rotation = matrix / size if size else np.eye(3)
    for _ in range(ROUNDS):
        cofactors = np.array([np.cross(rotation[(i + 1) % 3], rotation[(i + 2) % 3]) for i in range(3)])
        determinant = float((rotation[0] * cofactors[0]).sum())
        if not determinant > 1e-12:
            return np.eye(3)
        # Scaled so that a rotation's determinant does not change.
        rotation = 0.5 * (rotation + cofactors / determinant)
    return rotation
