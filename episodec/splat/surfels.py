"""Converts the triangles of a mesh to flat Gaussians on it, dense enough for pictures of a given size.

After Pfister et al., "Surfels: Surface Elements as Rendering Primitives" (2000). Deterministic: samples are evenly
spread over the area, and within triangles by a low-discrepancy sequence.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from episodec.errors import BackendError
from episodec.splat.ply import SH0
from episodec.splat.relief import HEIGHT_M
from episodec.splat.scene import Scene, checked, columnar

FEWEST, MOST = 20_000, 3_000_000  # Gaussians.
SPACING_PX = 1.0  # Distance between Gaussians, in rendered pixels.
WIDTH, THICKNESS = 0.6, 0.08  # Standard deviations along and across the surface, in spacings.
OPACITY_LOGIT = 4.0
UNKNOWN_SHARE = 0.9  # Of the picture's height: a character whose portrait has no silhouette.

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Triangles:
    """Triangles of one material.

    Attributes:
        corners: (T, 3, 3), three corners per triangle, x y z; y is up.
        colours: (T, 3, 3), of the corners, 0 to 255; a texture is multiplied by them, with 255 as 1.
        places: (T, 3, 2), texture coordinates of the corners, from the lower left; None without a texture.
        texture: (h, w, 3), its first row at the top; None without one.
    """

    corners: Values
    colours: Values
    places: Values | None = None
    texture: NDArray[np.uint8] | None = None


def placed(parts: Sequence[Triangles], portrait: NDArray[np.uint8]) -> list[Triangles]:
    """The mesh at the character's place: with the height and position of its silhouette in the portrait, (h, w, 4).

    The middle of the mesh's depth is at z = 0. Without a silhouette the mesh is nine tenths of the picture high.

    Raises:
        BackendError: the mesh is flat.
    """
    corners = np.concatenate([part.corners.reshape(-1, 3) for part in parts])
    low, high = corners.min(axis=0), corners.max(axis=0)
    if high[1] - low[1] <= 0:
        raise BackendError("the mesh has no height", facts={"least": low.tolist(), "greatest": high.tolist()})
    middle_x, bottom, top = _silhouette(portrait)
    scale = (top - bottom) / (high[1] - low[1])
    middle = (low + high) / 2
    shift = np.array([middle_x, (top + bottom) / 2, 0.0])
    return [Triangles((p.corners - middle) * scale + shift, p.colours, p.places, p.texture) for p in parts]


def _silhouette(portrait: NDArray[np.uint8]) -> tuple[float, float, float]:
    """Middle, lowest and highest position of the character in the plane z = 0, metres."""
    height, width = portrait.shape[:2]
    metre = HEIGHT_M / height
    mask = portrait[..., 3] >= 128
    if mask.all() or not mask.any():
        return 0.0, -UNKNOWN_SHARE * HEIGHT_M / 2, UNKNOWN_SHARE * HEIGHT_M / 2
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    middle = (columns[0] + columns[-1] + 1 - width) / 2 * metre
    return float(middle), (height / 2 - rows[-1] - 1) * metre, (height / 2 - rows[0]) * metre


def surfels(parts: Sequence[Triangles], size: int) -> tuple[Scene, NDArray[np.uint8]]:
    """The scene, for pictures `size` pixels high, and the Gaussians' colours: (N, 3) uint8.

    Raises:
        BackendError: the mesh has no area.
    """
    from episodec.splat.relief.surface import quaternions

    areas = [_areas(part.corners) for part in parts]
    total = float(sum(area.sum() for area in areas))
    if not total > 0:
        raise BackendError("the mesh has no surface", facts={"area": total})
    count = int(np.clip(total / (SPACING_PX * HEIGHT_M / size) ** 2, FEWEST, MOST))
    spacing = math.sqrt(total / count)
    means, colours, frames = [], [], []
    for part, area in zip(parts, areas, strict=True):
        share = max(1, round(count * float(area.sum()) / total))
        which, weights = samples(area, share)
        means.append(np.einsum("nc,ncd->nd", weights, part.corners[which]))
        colours.append(_coloured(part, which, weights))
        frames.append(tangents(part.corners)[which])
    bytes_ = np.rint(np.clip(np.concatenate(colours), 0, 255)).astype(np.uint8)
    places = np.concatenate(means).astype(np.float32)
    scales = np.log(np.array([WIDTH, WIDTH, THICKNESS]) * spacing).astype(np.float32)
    scene = Scene(
        places,
        quaternions(np.concatenate(frames)),
        np.tile(scales, (len(places), 1)),
        np.full(len(places), OPACITY_LOGIT, np.float32),
        ((bytes_ / 255 - 0.5) / SH0).astype(np.float32)[:, None, :],
    )
    return columnar(checked(scene)), bytes_


def _areas(corners: Values) -> Values:
    areas: Values = 0.5 * np.linalg.norm(_normals(corners), axis=1)
    return areas


def _normals(corners: Values) -> Values:
    """(T, 3), not of length 1."""
    normals: Values = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    return normals


def samples(area: Values, count: int) -> tuple[NDArray[np.int64], Values]:
    """(n,) triangles and (n, 3) barycentric weights of evenly spread samples."""
    ends = np.cumsum(area)
    which = np.searchsorted(ends, (np.arange(count) + 0.5) / count * ends[-1]).clip(0, len(area) - 1)
    # Roberts' R2 sequence, by the plastic number.
    index = np.arange(1, count + 1)
    u, two = (0.5 + index * 0.7548776662466927) % 1, (0.5 + index * 0.5698402909980532) % 1
    root = np.sqrt(u)
    return which, np.stack([1 - root, root * (1 - two), root * two], axis=1)


def _coloured(part: Triangles, which: NDArray[np.int64], weights: Values) -> Values:
    """(n, 3), 0 to 255."""
    colours: Values = np.einsum("nc,ncd->nd", weights, part.colours[which])
    if part.texture is None or part.places is None:
        return colours
    place = np.einsum("nc,ncd->nd", weights, part.places[which])
    height, width = part.texture.shape[:2]
    x, y = place[:, 0] * width - 0.5, (1 - place[:, 1]) * height - 0.5
    left, top = np.floor(x).astype(np.int64), np.floor(y).astype(np.int64)
    mixed = np.zeros_like(colours)
    for step_y, share_y in ((0, 1 - (y - top)), (1, y - top)):
        for step_x, share_x in ((0, 1 - (x - left)), (1, x - left)):
            texel = part.texture[(top + step_y) % height, (left + step_x) % width]  # Textures repeat.
            mixed += (share_y * share_x)[:, None] * texel
    return colours / 255 * mixed


def tangents(corners: Values) -> Values:
    """(T, 3, 3) rotations: columns along one side, across it, and along the normal; arbitrary for degenerate
    triangles.
    """
    normal = _normals(corners)
    side = corners[:, 1] - corners[:, 0]
    flat = np.linalg.norm(normal, axis=1) <= 0
    normal[flat], side[flat] = (0, 0, 1), (1, 0, 0)
    third = normal / np.linalg.norm(normal, axis=1, keepdims=True)
    first = side / np.linalg.norm(side, axis=1, keepdims=True)
    return np.stack([first, np.cross(third, first), third], axis=2)
