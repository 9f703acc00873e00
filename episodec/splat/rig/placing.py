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

SMOOTH = 0.12  # Eye distances: how smoothly the scene's depth differs from the head's.

COARSE_GRAIN = 1.8  # A coarse scene's parts need not be sharper than it, and cost more beside it.
SLIT = 0.1  # Eye distances: what is narrower between the lips is closed.
MOST_BACK, MOST_CLEARANCE = 0.25, 0.10  # Eye distances.
SMILE = ("mouthSmileLeft", "mouthSmileRight")
CLOSES_BEFORE = 0.02  # Eye distances.

# Decimetres from the middle between the eyes: where a head turns on its neck.
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
        self.distance = distance  # (h, w), 0 where nothing is seen.
        # The head's depth is a part of the eyes' distance; the rest is how the scene's own surface differs.
        near = np.where(on_skin, nearness, 0.0)
        self.eyes_m = float(np.median((distance / (1 - near / self._focal))[on_skin]))
        differs = np.where(on_skin, distance - self.eyes_m * (1 - near / self._focal), 0.0)
        sigma = SMOOTH * face.unit
        weight = cv2.GaussianBlur(on_skin.astype(np.float64), (0, 0), sigma)
        self.differs = cv2.GaussianBlur(differs, (0, 0), sigma) / np.maximum(weight, 1e-3)

    @cached_property
    def surface(self) -> Depths:
        """(h, w), metres: how far away the scene's skin and eyes are; 0 where nothing is seen.

        Of coarse scenes, whose own depth is a cloud's, it is the fitted head's.
        """
        if not self.is_coarse:
            return self.distance
        face, (height, width) = self.face, self.distance.shape
        triangles = face.fitted.head.triangles("skin", "left_eye", "right_eye")
        view = z_buffer(face.fitted.places, face.fitted.depth, triangles, height, width)
        away = self.eyes_m * (1 - np.where(view.triangle >= 0, view.nearness, 0.0) / self._focal) + self.differs
        # Between the head's lips one looks into its mouth; the scene's are closed.
        slit = np.ones((round(SLIT * face.unit) | 1,) * 2, np.uint8)
        y, x = np.mgrid[:height, :width] + 0.5
        around = (lips_region(face, x.ravel(), y.ravel()) < 1).reshape(height, width)
        away = np.where(around, cv2.morphologyEx(away, cv2.MORPH_OPEN, slit), away)
        return np.where((view.triangle >= 0) & (self.distance > 0), away, self.distance)

    @cached_property
    def behind_skin(self) -> Depths:
        """(h, w), metres: how far away a pixel's skin is, and those around it, at rest and smiling; 0 where none is.

        A smile draws the chin back: what lies nearer behind it than that would come out.
        """
        face, (height, width) = self.face, self.distance.shape
        places, depth = face.fitted.posed(dict.fromkeys(SMILE, 1.0))
        smile = z_buffer(places, depth, face.fitted.head.triangles("skin"), height, width)
        nearness = np.where(smile.triangle >= 0, smile.nearness, 0.0)
        at_rest = face.skin.triangle[::FINER, ::FINER] >= 0
        own = np.where(at_rest, face.skin.nearness[::FINER, ::FINER], 0.0)
        is_skin = (smile.triangle >= 0) & at_rest & (face.share > 0)
        back = np.where(is_skin, np.maximum(own - nearness, 0.0), 0.0)
        back[back > MOST_BACK * face.unit] = 0.0  # There the mouth is seen and not the skin.
        depths: Depths = cv2.dilate(self.surface + back * self.eyes_m / self._focal, np.ones((5, 5)))
        if self.is_coarse:
            # The head's own steps, as at the lips, are none of the scene's.
            depths = cv2.GaussianBlur(depths, (0, 0), 0.04 * face.unit)
        return depths

    def clearance(self, inside: NDArray[np.bool_], hidden: NDArray[np.bool_]) -> float:
        """Metres by which what is to be seen at these pixels, (h, w), has to come forward from the head's surface.

        hidden: (N,), Gaussians of the scene that will be gone. Nothing is before the surface of one that is not coarse.
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
        """(n,) distances in metres of pixels and depths of the fitted head."""
        distance: Depths = self.eyes_m * (1 - depth / self._focal) + taken(self.differs, places[:, 0], places[:, 1])
        return distance

    def depth(self, x: Depths, y: Depths, away: Depths) -> Depths:
        """(n,) depths of the fitted head, in pixels, of pixels at distances in metres."""
        depths: Depths = (self.eyes_m - away + taken(self.differs, x, y)) * self._focal / self.eyes_m
        return depths

    def world(self, places: Depths, depth: Depths, at: Depths | None = None) -> Depths:
        """(n, 3) of the world; at: (n, 2), pixels whose difference counts, the places themselves by default."""
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
        """Each shape at weight 1: its name, vertices, and their places and depths; and what closes open lips."""
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
            # Lips pass before the teeth that are seen between them.
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
