"""Lips in a front view: where they meet, the regions around and behind them, and whether a scene's own can part
cleanly.
"""

import numpy as np
from numpy.typing import NDArray

from episodec.splat.rig.faces import FittedFace

# In eye distances.
BESIDE_SLIT = 0.035  # Nearer to the slit, lips are rolled in and move as they do at this distance.
GAP = 0.018  # Half the width of the dark line between closed lips.
BESIDE_LIPS, ABOVE_LIPS, BELOW_LIPS = 0.2, 0.2, 0.6  # The extent of the cavity.
FLOOR, OVER_NECK = 0.46, 0.3  # How far below the lips it is deepest; farther down, the neck lies behind it.
UNDER_LIPS = 0.045  # Distance behind the front beyond which Gaussians do not belong to the lips.
# Distance from the slit within which the rig has lips of its own.
PATCH_BESIDE, PATCH_ABOVE, PATCH_BELOW = 0.22, 0.26, 0.34

ON_FRONT = 0.06
LEAST_OF_LIPS = 500  # Gaussians; a draft scene has three times as many, a trained one a tenth.

Depths = NDArray[np.float64]
Mask = NDArray[np.bool_]


def are_lips_coarse(face: FittedFace) -> bool:
    """Whether the lips' Gaussians are too few or too large to part cleanly; the rig then has lips of its own."""
    x, y, away = face.front.pixels(face.front.still.means)
    height, width = face.front.covered.shape
    column, row = np.clip(x.astype(int), 0, width - 1), np.clip(y.astype(int), 0, height - 1)
    metre = face.front.metre(float(np.median(away)))
    near = np.abs(away - face.front.distance[row, column]) < ON_FRONT * face.unit * metre
    lips = near & (lips_region(face, x, y) < 0.6)
    return int(lips.sum()) < LEAST_OF_LIPS


def lips_region(face: FittedFace, x: Depths, y: Depths) -> Depths:
    """(n,): the position of a pixel in the area of the rig's own lips: 0 in the slit's middle, 1 at the edge."""
    middle, half = _mouth(face)
    up, down = face.lip_edges(x)
    across = np.abs(x - middle) / (half + PATCH_BESIDE * face.unit)
    over = np.where(y < up, (up - y) / (PATCH_ABOVE * face.unit), np.maximum(y - down, 0) / (PATCH_BELOW * face.unit))
    distance: Depths = np.sqrt(across**2 + over**2)
    return distance


def beside_the_slit(face: FittedFace, x: Depths, y: Depths) -> Depths:
    """(n,): the rows at which Gaussians look up their triangles: at the lips' edges, a little farther from the slit."""
    slit = face.fitted.slit
    up, down = face.lip_edges(x)
    least = BESIDE_SLIT * face.unit
    above = (y < (up + down) / 2) | (on_line(face, x, y) & (not face.fitted.has_open_mouth))
    moved = np.where(above, np.minimum(y, up - least), np.maximum(y, down + least))
    return np.where((x > slit[0, 0]) & (x < slit[-1, 0]), moved, y)


def on_line(face: FittedFace, x: Depths, y: Depths) -> Mask:
    """(n,): whether a pixel is on the line between closed lips, which follows the upper lip, or on teeth between open
    ones, which stay.
    """
    middle, half = _mouth(face)
    up, down = face.lip_edges(x)
    narrow = np.sqrt(np.clip(1 - ((x - middle) / half) ** 2, 0, 1))
    gap = GAP * face.unit * np.clip(2 * narrow, 0.3, 1)
    mask: Mask = (np.abs(x - middle) < half) & (y > up - gap) & (y < down + gap)
    return mask


def behind_lips(face: FittedFace, x: Depths, y: Depths, deep: Depths) -> Mask:
    """(n,): whether a Gaussian closes the body where the mouth's own parts will be."""
    middle, half = _mouth(face)
    up, down = face.lip_edges(x)
    behind = (np.abs(x - middle) < half + BESIDE_LIPS * face.unit) & (deep > UNDER_LIPS)
    behind &= (deep < OVER_NECK) | (y < down + FLOOR * face.unit)
    mask: Mask = behind & (y > up - ABOVE_LIPS * face.unit) & (y < down + BELOW_LIPS * face.unit)
    return mask


def _mouth(face: FittedFace) -> tuple[float, float]:
    """Its middle column and half its width, in pixels."""
    first, last = float(face.fitted.slit[0, 0]), float(face.fitted.slit[-1, 0])
    return (first + last) / 2, (last - first) / 2
