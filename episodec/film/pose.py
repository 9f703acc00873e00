"""Poses of cameras: look-at matrices, intrinsics, and conversion between the OpenGL and the OpenCV convention.

Arrays hold one row per frame. Sums are written out and never left to a BLAS, whose order of addition is its own.
"""

import math

import numpy as np

from episodec.film.exact import Floats
from episodec.film.track_errors import BadTrack, refuse

LEAST_DISTANCE_M = 1e-6  # Below it a camera is at the point it looks at.
LEAST_TILT = 1e-6  # Sine of the angle between the view and the vertical; below it "up" is undefined.

_FLIP = np.diag([1.0, -1.0, -1.0, 1.0])  # OpenGL camera axes to OpenCV's: +Y down, the view along +Z.


def look_at(position: Floats, target: Floats, path: tuple[str | int, ...] = ("position",)) -> Floats:
    """Camera-to-world matrices of cameras at `position` that see `target` in the centre, upright.

    position, target: (N, 3) float64, metres, world, +Y up. The result is (N, 4, 4) float64, OpenGL convention: its
    columns are the camera's right, up and backward axes and its position.

    Raises:
        BadTrack: a camera is at its target or looks straight up or down; the error is at the field `path`.
    """
    back = position - target
    distance = _length(back)
    horizontal = np.sqrt(back[:, 0] * back[:, 0] + back[:, 2] * back[:, 2])
    if (flaw := _flaw(distance, horizontal, path)) is not None:
        raise flaw
    back = back / distance[:, None]
    # right = up x back with up = +Y, so it is level.
    right = np.stack([back[:, 2], np.zeros(len(back)), -back[:, 0]], axis=1)
    right = right / _length(right)[:, None]
    up = _cross(back, right)
    matrices = np.zeros((len(position), 4, 4))
    for column, axis in enumerate((right, up, back, position)):
        matrices[:, :3, column] = axis
    matrices[:, 3, 3] = 1.0
    return matrices


def _flaw(distance: Floats, horizontal: Floats, path: tuple[str | int, ...]) -> BadTrack | None:
    """The error that makes one of these directions unusable, at the first frame that has it."""
    finite = np.isfinite(distance)
    if not finite.all():
        return refuse(
            path, f"the camera's position is not finite at frame {int(np.argmin(finite))}", "use finite numbers"
        )
    near = distance < LEAST_DISTANCE_M
    if near.any():
        sentence = f"at frame {int(np.argmax(near))} of the segment the camera is at the point it looks at"
        return refuse(path, sentence, "move `look_at`, or the camera", "direction")
    steep = horizontal < LEAST_TILT * distance
    if steep.any():
        sentence = f"at frame {int(np.argmax(steep))} of the segment the camera looks straight up or down"
        hint = "the up direction is undefined there: move the camera a little to the side"
        return refuse(path, sentence, hint, "direction")
    return None


def intrinsics(fov_y_deg: Floats, size: tuple[int, int]) -> Floats:
    """Pinhole intrinsics of these vertical fields of view: (N, 4) float64, fx fy cx cy in pixels.

    Pixels are square (fx = fy = h / 2 / tan(fov / 2)) and the principal point is the centre of the picture, (w/2, h/2),
    where the centre of the top left pixel is (0.5, 0.5).
    """
    width, height = size
    focal = {fov: height / 2 / math.tan(math.radians(fov) / 2) for fov in set(fov_y_deg.tolist())}
    rows = [(focal[fov], focal[fov], width / 2, height / 2) for fov in fov_y_deg.tolist()]
    return np.array(rows, dtype=np.float64).reshape(-1, 4)


def fov_y_deg(focal_px: float, height: int) -> float:
    """The vertical field of view of this focal length, in degrees."""
    return math.degrees(2 * math.atan(height / 2 / focal_px))


def opencv_from_opengl(camera_to_world: Floats) -> Floats:
    """The same poses in OpenCV's convention (+X right, +Y down, view along +Z), and back: it is its own inverse.

    camera_to_world: (..., 4, 4) float64.
    """
    flipped: Floats = camera_to_world * np.diagonal(_FLIP)
    return flipped + 0.0


def world_to_camera(camera_to_world: Floats) -> Floats:
    """The inverses of rigid poses, (N, 4, 4) float64: what rasterisers call the view matrix, in the same convention."""
    rotation = camera_to_world[:, :3, :3]
    position = camera_to_world[:, :3, 3]
    inverse = np.zeros_like(camera_to_world)
    inverse[:, :3, :3] = rotation.transpose(0, 2, 1)
    for row in range(3):
        products = rotation[:, :, row] * position
        inverse[:, row, 3] = -(products[:, 0] + products[:, 1] + products[:, 2])
    inverse[:, 3, 3] = 1.0
    return inverse + 0.0


def _length(vectors: Floats) -> Floats:
    squares = vectors * vectors
    lengths: Floats = np.sqrt(squares[:, 0] + squares[:, 1] + squares[:, 2])
    return lengths


def _cross(left: Floats, right: Floats) -> Floats:
    x, y, z = left.T
    a, b, c = right.T
    return np.stack([y * c - z * b, z * a - x * c, x * b - y * a], axis=1)
