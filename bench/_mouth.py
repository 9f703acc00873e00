"""Faults of a mouth that is open: crumbs in it, parts of it outside of the lips; and how bright its teeth are.

The worst of six sounds, each seen from five sides, counts.
"""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from bench._poses import LIPS, Weights
from episodec.face.fit import FittedHead
from episodec.face.landmarks import LIPS_ABOVE, LIPS_BELOW, eye_distance
from episodec.splat.rig.faces import face_of
from episodec.splat.rig.front import Front
from episodec.splat.rig.lips import are_lips_coarse
from episodec.splat.rig.model import MOUTH, Rig, Row
from episodec.splat.rig.pose import mesh_moves
from episodec.splat.scene import Scene
from episodec.splat.view import View

SOUNDS = ("a", "e", "i", "o", "u", "s")
YAWS = (0, 15, -15, 25, -25)
MOST_OF_A_CRUMB = 40  # Pixels.
BESIDE = 0.05  # Eye distances outside of the lips on the mesh: there parts are seen.
FAINT = 0.15  # Of a pixel.
LIGHT_OF_TEETH, GREY = 100, 0.22  # Least brightness, and most saturation.

Mask = NDArray[np.bool_]
Paint = Callable[[Weights, View, Callable[[Scene], Mask]], NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class MouthFaults:
    """Pixels at the worst of all sounds and sides."""

    crumbs: int  # Pieces of skin in the mouth, and of the mouth alone.
    outside: int


def inside_of(front: Front, fitted: FittedHead, rig: Rig) -> Mask:
    """(P,): the parts that lie behind the lips."""
    parts = rig.parts
    inside: Mask = parts.group == MOUTH
    if are_lips_coarse(face_of(front, fitted)):
        # Lips of the rig's own come first, and are as fine as nothing after them.
        inside[: int((parts.log_sizes != parts.log_sizes[0]).argmax())] = False
    return inside


def mouth_faults(
    scene: Scene, front: Front, fitted: FittedHead, rig: Rig, look: Callable[[float], View], paint: Paint
) -> MouthFaults:
    """The faults of a mouth; look: the view from so many degrees aside; paint: what is seen of some Gaussians."""
    parts = inside_of(front, fitted, rig)
    unit = eye_distance(fitted.landmarks.points)

    def own(posed: Scene) -> Mask:
        mask = np.zeros(posed.count, np.bool_)
        mask[scene.count :] = parts[: posed.count - scene.count]
        return mask

    crumbs = outside = 0
    for sound in SOUNDS:
        for yaw in YAWS:
            view = look(yaw)
            visible = paint(LIPS[sound], view, own)
            lips = _lips(fitted, rig, LIPS[sound], view)
            reach = round(BESIDE * unit)
            around = cv2.dilate(lips, np.ones((2 * reach + 1,) * 2, np.uint8)) > 0
            outside = max(outside, int(((visible > FAINT) & ~around).sum()))
            mask = visible > 0.5
            crumbs = max(crumbs, _small(mask) + _small(~mask))
    return MouthFaults(crumbs, outside)


def _small(mask: Mask) -> int:
    """Pixels in small pieces."""
    count, _, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=4)
    areas = stats[1:count, cv2.CC_STAT_AREA]
    return int(areas[areas < MOST_OF_A_CRUMB].sum())


def _lips(fitted: FittedHead, rig: Rig, weights: Weights, view: View) -> NDArray[np.uint8]:
    """(h, w): 1 between the outer edges of both lips, as they lie on the mesh."""
    rows = [fitted.head.marks[index][0] for index in (*LIPS_ABOVE, *LIPS_BELOW[::-1])]
    places = rig.mesh.vertices[rows].astype(np.float64) + mesh_moves(rig, Row(weights))[rows]
    inverse = np.linalg.inv(view.camera_to_world)
    turned = places @ inverse[:3, :3].T + inverse[:3, 3]
    fx, fy, cx, cy = view.intrinsics
    at = np.stack([cx - fx * turned[:, 0] / turned[:, 2], cy + fy * turned[:, 1] / turned[:, 2]], axis=1)
    width, height = view.size
    mask = np.zeros((height, width), np.uint8)
    cv2.fillConvexPoly(mask, cv2.convexHull(np.rint(at).astype(np.int32)), 1)
    return mask


def mesh_width(fitted: FittedHead, rig: Rig, weights: Weights) -> float:
    """How far the mouth's corners are apart, as they lie on the rig's mesh, in its own at rest."""
    corners = [fitted.head.marks[index][0] for index in (LIPS_ABOVE[0], LIPS_ABOVE[-1])]
    rest = rig.mesh.vertices[corners].astype(np.float64)
    after = rest + mesh_moves(rig, Row(weights))[corners]
    return float(abs(after[1, 0] - after[0, 0]) / abs(rest[1, 0] - rest[0, 0]))


def teeth_light(picture: NDArray[np.uint8], fitted: FittedHead) -> float:
    """Median brightness, 0 to 1, of what is bright and grey between the lips of an (h, w, 3) picture from in front."""
    points = fitted.landmarks.points
    unit = eye_distance(points)
    x, y = points[[13, 14]].mean(axis=0)
    rows, columns = (slice(round(at - by * unit), round(at + by * unit)) for at, by in ((y, 0.15), (x, 0.3)))
    part = picture[rows, columns].astype(np.float64)
    grey = (part.max(axis=2) - part.min(axis=2)) / np.maximum(part.max(axis=2), 1)
    teeth = (part.max(axis=2) > LIGHT_OF_TEETH) & (grey < GREY)
    return float(np.median(part[teeth].mean(axis=1)) / 255) if teeth.any() else 0.0
