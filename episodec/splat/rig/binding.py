"""Binds Gaussians of a scene to triangles of the fitted head."""

from dataclasses import fields

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from episodec.splat.relief.surface import taken
from episodec.splat.rig.faces import as_weights, between, sampled
from episodec.splat.rig.lips import behind_lips, beside_the_slit, lips_region, on_line
from episodec.splat.rig.model import FULL, LEFT_EYE, MOUTH, RIGHT_EYE, SKIN, Array, Bound
from episodec.splat.rig.openings import openings_of
from episodec.splat.rig.placing import Placing

# In eye distances.
BEFORE, BEHIND = 0.16, 0.11  # The visible front: Gaussians of the scene this near to it are skin.
CAVITY, DEEP_CAVITY = 0.8, 2.0  # Depth behind the front within which Gaussians may close the body behind the lips.
FLOATS = 0.6  # Distance before the front within which Gaussians of coarse scenes fade with their group.
PATCH_EDGE = 0.3  # Share of a group's area at whose edge the scene's own Gaussians stay under the parts.
# Distance from the mesh within which Gaussians invisible from the front still move with the jaw.
REACHES, LETS_GO = 0.04, 0.09
JAW_M = 0.02  # In eye distances: triangles that `jawOpen` moves less do not belong to the jaw.

Depths = NDArray[np.float64]
Mask = NDArray[np.bool_]


def bound_to(placing: Placing) -> Bound:
    """Gaussians of the visible skin and just under it, and those of mouth and eyes that parts replace."""
    face = placing.face
    front, unit = face.front, face.unit
    x, y, away = front.pixels(front.still.means)
    height, width = front.covered.shape
    inside = (x >= 0) & (x < width) & (y >= 0) & (y < height)
    column, row = np.clip(x.astype(int), 0, width - 1), np.clip(y.astype(int), 0, height - 1)
    deep = (away - front.distance[row, column]) / (unit * front.metre(float(np.median(away))))
    near = inside & (deep > -BEFORE) & (deep < BEHIND) & (face.share[row, column] > 0)
    jaw = _of_the_jaw(placing, np.flatnonzero(inside & (deep >= BEHIND)))
    group = np.where(inside, _groups(placing, (x, y), deep, near), SKIN)
    if not placing.is_coarse:
        group[jaw.index] = SKIN
    kept = group[jaw.index] == SKIN
    jaw = Bound(*(getattr(jaw, each.name)[kept] for each in fields(Bound)))
    on_jaw = np.zeros(len(x), np.bool_)
    on_jaw[jaw.index] = True
    chosen = np.flatnonzero((near | (group != SKIN)) & ~on_jaw)
    x, y, group = x[chosen], y[chosen], group[chosen]
    triangle, weights = face.on_skin(x, beside_the_slit(face, x, y))
    stays = on_line(face, x, y) & face.fitted.has_open_mouth
    for opening in openings_of(face).values():
        stays |= opening.shows(x, y)  # Eyes are not skin.
    share = np.where(stays, 0, taken(face.share, x, y))
    kept = (triangle >= 0) | (group != SKIN)
    bound = _bound(chosen[kept], np.maximum(triangle[kept], 0), weights[kept], share[kept], group[kept])
    return _joined(bound, jaw)


def _groups(placing: Placing, at: tuple[Depths, Depths], deep: Depths, near: Mask) -> Array:
    """(n,): the group of each Gaussian; in coarse scenes also of those that float before the face."""
    x, y = at
    face, is_coarse = placing.face, placing.is_coarse
    there = (deep > -FLOATS) & (deep < BEHIND) if is_coarse else near
    end = DEEP_CAVITY if is_coarse else CAVITY
    mouth = (deep > -BEFORE) & (deep < end) & (on_line(face, x, y) | behind_lips(face, x, y, deep))
    if is_coarse:
        # Beside the lips the underside of coarse skin is all that makes it opaque.
        mouth &= on_line(face, x, y) | (lips_region(face, x, y) < 1) | (deep > BEHIND)
        mouth |= (deep > -FLOATS) & (deep < end) & (lips_region(face, x, y) < 1 - PATCH_EDGE)
    group = np.where(mouth, MOUTH, SKIN)
    for eye, opening in openings_of(face).items():
        group = np.where(there & opening.covers(x, y), LEFT_EYE if eye == "left" else RIGHT_EYE, group)
    return group


def _bound(index: Array, triangle: Array, weights: Depths, share: Depths, group: Array) -> Bound:
    return Bound(
        index.astype(np.uint32),
        triangle.astype(np.uint16),
        as_weights(weights),
        np.rint(np.clip(share, 0, 1) * FULL).astype(np.uint8),
        group.astype(np.uint8),
    )


def _joined(array: Bound, other: Bound) -> Bound:
    """Both, in the order of their Gaussians."""
    order = np.argsort(np.concatenate([array.index, other.index]), kind="stable")
    columns = (np.concatenate([getattr(array, each.name), getattr(other, each.name)])[order] for each in fields(Bound))
    return Bound(*columns)


def _of_the_jaw(placing: Placing, hidden: Array) -> Bound:
    """The hidden Gaussians that lie on the fitted jaw, under the chin and behind the cheeks."""
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
