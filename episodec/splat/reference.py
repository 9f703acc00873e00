"""The slow, readable twin of the rasterisers, in float64 and without tiles: the definition of a scene's picture.

Formulas: Kerbl et al. 2023, and Zwicker et al. 2001 (EWA) for the projection. One thing intentionally differs from the
published code, which cuts a Gaussian off at three standard deviations, rounded up to whole tiles; here, as in gsplat, a
Gaussian ends where its alpha falls below 1/255.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from episodec.splat.scene import Scene
from episodec.splat.view import View

BLUR = 0.3  # pixels², added to the diagonal of every 2D covariance.
LEAST_ALPHA = 1 / 255  # Lower alpha is not blended.
MOST_ALPHA = 0.99
LEAST_TRANSMITTANCE = 1e-4  # A pixel is finished before a Gaussian that would leave less.
NEAR = 0.2  # Metres; nearer Gaussians are not drawn.
MAX_LOG_SCALE = 40.0  # In both directions: beyond it exp leaves the range of any scene.

Doubles = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class ReferencePicture:
    """A picture, and how close each pixel came to a different cut-off decision.

    Attributes:
        picture: (h, w, 3) float64.
        margins: (h, w) float64: the least relative distance of an alpha from 1/255 or of a transmittance from 1e-4.
            Where it is tiny, a float32 rasteriser may legitimately decide otherwise.
    """

    picture: Doubles
    margins: Doubles


def render_reference(scene: Scene, view: View, background: tuple[float, float, float]) -> ReferencePicture:
    """The picture of a static scene."""
    width, height = view.size
    means, conics, opacities, colours, depths = _projected(scene, view)
    x, y = np.meshgrid(np.arange(width, dtype=np.float64), np.arange(height, dtype=np.float64))
    picture, left, margins = np.zeros((height, width, 3)), np.ones((height, width)), np.full((height, width), np.inf)
    is_done = np.zeros((height, width), bool)
    # Depths are compared as float32, ties in the scene's order: both are part of the definition of the result.
    for i in np.argsort(depths.astype(np.float32), kind="stable"):
        dx, dy = x - means[i, 0], y - means[i, 1]
        power = -0.5 * (conics[i, 0] * dx * dx + conics[i, 2] * dy * dy) - conics[i, 1] * dx * dy
        alpha = np.minimum(MOST_ALPHA, opacities[i] * np.exp(np.minimum(power, 0.0)))
        after = left * (1 - alpha)
        is_seen = ~is_done & (alpha >= LEAST_ALPHA)
        margins = np.where(is_done, margins, np.minimum(margins, np.abs(alpha / LEAST_ALPHA - 1)))
        margins = np.where(is_seen, np.minimum(margins, np.abs(after / LEAST_TRANSMITTANCE - 1)), margins)
        is_done |= is_seen & (after < LEAST_TRANSMITTANCE)
        is_seen &= ~is_done
        picture += np.where(is_seen, alpha * left, 0.0)[..., None] * colours[i]
        left = np.where(is_seen, after, left)
    return ReferencePicture(picture + left[..., None] * np.array(background), margins)


def _projected(scene: Scene, view: View) -> tuple[Doubles, Doubles, Doubles, Doubles, Doubles]:
    """The M Gaussians beyond the near plane: means2d (M, 2) with pixel centres at integers, conics (M, 3) as xx, xy, yy
    of the inverse covariance, opacities (M,), colours (M, 3), depths (M,).
    """
    matrix = view.world_to_camera()
    rotation, eye = matrix[:3, :3], view.camera_to_world[:3, 3]
    in_camera = scene.means.astype(np.float64) @ rotation.T + matrix[:3, 3]
    is_near = in_camera[:, 2] > NEAR
    in_camera, places = in_camera[is_near], scene.means[is_near].astype(np.float64)
    depths = in_camera[:, 2]
    fx, fy, cx, cy = view.intrinsics
    means = np.stack([fx * in_camera[:, 0] / depths + cx - 0.5, fy * in_camera[:, 1] / depths + cy - 0.5], axis=1)

    left, right, top, bottom = view.slope_limits()
    x = np.clip(in_camera[:, 0] / depths, left, right) * depths
    y = np.clip(in_camera[:, 1] / depths, top, bottom) * depths
    jacobians = np.zeros((len(in_camera), 2, 3))  # d pixel / d camera.
    jacobians[:, 0, 0], jacobians[:, 0, 2] = fx / depths, -fx * x / depths**2
    jacobians[:, 1, 1], jacobians[:, 1, 2] = fy / depths, -fy * y / depths**2
    scales = np.exp(np.clip(scene.log_scales[is_near].astype(np.float64), -MAX_LOG_SCALE, MAX_LOG_SCALE))
    spread = jacobians @ rotation @ rotations(scene.quaternions[is_near]) * scales[:, None, :]  # (M, 2, 3)
    covariances = spread @ spread.swapaxes(1, 2) + BLUR * np.eye(2)
    # Lagrange's identity: unlike xx·yy - xy², it does not cancel for needles.
    xx, xy, yy = covariances[:, 0, 0], covariances[:, 0, 1], covariances[:, 1, 1]
    areas = (np.cross(spread[:, 0], spread[:, 1]) ** 2).sum(axis=1)
    determinants = areas + BLUR * ((spread**2).sum(axis=(1, 2))) + BLUR**2
    conics = np.stack([yy, -xy, xx], axis=1) / determinants[:, None]

    logits = scene.opacity_logits[is_near].astype(np.float64)
    directions = (places - eye) / np.linalg.norm(places - eye, axis=1, keepdims=True)
    basis = harmonic_basis(directions, scene.harmonics.shape[1])
    colours = np.einsum("nk,nkc->nc", basis, scene.harmonics[is_near].astype(np.float64))
    return means, conics, 1 / (1 + np.exp(-np.clip(logits, -40, 40))), np.maximum(colours + 0.5, 0), depths


def rotations(quaternions: NDArray[np.float32]) -> Doubles:
    """(M, 3, 3) of quaternions (M, 4) wxyz of any length; of length 0, no rotation."""
    lengths = np.linalg.norm(quaternions.astype(np.float64), axis=1, keepdims=True)
    units = np.where(lengths > 1e-30, quaternions / np.where(lengths > 1e-30, lengths, 1), [1.0, 0, 0, 0])
    w, x, y, z = units.T
    rows = [
        [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
        [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
        [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
    ]
    return np.moveaxis(np.array(rows), -1, 0)


def harmonic_basis(directions: Doubles, count: int) -> Doubles:
    """(M, count) values of the first real spherical harmonics at unit directions (M, 3), with the signs of 3DGS."""
    x, y, z = directions.T
    pi = math.pi
    values = [np.full_like(x, 0.5 / math.sqrt(pi))]
    if count > 1:
        c1 = math.sqrt(3 / (4 * pi))
        values += [-c1 * y, c1 * z, -c1 * x]
    if count > 4:
        two = 0.5 * math.sqrt(15 / pi)
        values += [two * x * y, -two * y * z, math.sqrt(5 / pi) / 4 * (2 * z * z - x * x - y * y), -two * x * z]
        values += [two / 2 * (x * x - y * y)]
    if count > 9:
        a, b = math.sqrt(35 / (2 * pi)) / 4, math.sqrt(105 / pi) / 2
        c, d = math.sqrt(21 / (2 * pi)) / 4, math.sqrt(7 / pi) / 4
        values += [-a * y * (3 * x * x - y * y), b * x * y * z, -c * y * (4 * z * z - x * x - y * y)]
        values += [d * z * (2 * z * z - 3 * x * x - 3 * y * y), -c * x * (4 * z * z - x * x - y * y)]
        values += [b / 2 * z * (x * x - y * y), -a * x * (x * x - 3 * y * y)]
    return np.stack(values, axis=1)
