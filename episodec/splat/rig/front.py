"""A scene seen from the front, in the slice nearest to the middle of its time: picture, coverage and depth."""

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from episodec.face.landmarks import Points, eye_distance
from episodec.splat.ply import SH0
from episodec.splat.rasterise import render_covered
from episodec.splat.relief import DISTANCE_M, FOV_Y_DEG
from episodec.splat.scene import Floats, Scene, at
from episodec.splat.view import View

SIDE = 512  # Pixels: the picture in which a face is searched for.
# Pixels: the side of the picture that the head is fitted to, and the distance between its eyes.
CLOSE_SIDE, CLOSE_EYES = 768, 120.0

Depths = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Front:
    """The view of a camera in front of the scene.

    Attributes:
        still: the scene in the chosen slice, and the number of that slice.
        rgb: (h, w, 3) uint8, on white.
        covered: (h, w) float64, the coverage by the scene, 0 to 1.
        distance: (h, w) float64, metres along the camera's axis; infinite where nothing is visible.
    """

    still: Scene
    slice: int
    view: View
    rgb: NDArray[np.uint8]
    covered: Depths
    distance: Depths

    def pixels(self, means: Floats) -> tuple[Depths, Depths, Depths]:
        """(n,) each: x and y in pixels and distances in metres of (n, 3) places in the world in front of the camera."""
        fx, fy, cx, cy = self.view.intrinsics
        places = means.astype(np.float64)
        away = np.maximum(DISTANCE_M - places[:, 2], 1e-3)
        return cx + fx * places[:, 0] / away, cy - fy * places[:, 1] / away, away

    def world(self, x: Depths, y: Depths, away: Depths) -> Depths:
        """(n, 3): the places in the world of pixels at these distances."""
        fx, fy, cx, cy = self.view.intrinsics
        return np.stack([(x - cx) * away / fx, (cy - y) * away / fy, DISTANCE_M - away], axis=1)

    def metre(self, away: float) -> float:
        """The width of a pixel in metres at this distance."""
        return away / self.view.intrinsics[0]


def front_of(scene: Scene, threads: int = 1) -> Front:
    """The scene from the position of the portrait camera."""
    focal = 0.5 * SIDE / math.tan(math.radians(FOV_Y_DEG / 2))
    number, still = 0, scene
    if scene.slices is not None:
        count = len(scene.slices.means)
        number = count // 2
        still = at(scene, number / (count - 1))
    return _front(still, number, (focal, focal, SIDE / 2, SIDE / 2), SIDE, threads)


def closer(front: Front, points: Points, threads: int = 1) -> Front:
    """The same scene from the same place, cropped to the head whose face has these landmarks in the given front."""
    scale = CLOSE_EYES / eye_distance(points)
    fx, fy, cx, cy = front.view.intrinsics
    middle = (points.min(axis=0) + points.max(axis=0)) / 2
    shift = CLOSE_SIDE / 2 - scale * middle
    shift = np.rint(shift)  # Equal scenes, equal pixels.
    intrinsics = (scale * fx, scale * fy, scale * cx + float(shift[0]), scale * cy + float(shift[1]))
    return _front(front.still, front.slice, intrinsics, CLOSE_SIDE, threads)


def _front(still: Scene, number: int, intrinsics: tuple[float, float, float, float], side: int, threads: int) -> Front:
    matrix = np.eye(4)
    matrix[2, 3] = DISTANCE_M
    view = View(matrix, intrinsics, (side, side))
    picture, alpha = render_covered(still, view, threads=threads)
    rgb = np.rint(np.clip(picture, 0, 1) * 255).astype(np.uint8)
    # Its distance as a picture: the farther a Gaussian is, the brighter.
    away = (DISTANCE_M - still.means[:, 2]).astype(np.float64)
    near, far = float(away.min()), float(away.max())
    bright = ((away - near) / max(far - near, 1e-6)).astype(np.float32)
    coded = replace(still, harmonics=((bright - np.float32(0.5)) / np.float32(SH0))[:, None, None] * np.ones(3, "f4"))
    shade, _ = render_covered(coded, view, background=(0.0, 0.0, 0.0), threads=threads)
    share = shade[..., 0] / np.maximum(alpha, 1e-6)
    distance = np.where(alpha > 0.5, near + share.astype(np.float64) * (far - near), np.inf)
    return Front(still, number, view, rgb, alpha.astype(np.float64), distance)
