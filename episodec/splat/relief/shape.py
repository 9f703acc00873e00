"""Estimates a person's depth from the silhouette alone, by inflation."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from episodec.splat.relief.portrait import Mask, Portrait

GRID = 256  # Rows of the grid for the inflation.
_STEPS = 4000  # A face takes about 500.

Depths = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class ReliefDepth:
    """Depths in pixels towards the camera of the front (positive) and of the back, (h, w); 0 outside the mask."""

    front: Depths
    back: Depths


def shape_of(portrait: Portrait) -> ReliefDepth:
    """The shape of the person in a portrait."""
    mask = portrait.mask
    rounded = inflated(mask)
    across = mask.sum(axis=1)
    trunk = 0.26 * float(np.percentile(across[across > 0], 90))
    # Wide bodies are flat: inflation beyond the trunk's depth is compressed.
    body = trunk * np.tanh(rounded / trunk)
    return ReliefDepth(body, -0.8 * body)


def inflated(mask: Mask, grid: int = GRID) -> Depths:
    """A rounded height above the mask: the root of the solution of Poisson's equation with 0 along the silhouette.

    Where the picture's edge cuts the person, the surface continues straight (Neumann). A disc becomes a hemisphere.

    grid: rows of the solver's grid.
    """
    height, width = mask.shape
    factor = grid / height
    size = (max(2, round(width * factor)), grid)
    small = cv2.resize(mask.astype(np.float32), size, interpolation=cv2.INTER_AREA) > 0.5
    squares = membrane(small)
    return softened(
        np.sqrt(np.maximum(cv2.resize(squares, (width, height), interpolation=cv2.INTER_CUBIC), 0)) / factor, mask
    )


def membrane(mask: Mask, known: Depths | None = None, source: float = 4.0) -> Depths:
    """The solution u of -laplace(u) = source on the mask, with Neumann conditions at the picture's edge; cells of 1.

    known: (h, w), its values outside the mask; 0 by default. The result is 0 there.

    Conjugate gradients (Hestenes and Stiefel, 1952), with sums in numpy's own order: the last bits of a direct solver
    depend on the processor's BLAS, and they end in a file.
    """
    height, width = mask.shape
    rows, columns = np.arange(height)[:, None], np.arange(width)[None, :]
    degree = (rows > 0).astype(np.float64) + (rows < height - 1) + (columns > 0) + (columns < width - 1)
    # A mask that fills the picture has no silhouette: the small weight keeps the system solvable.
    own = degree + 1e-6

    def applied(u: Depths) -> Depths:
        product = own * u
        product[:-1] -= u[1:]
        product[1:] -= u[:-1]
        product[:, :-1] -= u[:, 1:]
        product[:, 1:] -= u[:, :-1]
        return np.where(mask, product, 0.0)

    solution = np.zeros(mask.shape)
    residual = np.where(mask, source, 0.0)
    if known is not None:
        residual -= applied(np.where(mask, 0.0, known))
    direction, size = residual.copy(), float(np.add.reduce(np.square(residual), axis=None))
    enough = size * 1e-24
    for _ in range(_STEPS):
        if size <= enough:
            break
        image = applied(direction)
        step = size / float(np.add.reduce(direction * image, axis=None))
        solution += step * direction
        residual -= step * image
        before, size = size, float(np.add.reduce(np.square(residual), axis=None))
        direction = residual + (size / before) * direction
    return solution


def softened(depth: Depths, mask: Mask) -> Depths:
    """The depth smoothed within the mask, ignoring everything outside."""
    weight = cv2.GaussianBlur(mask.astype(np.float64), (0, 0), 1.5)
    softened: Depths = cv2.GaussianBlur(depth * mask, (0, 0), 1.5) / np.maximum(weight, 1e-6) * mask
    return softened
