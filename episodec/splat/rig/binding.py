"""Which Gaussians of a scene hang on the fitted head, and where on it."""

import numpy as np
from numpy.typing import NDArray

from episodec.splat.relief.surface import taken
from episodec.splat.rig.faces import Face
from episodec.splat.rig.model import FULL, LEFT_EYE, MOUTH, RIGHT_EYE, SKIN, Array, Bound
from episodec.splat.rig.openings import Opening

# In eye distances.
BEFORE, BEHIND = 0.06, 0.11  # The front that is seen: what of the scene is skin.
BESIDE_SLIT = 0.035  # Nearer to the slit lips are rolled in; they move as they do here.
GAP = 0.018  # Half of the dark line between closed lips.
BEHIND_LIPS, UNDER_LIPS, CAVITY = 0.16, 0.012, 0.8  # Beside the slit, and from where to where behind the front.

Depths = NDArray[np.float64]
Mask = NDArray[np.bool_]


def bound_to(face: Face) -> Bound:
    """Gaussians of the skin that is seen and of what lies close under it; of the mouth what its parts stand for."""
    front, unit = face.front, face.unit
    x, y, away = front.pixels(front.still.means)
    height, width = front.covered.shape
    inside = (x >= 0) & (x < width) & (y >= 0) & (y < height)
    column, row = np.clip(x.astype(int), 0, width - 1), np.clip(y.astype(int), 0, height - 1)
    deep = (away - front.distance[row, column]) / (unit * front.metre(float(np.median(away))))
    near = inside & (deep > -BEFORE) & (deep < BEHIND) & (face.share[row, column] > 0)
    mouth = inside & (deep > -BEFORE) & (deep < CAVITY) & _in_mouth(face, x, y, deep)
    chosen = np.flatnonzero(near | mouth)
    x, y, is_mouth = x[chosen], y[chosen], mouth[chosen]
    triangle, weights = face.on_skin(x, _beside_the_slit(face, x, y))
    kept = (triangle >= 0) | is_mouth
    group = np.where(is_mouth, MOUTH, SKIN)
    for eye, own in (("left", LEFT_EYE), ("right", RIGHT_EYE)):
        opening = Opening.of(face, eye)
        if opening is not None:
            group = np.where(opening.covers(x, y), own, group)
    share = np.where(is_mouth, 0, taken(face.share, x, y))
    return Bound(
        chosen[kept].astype(np.uint32),
        np.maximum(triangle[kept], 0).astype(np.uint16),
        as_weights(weights[kept]),
        np.rint(np.clip(share[kept], 0, 1) * FULL).astype(np.uint8),
        group[kept].astype(np.uint8),
    )


def _beside_the_slit(face: Face, x: Depths, y: Depths) -> Depths:
    """(n,): rows by which Gaussians find their triangles: of lips' edges those a little farther from the slit."""
    slit = face.fitted.slit
    up, down = face.lip_edges(x)
    least = BESIDE_SLIT * face.unit
    moved = np.where(y < (up + down) / 2, np.minimum(y, up - least), np.maximum(y, down + least))
    return np.where((x > slit[0, 0]) & (x < slit[-1, 0]), moved, y)


def _in_mouth(face: Face, x: Depths, y: Depths, deep: Depths) -> Mask:
    """(n,): the line between closed lips, teeth between open ones, and what closes the body behind either."""
    slit = face.fitted.slit
    unit = face.unit
    up, down = face.lip_edges(x)
    middle, half = (slit[0, 0] + slit[-1, 0]) / 2, (slit[-1, 0] - slit[0, 0]) / 2
    along = np.abs(x - middle) < half
    narrow = np.sqrt(np.clip(1 - ((x - middle) / half) ** 2, 0, 1))
    gap = GAP * unit * np.clip(2 * narrow, 0.3, 1)
    line = along & (y > up - gap) & (y < down + gap)
    behind = (np.abs(x - middle) < half + 0.5 * BEHIND_LIPS * unit) & (deep > UNDER_LIPS)
    behind &= (y > up - BEHIND_LIPS * unit) & (y < down + BEHIND_LIPS * unit)
    found: Mask = line | behind
    return found


def as_weights(weights: Depths) -> Array:
    """(n, 2) uint8 of (n, 3) weights that sum to 1: all three whole and none below 0."""
    first = np.rint(np.clip(weights[:, 0], 0, 1) * FULL)
    second = np.minimum(np.rint(np.clip(weights[:, 1], 0, 1) * FULL), FULL - first)
    return np.stack([first, second], axis=1).astype(np.uint8)
