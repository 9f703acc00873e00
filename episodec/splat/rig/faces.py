"""A fitted head in a front view: its visible part at each pixel, and which pixels are skin."""

from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from episodec.face.fit import FittedHead
from episodec.face.landmarks import LEFT_EYE_CORNERS, LOWER_LIP, RIGHT_EYE_CORNERS, UPPER_LIP, Points, eye_distance
from episodec.face.raster import VisibleMesh, z_buffer
from episodec.splat.bust.labels import labels_of
from episodec.splat.relief.portrait import Portrait
from episodec.splat.rig.front import Front
from episodec.splat.rig.model import FULL, Array
from episodec.splat.surfels import samples

FINER = 2  # Samples per pixel of the fitted mesh.
CHEEKS = 0.75  # Eye distances from the face's middle: pixels farther out may be hair.
SOFT = 0.05  # Eye distances over which the skin's share falls to 0 where hair begins.

Depths = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class FittedFace:
    """A fitted head in a front view: its visible part at each pixel, and the share of skin there.

    Attributes:
        unit: pixels between the eyes.
        skin: the mesh's skin alone, FINER samples per pixel, and its triangles.
        share: (h, w), the share of the mesh's movement that a pixel's Gaussians follow: 0 in hair.
    """

    front: Front
    fitted: FittedHead
    unit: float
    skin: VisibleMesh
    triangles: NDArray[np.int32]
    share: Depths

    @property
    def points(self) -> Points:
        return self.fitted.landmarks.points

    def slit_y(self, x: Depths) -> Depths:
        """The rows where the lips meet, by column."""
        y: Depths = np.interp(x, self.fitted.slit[:, 0], self.fitted.slit[:, 1])
        return y

    def lip_edges(self, x: Depths) -> tuple[Depths, Depths]:
        """(n,) each: by column, the rows where the upper lip ends and the lower one begins."""
        slit = self.slit_y(x)
        if not self.fitted.has_open_mouth:
            return slit, slit
        above, below = (self.points[list(line)] for line in (UPPER_LIP, LOWER_LIP))
        inside = (x > above[0, 0]) & (x < above[-1, 0])
        up, down = (np.interp(x, line[:, 0], line[:, 1]) for line in (above, below))
        return np.where(inside, np.minimum(up, down), slit), np.where(inside, np.maximum(up, down), slit)

    def on_skin(self, x: Depths, y: Depths) -> tuple[NDArray[np.int64], Depths]:
        """(n,) triangles, -1 where there is none, and (n, 3) weights at pixels."""
        height, width = self.skin.triangle.shape
        column, row = (np.clip((each * FINER).astype(int), 0, end - 1) for each, end in ((x, width), (y, height)))
        return self.skin.triangle[row, column].astype(np.int64), self.skin.weights[row, column]


def face_of(front: Front, fitted: FittedHead) -> FittedFace:
    """The face of a head fitted to this front's picture."""
    unit = eye_distance(fitted.landmarks.points)
    triangles = fitted.head.triangles()
    own = fitted.head.triangles("skin")
    height, width = front.covered.shape
    visible = z_buffer(fitted.places * FINER, fitted.depth, own, height * FINER, width * FINER)
    rows = _rows_of(own, triangles)
    skin = VisibleMesh(
        np.where(visible.triangle < 0, -1, rows[np.maximum(visible.triangle, 0)]).astype(np.int32),
        visible.weights,
        visible.nearness,
    )
    covered = skin.triangle[::FINER, ::FINER] >= 0
    return FittedFace(front, fitted, unit, skin, triangles, _skin_share(front, fitted.landmarks.points, covered, unit))


def _rows_of(some: NDArray[np.int32], triangles: NDArray[np.int32]) -> NDArray[np.int64]:
    """(n,): the row in (T, 3) of each triangle of (n, 3)."""
    place = {tuple(each): k for k, each in enumerate(triangles.tolist())}
    return np.array([place[tuple(each)] for each in some.tolist()], np.int64)


def _skin_share(front: Front, points: Points, covered: Mask, unit: float) -> Depths:
    """(h, w): 1 on skin, 0 on hair, clothes and background, with a soft transition."""
    portrait = Portrait(front.rgb, front.covered > 0.5, None)
    labels = labels_of(portrait, points, covered)
    height, width = covered.shape
    hull = np.zeros((height, width), np.uint8)
    cv2.fillConvexPoly(hull, cv2.convexHull(np.rint(points).astype(np.int32)), 1)
    x, y = (np.arange(side) + 0.5 for side in (width, height))
    middle, eyes = _middle_of_eyes(points)
    # Below the eyes, shadows, beards and a dark lip line differ in colour from skin but move with it.
    between = (hull > 0) & (y[:, None] > eyes) & (np.abs(x[None] - middle) < CHEEKS * unit)
    skin = _filled(labels.skin | (between & covered), hull > 0)
    inside = cv2.distanceTransform(skin.astype(np.uint8), cv2.DIST_L2, 5).astype(np.float64)
    share: Depths = np.clip(inside / (SOFT * unit), 0, 1)
    return share


def _middle_of_eyes(points: Points) -> tuple[float, float]:
    x, y = points[[*RIGHT_EYE_CORNERS, *LEFT_EYE_CORNERS]].mean(axis=0)
    return float(x), float(y)


def _filled(skin: Mask, hull: Mask) -> Mask:
    """The mask with its holes inside the face filled."""
    count, labels = cv2.connectedComponents((~skin).astype(np.uint8), connectivity=4)
    leads_out = np.zeros(count, np.bool_)
    leads_out[np.unique(labels[~hull])] = True
    filled: Mask = skin | ~leads_out[labels]
    return filled


def sampled(
    face: FittedFace, rows: NDArray[np.int64], step: float, pose: Mapping[str, float] | None = None
) -> tuple[NDArray[np.int64], Depths]:
    """Triangles and weights of places about `step` pixels apart on these triangles of the head, in any pose."""
    area = np.zeros(len(rows))
    for weights in ({}, pose or {}):
        corners = np.column_stack(face.fitted.posed(weights))[face.triangles[rows]]
        across = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        area = np.maximum(area, 0.5 * np.sqrt((across**2).sum(axis=1)))
    which, shares = samples(area, max(1, round(float(area.sum()) / step**2)))
    return rows[which], shares


def between(values: Depths, face: FittedFace, triangle: NDArray[np.int64], weights: Depths) -> Depths:
    """(n, ...): values at the vertices, (V, ...), interpolated."""
    corners = values[face.triangles[triangle]]
    by = weights.reshape(*weights.shape, *(1,) * (corners.ndim - 2))
    mixed: Depths = corners[:, 0] * by[:, 0] + corners[:, 1] * by[:, 1] + corners[:, 2] * by[:, 2]
    return mixed


def as_weights(weights: Depths) -> Array:
    """(n, 2) uint8 of (n, 3) weights that sum to 1: all three are integers of at least 0."""
    first = np.rint(np.clip(weights[:, 0], 0, 1) * FULL)
    second = np.minimum(np.rint(np.clip(weights[:, 1], 0, 1) * FULL), FULL - first)
    return np.stack([first, second], axis=1).astype(np.uint8)
