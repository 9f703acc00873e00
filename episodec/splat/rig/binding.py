"""Which Gaussians of a scene hang on the fitted head, and where on it."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from episodec.face.fit import FittedHead
from episodec.face.landmarks import Points, eye_distance
from episodec.face.raster import Seen, z_buffer
from episodec.splat.bust.labels import labels_of
from episodec.splat.relief.portrait import Portrait
from episodec.splat.relief.surface import taken
from episodec.splat.rig.front import Front
from episodec.splat.rig.model import FULL, MOUTH, SKIN, Array, Bound

FINER = 2  # Samples a pixel of the fitted mesh.
OPAQUE_LOGIT = -1.0

# In eye distances.
BEFORE, BEHIND = 0.06, 0.11  # The front that is seen: what of the scene is skin.
BESIDE_SLIT = 0.035  # Nearer to the slit lips are rolled in; they move as they do here.
GAP = 0.018  # Half of the dark line between closed lips.
SOFT = 0.05  # Over which skin's share goes to nothing where hair begins.

Depths = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """A fitted head in a front: what of it is seen where, and how near its skin is.

    Attributes:
        unit: pixels between the eyes.
        skin: the mesh's skin alone, FINER samples a pixel, and its triangles.
        share: (h, w), how much of the mesh's moves a pixel's Gaussians take: 0 in hair.
    """

    front: Front
    fitted: FittedHead
    unit: float
    skin: Seen
    triangles: NDArray[np.int32]
    share: Depths

    @property
    def points(self) -> Points:
        return self.fitted.landmarks.points

    def slit_y(self, x: Depths) -> Depths:
        """Where lips meet in these columns."""
        found: Depths = np.interp(x, self.fitted.slit[:, 0], self.fitted.slit[:, 1])
        return found

    def on_skin(self, x: Depths, y: Depths) -> tuple[NDArray[np.int64], Depths]:
        """(n,) triangles, -1 where there is none, and (n, 3) weights at pixels."""
        height, width = self.skin.triangle.shape
        column, row = (np.clip((each * FINER).astype(int), 0, end - 1) for each, end in ((x, width), (y, height)))
        return self.skin.triangle[row, column].astype(np.int64), self.skin.weights[row, column]


def face_of(front: Front, fitted: FittedHead) -> Face:
    """The face of a head that was fitted to this front's picture."""
    unit = eye_distance(fitted.landmarks.points)
    triangles = fitted.head.triangles()
    own = fitted.head.triangles("skin")
    height, width = front.covered.shape
    seen = z_buffer(fitted.places * FINER, fitted.depth, own, height * FINER, width * FINER)
    rows = _rows_of(own, triangles)
    skin = Seen(
        np.where(seen.triangle < 0, -1, rows[np.maximum(seen.triangle, 0)]).astype(np.int32),
        seen.weights,
        seen.nearness,
    )
    covered = skin.triangle[::FINER, ::FINER] >= 0
    return Face(front, fitted, unit, skin, triangles, _skin_share(front, fitted.landmarks.points, covered, unit))


def _rows_of(some: NDArray[np.int32], triangles: NDArray[np.int32]) -> NDArray[np.int64]:
    """(n,): which of (T, 3) each of (n, 3) is."""
    place = {tuple(each): k for k, each in enumerate(triangles.tolist())}
    return np.array([place[tuple(each)] for each in some.tolist()], np.int64)


def _skin_share(front: Front, points: Points, covered: Mask, unit: float) -> Depths:
    """(h, w): 1 on skin, 0 where hair, clothes or nothing is, and softly to 0 where these begin."""
    portrait = Portrait(front.rgb, front.covered > 0.5, None)
    skin = labels_of(portrait, points, covered).skin
    inside = cv2.distanceTransform(skin.astype(np.uint8), cv2.DIST_L2, 5).astype(np.float64)
    found: Depths = np.clip(inside / (SOFT * unit), 0, 1)
    return found


def bound_to(face: Face) -> Bound:
    """Gaussians of the skin that is seen and of what lies close under it."""
    front, unit = face.front, face.unit
    x, y, away = front.pixels(front.still.means)
    height, width = front.covered.shape
    inside = (x >= 0) & (x < width) & (y >= 0) & (y < height)
    column, row = np.clip(x.astype(int), 0, width - 1), np.clip(y.astype(int), 0, height - 1)
    deep = (away - front.distance[row, column]) / (unit * front.metre(float(np.median(away))))
    near = inside & (deep > -BEFORE) & (deep < BEHIND) & (face.share[row, column] > 0)
    chosen = np.flatnonzero(near)
    x, y = x[chosen], y[chosen]
    below = y - face.slit_y(x)
    slit = face.fitted.slit
    along = (x > slit[0, 0]) & (x < slit[-1, 0])
    gap = _gap(face, x, y, along)
    least = BESIDE_SLIT * unit + _half_gap(face)
    sampled = np.where(along & (np.abs(below) < least), face.slit_y(x) + np.where(below < 0, -least, least), y)
    triangle, weights = face.on_skin(x, sampled)
    kept = triangle >= 0
    group = np.where(gap, MOUTH, SKIN)
    share = np.where(gap, 0, taken(face.share, x, y))
    return Bound(
        chosen[kept].astype(np.uint32),
        triangle[kept].astype(np.uint16),
        as_weights(weights[kept]),
        np.rint(np.clip(share[kept], 0, 1) * FULL).astype(np.uint8),
        group[kept].astype(np.uint8),
    )


def as_weights(weights: Depths) -> Array:
    """(n, 2) uint8 of (n, 3) weights that sum to 1: all three whole and none below 0."""
    first = np.rint(np.clip(weights[:, 0], 0, 1) * FULL)
    second = np.minimum(np.rint(np.clip(weights[:, 1], 0, 1) * FULL), FULL - first)
    return np.stack([first, second], axis=1).astype(np.uint8)


def _half_gap(face: Face) -> float:
    return float(np.abs(face.fitted.opener).max()) if face.fitted.has_open_mouth else 0.0


def _gap(face: Face, x: Depths, y: Depths, along: Mask) -> Mask:
    """(n,): what shows the line between closed lips; nothing where they are open, for teeth stay."""
    if face.fitted.has_open_mouth:
        return np.zeros(len(x), np.bool_)
    slit = face.fitted.slit
    middle, half = (slit[0, 0] + slit[-1, 0]) / 2, (slit[-1, 0] - slit[0, 0]) / 2
    narrow = np.sqrt(np.clip(1 - ((x - middle) / half) ** 2, 0, 1))
    found: Mask = along & (np.abs(y - face.slit_y(x)) < GAP * face.unit * np.clip(2 * narrow, 0.3, 1))
    return found
