"""The rig of a scene: the head that was fitted to its picture from in front, what hangs on it, and what appears."""

import cv2
import numpy as np
from numpy.typing import NDArray

from episodec.face.fit import FittedHead
from episodec.splat.relief.surface import taken
from episodec.splat.rig.binding import Face, bound_to, face_of
from episodec.splat.rig.channels import OF_EYES
from episodec.splat.rig.front import Front
from episodec.splat.rig.model import MOVE_UNIT_M, SKIN, Mesh, Neck, Rig, empty_rig
from episodec.splat.rig.rigid import motions_of
from episodec.splat.scene import Scene

MOST_RESIDUAL = 0.02  # Eye distances, at the ninetieth percentile: a head that fits no better is no rig.
SMOOTH = 0.12  # Eye distances: how smoothly the scene's depth differs from the head's.

# Decimetres from the middle between the eyes: where a head turns on its neck.
PIVOT_BELOW_DM, PIVOT_BEHIND_DM = 1.15, 0.9

Depths = NDArray[np.float64]


def fits(fitted: FittedHead, unit: float) -> bool:
    """Whether a head is near enough to its face; unit: pixels between the eyes."""
    return fitted.residual.p90 <= MOST_RESIDUAL * unit


def build_rig(scene: Scene, front: Front, fitted: FittedHead) -> Rig:
    """The rig of a scene, by the head that was fitted to its front's picture."""
    face = face_of(front, fitted)
    if not (face.share > 0).any():
        return empty_rig()
    placing = Placing(face)
    body = bound_to(face)
    parts, lids = empty_rig().parts, empty_rig().lids
    skin = body.index[(body.group == SKIN) & (body.share > 200)]
    motions = np.eye(3, 4)[None]
    if scene.slices is not None and len(skin) > 3:
        motions = motions_of(scene.slices, front.slice, skin)
    return Rig(scene.count, placing.mesh(), body, parts, lids, placing.neck(), motions)


class Placing:
    """From a fitted head's pixels and depths to the scene's world, on the scene's own surface."""

    def __init__(self, face: Face) -> None:
        self.face = face
        front, _fitted = face.front, face.fitted
        finite = np.isfinite(front.distance)
        self._focal = front.view.intrinsics[0]
        nearness = face.skin.nearness[::2, ::2]
        on_skin = finite & (face.share > 0.5) & (face.skin.triangle[::2, ::2] >= 0)
        distance = np.where(finite, front.distance, 0.0)
        # The head's depth is a part of the eyes' distance; the rest is how the scene's own surface differs.
        near = np.where(on_skin, nearness, 0.0)
        self.eyes_m = float(np.median((distance / (1 - near / self._focal))[on_skin]))
        differs = np.where(on_skin, distance - self.eyes_m * (1 - near / self._focal), 0.0)
        sigma = SMOOTH * face.unit
        weight = cv2.GaussianBlur(on_skin.astype(np.float64), (0, 0), sigma)
        self.differs = cv2.GaussianBlur(differs, (0, 0), sigma) / np.maximum(weight, 1e-3)

    def world(self, places: Depths, depth: Depths, at: Depths | None = None) -> Depths:
        """(n, 3) of the world; at: (n, 2), pixels whose difference counts, the places themselves by default."""
        there = places if at is None else at
        away = self.eyes_m * (1 - depth / self._focal) + taken(self.differs, there[:, 0], there[:, 1])
        return self.face.front.world(places[:, 0], places[:, 1], away)

    def mesh(self) -> Mesh:
        fitted = self.face.fitted
        head = fitted.head
        rest = self.world(fitted.places, fitted.depth)
        skin = np.zeros(len(rest), np.bool_)
        skin[head.vertices_of("skin")] = True
        names, starts, rows, moves = [], [0], [], []
        for name in sorted(head.shapes):
            own, by = fitted.moves(name)
            kept = ~skin[own] if name.startswith(OF_EYES) else np.ones(len(own), np.bool_)
            own, by = own[kept], by[kept]
            places, depth = fitted.places[own] + by[:, :2], fitted.depth[own] + by[:, 2]
            after = self.world(places, depth, fitted.places[own]) - rest[own]
            names.append(name)
            rows.append(own)
            moves.append(np.rint(after / MOVE_UNIT_M))
            starts.append(starts[-1] + len(own))
        return Mesh(
            rest.astype(np.float32),
            self.face.triangles.astype(np.int16),
            tuple(names),
            np.array(starts, np.int32),
            np.concatenate(rows).astype(np.uint16),
            np.clip(np.concatenate(moves), -32000, 32000).astype(np.int16),
        )

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
