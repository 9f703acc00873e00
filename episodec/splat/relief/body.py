"""From a portrait to a moving scene, with colours fitted to the portrait."""

import math
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from episodec.face.fit import FittedHead
from episodec.splat.bust.body import BELOW, bust
from episodec.splat.ply import SH0
from episodec.splat.rasterise import render_floats
from episodec.splat.relief import DISTANCE_M, FOV_Y_DEG, HEIGHT_M
from episodec.splat.relief.motion import moving
from episodec.splat.relief.portrait import Portrait, look_at
from episodec.splat.relief.shape import shape_of
from episodec.splat.relief.surface import THICKNESS, SurfaceCloud, cloud_of, taken, turned
from episodec.splat.scene import Floats, LoadedScene, Scene, checked, columnar
from episodec.splat.view import View

CELLS = 70_000  # Gaussians of the front.
WIDTH = 0.38  # Of a cell: standard deviation of a Gaussian; with less, the back shows through in close-ups.
CLOSED = 0.65  # The same for parts facing away: nothing is sharp there, and nothing may show through.
ROUNDS = 6  # Of the colours' fit.
OPACITY_LOGIT = 3.5  # Opacity 0.97.
FADES = 9.0  # Decay of opacity, to nothing, below the portrait's lower edge.


def relief(
    rgba: NDArray[np.uint8],
    fitted: FittedHead | None,
    *,
    slices: int = 24,
    threads: int = 1,
    lead: float = 0.0,
) -> LoadedScene:
    """The moving body of the person in (h, w, 4) uint8; see `moving` for `slices` and `lead`.

    fitted: the head fitted to the face, in its pixels; None without a face, for a plain body.

    Raises:
        BackendError: the person cannot be told from the background.
    """
    portrait = look_at(rgba, None if fitted is None else fitted.landmarks)
    cloud = cloud_of(portrait, shape_of(portrait), CELLS) if fitted is None else bust(portrait, fitted, len(rgba))
    scene = _fitted(portrait, cloud, threads)
    return LoadedScene(columnar(checked(moving(scene, cloud, portrait, slices, lead))), portrait.notes)


def source_view(width: int, height: int) -> View:
    """The view that shows the portrait as it is."""
    matrix = np.eye(4)
    matrix[2, 3] = DISTANCE_M
    focal = 0.5 * height / math.tan(math.radians(FOV_Y_DEG / 2))
    return View(matrix, (focal, focal, width / 2, height / 2), (width, height))


def _scene(cloud: SurfaceCloud) -> Scene:
    """The scene of the cloud, before its colours are fitted."""
    widths = np.where(cloud.normals[:, 2] < 0, CLOSED, WIDTH)
    scales = np.stack([widths * cloud.stretch, widths, np.full_like(widths, THICKNESS)])
    return Scene(
        cloud.means.astype(np.float32),
        turned(cloud),
        np.log(scales * cloud.cells_m).T.astype(np.float32),
        (OPACITY_LOGIT - FADES * _under(cloud.means)).astype(np.float32),
        ((cloud.colours - 0.5) / SH0).astype(np.float32)[:, None, :],
    )


def _under(means: NDArray[np.float64]) -> NDArray[np.float64]:
    """(N,): 0 where the portrait shows the body, 1 at the end of its extension below the lower edge."""
    deep = (-HEIGHT_M / 2 - means[:, 1]) / (BELOW * HEIGHT_M)
    weight: NDArray[np.float64] = np.clip((deep - 0.3) / 0.6, 0, 1)
    return weight


def _fitted(portrait: Portrait, cloud: SurfaceCloud, threads: int) -> Scene:
    """The scene whose source view matches the portrait, as closely as a few rounds allow.

    A picture is linear in the colours, and a front Gaussian dominates its own pixel, so each is corrected by the
    residual there, repeatedly (Landweber's iteration, with the diagonal as the inverse).
    """
    height, wide = portrait.mask.shape
    view, target = source_view(wide, height), portrait.rgb.astype(np.float32) / 255
    scene, count = _scene(cloud), len(cloud.pixels)
    # At the edge the background shows through: the residual there is not due to the colour.
    trust = np.clip((cv2.distanceTransform(portrait.mask.astype(np.uint8), cv2.DIST_L2, 5) - 0.8) / 1.5, 0, 1)[
        ..., None
    ]
    # The back's colours, where they show through the front, are left unchanged.
    inside = portrait.mask[..., None]
    own = scene.harmonics
    harmonics: Floats = own
    leeway = (cloud.leeway / SH0).astype(np.float32)[:, None]
    best, best_db = scene, -np.inf
    for number in range(ROUNDS + 1):
        missing = (target - render_floats(scene, view, threads=threads)) * inside
        db = -10 * math.log10(float((missing**2).sum() / (3 * inside.sum())) + 1e-12)
        if db > best_db:
            best, best_db = scene, db
        if number == ROUNDS:
            break
        correction = np.stack([taken((trust * missing)[..., c], *cloud.pixels.T) for c in range(3)], axis=1).astype(
            np.float32
        )
        harmonics = harmonics.copy()
        harmonics[:count, 0] += np.float32(1.2 / SH0) * correction
        near = harmonics[:count, 0]
        np.clip(near, own[:count, 0] - leeway, own[:count, 0] + leeway, out=near)
        scene = replace(scene, harmonics=harmonics)
    return best
