"""From a fitted head's pixels and depths to the scene's world, on the scene's own surface."""

from collections.abc import Iterator
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from episodec.face.raster import z_buffer
from episodec.splat.relief.surface import taken
from episodec.splat.rig.channels import OF_EYES
from episodec.splat.rig.corrections import corrected
from episodec.splat.rig.faces import FINER, FittedFace
from episodec.splat.rig.lips import are_lips_coarse, lips_region
from episodec.splat.rig.model import CLOSES, MOVE_UNIT_M, Neck, RigMesh

SMOOTH = 0.12  # Eye distances: smoothing of the difference between the scene's depth and the head's.

COARSE_GRAIN = 1.8  # A coarse scene's parts need not be sharper than it, and cost more beside it.
SLIT = 0.1  # Eye distances: narrower gaps between the lips count as closed.
MOST_BACK, MOST_CLEARANCE = 0.25, 0.10  # Eye distances.
SMILE = ("mouthSmileLeft", "mouthSmileRight")
CLOSES_BEFORE = 0.02  # Eye distances.

# The pivot of head and neck, in decimetres from the middle between the eyes.
PIVOT_BELOW_DM, PIVOT_BEHIND_DM = 1.15, 0.9

Depths = NDArray[np.float64]


class Placing:
    """From a fitted head's pixels and depths to the scene's world, on the scene's own surface."""

    def __init__(self, face: FittedFace) -> None:
        self.face = face
        self.is_coarse = are_lips_coarse(face)  # See `lips`.
        self.grain = COARSE_GRAIN if self.is_coarse else 1.0  # How far parts' Gaussians are apart, of what is usual.
        front = face.front
        finite = np.isfinite(front.distance)
        self._focal = front.view.intrinsics[0]
        nearness = face.skin.nearness[::FINER, ::FINER]
        on_skin = finite & (face.share > 0.5) & (face.skin.triangle[::FINER, ::FINER] >= 0)
        distance = np.where(finite, front.distance, 0.0)
        self.distance = distance  # (h, w), 0 where nothing is visible.
        # The fitted head's depth, plus the smoothed difference of the scene's own surface from it.
        near = np.where(on_skin, nearness, 0.0)
        self.eyes_m = float(np.median((distance / (1 - near / self._focal))[on_skin]))
        differs = np.where(on_skin, distance - self.eyes_m * (1 - near / self._focal), 0.0)
        sigma = SMOOTH * face.unit
        weight = cv2.GaussianBlur(on_skin.astype(np.float64), (0, 0), sigma)
        self.differs = cv2.GaussianBlur(differs, (0, 0), sigma) / np.maximum(weight, 1e-3)

    @cached_property
    def surface(self) -> Depths:
        """(h, w), metres: the distance of the scene's skin and eyes; 0 where nothing is visible.

        For coarse scenes, whose own depth is a cloud's, that of the fitted head.
        """
        if not self.is_coarse:
            return self.distance
        face, (height, width) = self.face, self.distance.shape
        triangles = face.fitted.head.triangles("skin", "left_eye", "right_eye")
        view = z_buffer(face.fitted.places, face.fitted.depth, triangles, height, width)
        away = self.eyes_m * (1 - np.where(view.triangle >= 0, view.nearness, 0.0) / self._focal) + self.differs
        # Between the head's lips the inside of its mouth is visible; the scene's lips are closed.
        slit = np.ones((round(SLIT * face.unit) | 1,) * 2, np.uint8)
        y, x = np.mgrid[:height, :width] + 0.5
        around = (lips_region(face, x.ravel(), y.ravel()) < 1).reshape(height, width)
        away = np.where(around, cv2.morphologyEx(away, cv2.MORPH_OPEN, slit), away)
        return np.where((view.triangle >= 0) & (self.distance > 0), away, self.distance)

    @cached_property
    def behind_skin(self) -> Depths:
        """(h, w), metres: the greatest distance of the skin at and around a pixel, at rest and smiling; 0 without skin.

        A smile draws the chin back: anything nearer behind it would become visible.
        """
        face, (height, width) = self.face, self.distance.shape
        places, depth = face.fitted.posed(dict.fromkeys(SMILE, 1.0))
        smile = z_buffer(places, depth, face.fitted.head.triangles("skin"), height, width)
        nearness = np.where(smile.triangle >= 0, smile.nearness, 0.0)
        at_rest = face.skin.triangle[::FINER, ::FINER] >= 0
        own = np.where(at_rest, face.skin.nearness[::FINER, ::FINER], 0.0)
        is_skin = (smile.triangle >= 0) & at_rest & (face.share > 0)
        back = np.where(is_skin, np.maximum(own - nearness, 0.0), 0.0)
        back[back > MOST_BACK * face.unit] = 0.0  # There the mouth is visible, not the skin.
        depths: Depths = cv2.dilate(self.surface + back * self.eyes_m / self._focal, np.ones((5, 5)))
        if self.is_coarse:
            # Depth steps of the head, as at the lips, are not the scene's.
            depths = cv2.GaussianBlur(depths, (0, 0), 0.04 * face.unit)
        return depths

    def clearance(self, inside: NDArray[np.bool_], hidden: NDArray[np.bool_]) -> float:
        """Metres by which visible parts at these pixels, (h, w), must move forward from the head's surface.

        hidden: (N,), Gaussians of the scene that will be invisible. In a scene that is not coarse, nothing is in front
        of the surface.
        """
        if not self.is_coarse:
            return 0.0
        front, still = self.face.front, self.face.front.still
        x, y, away = front.pixels(still.means)
        height, width = inside.shape
        column, row = np.clip(x.astype(int), 0, width - 1), np.clip(y.astype(int), 0, height - 1)
        most = MOST_CLEARANCE * self.face.unit * front.metre(self.eyes_m)
        nearer = self.surface[row, column] - away
        stays = inside[row, column] & ~hidden & (still.opacity_logits > 0) & (np.abs(nearer) < 2 * most)
        return float(np.clip(np.quantile(nearer[stays], 0.95), 0, most)) if stays.any() else 0.0

    def away(self, places: Depths, depth: Depths) -> Depths:
        """(n,): the distances in metres of pixels at these depths of the fitted head."""
        distance: Depths = self.eyes_m * (1 - depth / self._focal) + taken(self.differs, places[:, 0], places[:, 1])
        return distance

    def depth(self, x: Depths, y: Depths, away: Depths) -> Depths:
        """(n,): the fitted head's depths, in pixels, of pixels at these distances in metres."""
        depths: Depths = (self.eyes_m - away + taken(self.differs, x, y)) * self._focal / self.eyes_m
        return depths

    def world(self, places: Depths, depth: Depths, at: Depths | None = None) -> Depths:
        """(n, 3): places in the world; at: (n, 2), pixels whose depth difference is used, by default the places
        themselves.
        """
        away = self.away(places if at is None else at, 0 * depth) - self.eyes_m * depth / self._focal
        return self.face.front.world(places[:, 0], places[:, 1], away)

    def mesh(self) -> RigMesh:
        fitted = self.face.fitted
        head = fitted.head
        rest = self.world(fitted.places, fitted.depth)
        skin = np.zeros(len(rest), np.bool_)
        skin[head.vertices_of("skin")] = True
        names, starts, rows, moves = [], [0], [], []
        for name, own, places, depth in self._posed(skin):
            after = self.world(places, depth, fitted.places[own]) - rest[own]
            names.append(name)
            rows.append(own)
            moves.append(np.rint(after / MOVE_UNIT_M))
            starts.append(starts[-1] + len(own))
        return RigMesh(
            rest.astype(np.float32),
            self.face.triangles.astype(np.int16),
            tuple(names),
            np.array(starts, np.int32),
            np.concatenate(rows).astype(np.uint16),
            np.clip(np.concatenate(moves), -32000, 32000).astype(np.int16),
        )

    def _posed(self, skin: NDArray[np.bool_]) -> Iterator[tuple[str, NDArray[np.int32], Depths, Depths]]:
        """The name, vertices, places and depths of each shape at weight 1, those that close open lips included."""
        fitted = self.face.fitted
        for name in sorted(fitted.head.shapes):
            shape = fitted.head.shapes[name]
            kept = ~skin[shape.vertices] if name.startswith(OF_EYES) else np.ones(len(shape.vertices), np.bool_)
            own = shape.vertices[kept]
            at = fitted.head.vertices[own] + shape.moves[kept]
            at[:, :2] += corrected(name, fitted.head.vertices[own], shape.moves[kept])
            places, depth = fitted.placed(at)
            places[:, 1] += fitted.opener[own]
            yield name, own, places, depth
        own = np.flatnonzero(fitted.opener).astype(np.int32)
        is_left = np.clip(0.5 + fitted.head.vertices[own, 0] / 0.08, 0, 1)
        for name, share in zip(CLOSES, (is_left, 1 - is_left), strict=True):
            down = np.stack([0 * share, fitted.opener[own] * share], axis=1)
            # Lips pass in front of the teeth that are visible between them.
            nearer = CLOSES_BEFORE * self.face.unit * share * np.clip(np.abs(fitted.opener[own]) / 2, 0, 1)
            yield name, own, fitted.places[own] - down, fitted.depth[own] + nearer

    def neck(self) -> Neck:
        x, y = self.face.fitted.similarity.origin
        decimetre = self.face.fitted.similarity.scale * self.eyes_m / self._focal
        (eyes,) = self.face.front.world(np.array([x]), np.array([y]), np.array([self.eyes_m]))
        pivot = (
            float(eyes[0]),
            float(eyes[1]) - PIVOT_BELOW_DM * decimetre,
            float(eyes[2]) - PIVOT_BEHIND_DM * decimetre,
        )
        return Neck(pivot, float(eyes[1]), decimetre)
