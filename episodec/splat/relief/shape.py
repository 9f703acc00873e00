"""How deep a portrait's person is: an inflated silhouette, a head and a face where a face was found."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from episodec.splat.relief.portrait import Face, Mask, Portrait

GRID = 256  # Rows on which the inflation is solved.
_STEPS = 4000  # A face takes some 500.

Depths = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """Depths in pixels towards the camera of the front (positive) and of the back, (h, w); 0 outside of the mask.

    `head` is 1 on the head and 0 on the trunk, smooth between: what a head's turn takes with it.
    """

    front: Depths
    back: Depths
    head: Depths


def shape_of(portrait: Portrait) -> Shape:
    """The shape of the person in a portrait."""
    mask = portrait.mask
    rounded = _inflated(mask)
    across = mask.sum(axis=1)
    trunk = 0.26 * float(np.percentile(across[across > 0], 90))
    # Wide bodies are as flat as bodies are: what is inflated beyond the trunk's depth is held back.
    body = trunk * np.tanh(rounded / trunk)
    if portrait.face is None:
        return Shape(body, -0.8 * body, np.zeros_like(body))
    y, x = np.mgrid[: mask.shape[0], : mask.shape[1]].astype(np.float64)
    left, top, w, h = portrait.face.box
    cx, cy = left + w / 2, top + h / 2
    chin = cy + 0.62 * h
    head = _smooth_step((chin + 0.30 * h - y) / (0.55 * h)) * mask
    radius = ((x - cx) / (0.66 * w)) ** 2 + ((y - cy + 0.14 * h) / (0.86 * h)) ** 2
    dome = 0.78 * w * np.sqrt(np.clip(1 - radius, 0, None))
    # Where hair or a hat reaches beyond the head's oval, what is inflated stands for it.
    fringe = 0.6 * w * np.tanh(rounded / (0.6 * w))
    skull = _smooth_max(dome, 0.75 * fringe, 0.12 * w)
    neck = 0.75 * body
    front = head * skull + (1 - head) * (neck + (body - neck) * _smooth_step((y - chin) / (1.2 * h)))
    front = front + head * _features(portrait.face, x, y) * (radius < 1)
    back = head * (0.95 * np.maximum(fringe, 0.9 * dome)) + (1 - head) * 0.85 * body
    return Shape(_soft(front, mask), -_soft(back, mask), head)


def _features(face: Face, x: Depths, y: Depths) -> Depths:
    """What every face has before its oval: a nose, brows, lips, a chin; sockets behind it. Pixels."""
    _, _, w, h = face.box
    middles = [(ex + ew / 2, ey + eh / 2) for ex, ey, ew, eh in face.eyes]
    u = (x - (middles[0][0] + middles[1][0]) / 2) / w
    v = (y - (middles[0][1] + middles[1][1]) / 2) / h - 0.12

    def bump(at_u: float, at_v: float, wide: float, high: float) -> Depths:
        found: Depths = np.exp(-(((u - at_u) / wide) ** 2) - ((v - at_v) / high) ** 2)
        return found

    ridge = np.clip((v + 0.16) / 0.27, 0, 1) ** 1.3 * _smooth_step((0.165 - v) / 0.06)
    nose = 0.125 * ridge * np.exp(-((u / (0.055 + 0.05 * ridge)) ** 2))
    sockets = bump(-0.2, -0.12, 0.11, 0.07) + bump(0.2, -0.12, 0.11, 0.07)
    cheeks = bump(-0.22, 0.08, 0.13, 0.12) + bump(0.22, 0.08, 0.13, 0.12)
    lips, chin, brow = bump(0, 0.265, 0.15, 0.05), bump(0, 0.45, 0.13, 0.08), bump(0, -0.24, 0.3, 0.07)
    found: Depths = w * (nose - 0.035 * sockets + 0.015 * cheeks + 0.035 * lips + 0.045 * chin + 0.02 * brow)
    return found


def _inflated(mask: Mask) -> Depths:
    """A rounded height above the mask: the root of the solution of Poisson's equation with 0 along the silhouette.

    Where the picture's edge cuts the person, the surface goes on straight (Neumann). A disc becomes a half ball.
    """
    height, width = mask.shape
    factor = GRID / height
    size = (max(2, round(width * factor)), GRID)
    small = cv2.resize(mask.astype(np.float32), size, interpolation=cv2.INTER_AREA) > 0.5
    squares = _poisson(small)
    return _soft(
        np.sqrt(np.maximum(cv2.resize(squares, (width, height), interpolation=cv2.INTER_CUBIC), 0)) / factor, mask
    )


def _poisson(mask: Mask) -> Depths:
    """The solution u of -laplace(u) = 4 on the mask, 0 outside of it and straight on at the picture's edge; cells of 1.

    Conjugate gradients (Hestenes and Stiefel, 1952), of sums in numpy's own order: a direct solver hangs on the BLAS of
    this processor in its last bits, and they end in a file.
    """
    height, width = mask.shape
    rows, columns = np.arange(height)[:, None], np.arange(width)[None, :]
    degree = (rows > 0).astype(np.float64) + (rows < height - 1) + (columns > 0) + (columns < width - 1)
    # A mask without any outside has no silhouette: the little weight keeps the system solvable.
    own = degree + 1e-6

    def applied(u: Depths) -> Depths:
        found = own * u
        found[:-1] -= u[1:]
        found[1:] -= u[:-1]
        found[:, :-1] -= u[:, 1:]
        found[:, 1:] -= u[:, :-1]
        return np.where(mask, found, 0.0)

    solution = np.zeros(mask.shape)
    residual = np.where(mask, 4.0, 0.0)
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


def _soft(depth: Depths, mask: Mask) -> Depths:
    """Smoothed inside of the mask, as if there were nothing outside of it."""
    weight = cv2.GaussianBlur(mask.astype(np.float64), (0, 0), 1.5)
    found: Depths = cv2.GaussianBlur(depth * mask, (0, 0), 1.5) / np.maximum(weight, 1e-6) * mask
    return found


def _smooth_step(x: Depths) -> Depths:
    x = np.clip(x, 0, 1)
    found: Depths = x * x * (3 - 2 * x)
    return found


def _smooth_max(one: Depths, two: Depths, width: float) -> Depths:
    """The greater of two, rounded where they cross."""
    share = np.clip(0.5 + 0.5 * (one - two) / width, 0, 1)
    found: Depths = two + (one - two) * share + width * share * (1 - share) * 0.5
    return found
