"""The camera of a picture: a pinhole camera and the size of the picture."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from episodec.errors import BackendError

MAX_SIDE = 8192  # Pixels.

Intrinsics = tuple[float, float, float, float]
"""fx, fy, cx, cy in pixels. The centre of the first pixel is (0.5, 0.5), so cx is half the width."""


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """A camera without distortion.

    Attributes:
        camera_to_world: (4, 4) float64, OpenGL convention: the camera looks along its own -z, +y is up, +x is right. A
            rotation and a position in metres, no scale.
        intrinsics: fx, fy, cx, cy.
        size: width and height in pixels.
    """

    camera_to_world: NDArray[np.float64]
    intrinsics: Intrinsics
    size: tuple[int, int]

    def world_to_camera(self) -> NDArray[np.float64]:
        """(4, 4), OpenCV convention, used by rasterisers: x right, y down, z into the picture."""
        rotation = self.camera_to_world[:3, :3] * np.array([1.0, -1.0, -1.0])
        matrix = np.eye(4)
        matrix[:3, :3] = rotation.T
        matrix[:3, 3] = -rotation.T @ self.camera_to_world[:3, 3]
        return matrix

    def slope_limits(self) -> tuple[float, float, float, float]:
        """Least and greatest x/z, least and greatest y/z to which the linearised projection is clamped.

        3DGS clamps both to 1.3 times the half field of view; this is the same for a centred picture, and gsplat's
        generalisation for others.
        """
        (fx, fy, cx, cy), (width, height) = self.intrinsics, self.size
        beyond_x, beyond_y = 0.3 * 0.5 * width / fx, 0.3 * 0.5 * height / fy
        return -cx / fx - beyond_x, (width - cx) / fx + beyond_x, -cy / fy - beyond_y, (height - cy) / fy + beyond_y


def checked_view(view: View) -> View:
    """The same view, after validation.

    Raises:
        BackendError: a number is not finite, the matrix is not a rotation and a position, or sizes or focal lengths are
            out of bounds.
    """
    matrix = np.asarray(view.camera_to_world)
    if matrix.shape != (4, 4) or not np.isfinite(matrix).all():
        raise BackendError("a camera must be a 4x4 matrix of finite numbers", facts={"found": matrix.tolist()})
    rotation = matrix[:3, :3]
    is_rotation = np.abs(rotation.T @ rotation - np.eye(3)).max() < 1e-4 and np.linalg.det(rotation) > 0
    if not is_rotation or np.abs(matrix[3] - [0, 0, 0, 1]).max() > 1e-9:
        raise BackendError("a camera's matrix must be a rotation and a position", facts={"found": matrix.tolist()})
    if not (all(map(math.isfinite, view.intrinsics)) and min(view.intrinsics[:2]) > 0):
        raise BackendError("a camera's intrinsics are out of bounds", facts={"fx, fy, cx, cy": view.intrinsics})
    if not all(1 <= side <= MAX_SIDE for side in view.size):
        raise BackendError("a picture's size is out of bounds", facts={"size": view.size, "limit": MAX_SIDE})
    return view
