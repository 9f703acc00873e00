"""Which Gaussians of a scene hang on the fitted head, and where on it."""

from dataclasses import fields

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from episodec.splat.relief.surface import taken
from episodec.splat.rig.faces import Face, as_weights, between, sampled
from episodec.splat.rig.model import FULL, LEFT_EYE, MOUTH, RIGHT_EYE, SKIN, Array, Bound
from episodec.splat.rig.openings import Opening
from episodec.splat.rig.placing import Placing

# In eye distances.
BEFORE, BEHIND = 0.06, 0.11  # The front that is seen: what of the scene is skin.
BESIDE_SLIT = 0.035  # Nearer to the slit lips are rolled in; they move as they do here.
GAP = 0.018  # Half of the dark line between closed lips.
BESIDE_LIPS, ABOVE_LIPS, BELOW_LIPS = 0.2, 0.2, 0.6  # Where the cavity is, and from where to where behind the front.
UNDER_LIPS, CAVITY = 0.045, 0.8
REACHES, LETS_GO = 0.04, 0.09  # From the mesh: what is not seen from in front and moves with the jaw all the same.
JAW_M = 0.02  # Of the eyes' distance: triangles that `jawOpen` moves less than that are none of the jaw.

Depths = NDArray[np.float64]
Mask = NDArray[np.bool_]


def bound_to(placing: Placing) -> Bound:
    """Gaussians of the skin that is seen and of what lies close under it; of the mouth what its parts stand for."""
    face = placing.face
    front, unit = face.front, face.unit
    x, y, away = front.pixels(front.still.means)
    height, width = front.covered.shape
    inside = (x >= 0) & (x < width) & (y >= 0) & (y < height)
    column, row = np.clip(x.astype(int), 0, width - 1), np.clip(y.astype(int), 0, height - 1)
    deep = (away - front.distance[row, column]) / (unit * front.metre(float(np.median(away))))
    near = inside & (deep > -BEFORE) & (deep < BEHIND) & (face.share[row, column] > 0)
    jaw = _of_the_jaw(placing, np.flatnonzero(inside & (deep >= BEHIND)))
    on_jaw = np.zeros(len(x), np.bool_)
    on_jaw[jaw.index] = True
    mouth = inside & ~on_jaw & (deep > -BEFORE) & (deep < CAVITY) & (_line(face, x, y) | _behind_lips(face, x, y, deep))
    chosen = np.flatnonzero((near | mouth) & ~on_jaw)
    x, y, is_mouth = x[chosen], y[chosen], mouth[chosen]
    triangle, weights = face.on_skin(x, _beside_the_slit(face, x, y))
    share = np.where(_line(face, x, y) & face.fitted.has_open_mouth, 0, taken(face.share, x, y))
    kept = (triangle >= 0) | is_mouth
    group = np.where(is_mouth, MOUTH, SKIN)
    for eye, own in (("left", LEFT_EYE), ("right", RIGHT_EYE)):
        opening = Opening.of(face, eye)
        if opening is not None:
            group = np.where(opening.covers(x, y), own, group)
    seen = _bound(chosen[kept], np.maximum(triangle[kept], 0), weights[kept], share[kept], group[kept])
    return _joined(seen, jaw)


def _bound(index: Array, triangle: Array, weights: Depths, share: Depths, group: Array) -> Bound:
    return Bound(
        index.astype(np.uint32),
        triangle.astype(np.uint16),
        as_weights(weights),
        np.rint(np.clip(share, 0, 1) * FULL).astype(np.uint8),
        group.astype(np.uint8),
    )


def _joined(one: Bound, other: Bound) -> Bound:
    """Both, in the order of their Gaussians."""
    order = np.argsort(np.concatenate([one.index, other.index]), kind="stable")
    columns = (np.concatenate([getattr(one, each.name), getattr(other, each.name)])[order] for each in fields(Bound))
    return Bound(*columns)


def _of_the_jaw(placing: Placing, hidden: Array) -> Bound:
    """Those of hidden Gaussians that lie on the fitted jaw, under the chin and behind the cheeks."""
    face = placing.face
    head, fitted = face.fitted.head, face.fitted
    jaw = head.shapes["jawOpen"]
    moves = np.zeros(len(head.vertices))
    moves[jaw.vertices] = np.abs(jaw.moves).max(axis=1)
    own = np.zeros(len(moves), np.bool_)
    own[head.vertices_of("skin")] = True
    own &= head.regions["mouth"] < 0.5
    least = JAW_M * face.unit / fitted.similarity.scale
    rows = np.flatnonzero((own[face.triangles] & (moves[face.triangles] > least)).all(axis=1))
    triangle, weights = sampled(face, rows, 0.5 * REACHES * face.unit)
    surface = np.column_stack(
        [between(fitted.places, face, triangle, weights), between(fitted.depth, face, triangle, weights)]
    )
    x, y, away = face.front.pixels(face.front.still.means[hidden])
    depth = placing.depth(x, y, away)
    far, nearest = cKDTree(surface).query(np.column_stack([x, y, depth]), distance_upper_bound=LETS_GO * face.unit)
    near = np.isfinite(far)
    nearest, far = nearest[near], far[near] / face.unit
    share = np.clip((LETS_GO - far) / (LETS_GO - REACHES), 0, 1)
    return _bound(hidden[near], triangle[nearest], weights[nearest], share, np.full(len(far), SKIN))


def _beside_the_slit(face: Face, x: Depths, y: Depths) -> Depths:
    """(n,): rows by which Gaussians find their triangles: of lips' edges those a little farther from the slit."""
    slit = face.fitted.slit
    up, down = face.lip_edges(x)
    least = BESIDE_SLIT * face.unit
    above = (y < (up + down) / 2) | (_line(face, x, y) & (not face.fitted.has_open_mouth))
    moved = np.where(above, np.minimum(y, up - least), np.maximum(y, down + least))
    return np.where((x > slit[0, 0]) & (x < slit[-1, 0]), moved, y)


def _line(face: Face, x: Depths, y: Depths) -> Mask:
    """(n,): the line between closed lips, which goes with the upper one; or teeth between open ones, which stay."""
    middle, half = _mouth(face)
    up, down = face.lip_edges(x)
    narrow = np.sqrt(np.clip(1 - ((x - middle) / half) ** 2, 0, 1))
    gap = GAP * face.unit * np.clip(2 * narrow, 0.3, 1)
    found: Mask = (np.abs(x - middle) < half) & (y > up - gap) & (y < down + gap)
    return found


def _behind_lips(face: Face, x: Depths, y: Depths, deep: Depths) -> Mask:
    """(n,): what closes the body where the mouth's own parts are when it opens."""
    middle, half = _mouth(face)
    up, down = face.lip_edges(x)
    behind = (np.abs(x - middle) < half + BESIDE_LIPS * face.unit) & (deep > UNDER_LIPS)
    found: Mask = behind & (y > up - ABOVE_LIPS * face.unit) & (y < down + BELOW_LIPS * face.unit)
    return found


def _mouth(face: Face) -> tuple[float, float]:
    """Its middle and half of its width, in columns."""
    first, last = float(face.fitted.slit[0, 0]), float(face.fitted.slit[-1, 0])
    return (first + last) / 2, (last - first) / 2
