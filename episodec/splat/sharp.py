"""Converts Apple SHARP's result for one picture to a scene in episodec's coordinates.

SHARP's world is OpenCV's: metres, x right, y down, z forward, the source camera at the origin. In episodec's, the
character is at the origin, y up, looking to +z, in front of a camera at `relief.DISTANCE_M` that is `relief.FOV_Y_DEG`
high: a film from there shows the picture itself, whichever backend made the scene. Colours stay the exported sRGB
values: SHARP blends in linear light, so soft edges differ slightly from its own renderer's.
"""

import math
from typing import NoReturn

import numpy as np
from numpy.typing import NDArray

from episodec.errors import BackendError
from episodec.splat.ply import read_column, read_ply
from episodec.splat.relief import DISTANCE_M, FOV_Y_DEG
from episodec.splat.scene import LEFT_OUT, LoadedScene, Scene, checked, columnar

FILM_MM = math.hypot(36, 24)  # The diagonal that SHARP's focal lengths refer to.
SEEN = 0.5  # The least opacity of the character's surface.
FAINTEST_LOGIT = -math.log(254)  # Opacity 1/255: rasterisers skip lower ones.


def focal_mm(width: int, height: int) -> float:
    """The 35 mm equivalent focal length, by the diagonal, at which a picture is `FOV_Y_DEG` high."""
    return _focal_px(height) * FILM_MM / math.hypot(width, height)


def _focal_px(height: int) -> float:
    return 0.5 * height / math.tan(math.radians(FOV_Y_DEG / 2))


def subject(rgba: NDArray[np.uint8], *, is_cut_out: bool) -> NDArray[np.bool_]:
    """(h, w): the pixels of (h, w, 4) that show the character: opaque ones, or else the picture's middle."""
    if is_cut_out:
        opaque: NDArray[np.bool_] = rgba[..., 3] >= 128
        return opaque
    height, width = rgba.shape[:2]
    middle = np.zeros((height, width), np.bool_)
    middle[height // 3 : height - height // 3, width // 3 : width - width // 3] = True
    return middle


def body_of(content: bytes, mask: NDArray[np.bool_], *, is_cut_out: bool) -> LoadedScene:
    """The scene of SHARP's .ply, its subject at the origin.

    shown: (h, w), the picture's pixels that show the character; is_cut_out: whether Gaussians behind other pixels are
    dropped. The subject's distance is the median depth of the surface in `shown`. Size follows from it and the file's
    focal length, since the picture only determines their ratio.

    Raises:
        BackendError: the file is damaged or has another form, or there is nothing at the character's place.
    """
    loaded = read_ply(content)
    if sentences := [sentence for code, sentence in loaded.notes if code == LEFT_OUT]:
        _refuse("SHARP's scene has numbers that are not finite", found=sentences[0])
    focal, middle = _camera(content, mask)
    scene = loaded.scene
    means = scene.means.astype(np.float64)  # (N, 3), metres, OpenCV.
    depth = means[:, 2]
    hits = _is_on(mask, means, focal, middle)
    opaque = scene.opacity_logits >= math.log(SEEN / (1 - SEEN))
    if scene.degree or not (hits & opaque).any():
        _refuse("SHARP found nothing at the character's place", degree=scene.degree, Gaussians=scene.count)
    distance = float(np.median(depth[hits & opaque]))
    scale = focal / _focal_px(mask.shape[0]) * DISTANCE_M / distance
    kept = (scene.opacity_logits >= FAINTEST_LOGIT) & (hits if is_cut_out else True)
    w, x, y, z = scene.quaternions[kept].T
    turned = Scene(
        (scale * (means[kept] - [0, 0, distance]) * [1, -1, -1]).astype(np.float32),
        np.stack([-x, w, -z, y], axis=1),  # Rotated by half a turn about x, the quaternion (0, 1, 0, 0).
        scene.log_scales[kept] + np.float32(math.log(scale)),
        scene.opacity_logits[kept],
        scene.harmonics[kept],  # Of degree 0, which is rotation invariant.
    )
    return LoadedScene(
        columnar(checked(turned))
    )  # No note about clamped opacities: SHARP writes all full ones that way.


def _camera(content: bytes, mask: NDArray[np.bool_]) -> tuple[float, tuple[float, float]]:
    """Focal length and principal point in pixels, from the file's own elements."""
    size = tuple(read_column(content, "image_size").astype(int).tolist())
    lens, pose = read_column(content, "intrinsic"), read_column(content, "extrinsic")
    colours = read_column(content, "color_space").tolist()
    if size != mask.shape[::-1]:
        _refuse("SHARP's file belongs to another picture", found=size, expected=mask.shape[::-1])
    if colours != [0.0] or pose.shape != (16,) or lens.shape != (9,) or not np.isfinite(lens).all() or lens[4] <= 0:
        _refuse("SHARP's file has another form", color_space=colours, extrinsic=pose.shape, intrinsic=lens.tolist())
    if not np.allclose(pose, np.eye(4).reshape(16), atol=1e-6):
        _refuse("SHARP's camera is not at the origin", extrinsic=pose.tolist())
    return float(lens[4]), (float(lens[2]), float(lens[5]))


def _is_on(
    mask: NDArray[np.bool_], means: NDArray[np.float64], focal: float, middle: tuple[float, float]
) -> NDArray[np.bool_]:
    """(N,): whether the camera sees the mean on one of these pixels."""
    height, width = mask.shape
    before = means[:, 2] > 1e-6
    depth = np.where(before, means[:, 2], 1.0)
    place = np.clip(means[:, :2] / depth[:, None] * focal + middle, -1, 2 * max(mask.shape)).astype(np.float64)
    column, row = np.floor(place).astype(np.int64).T
    inside = before & (column >= 0) & (column < width) & (row >= 0) & (row < height)
    on_subject: NDArray[np.bool_] = inside & mask[np.clip(row, 0, height - 1), np.clip(column, 0, width - 1)]
    return on_subject


def _refuse(sentence: str, **facts: object) -> NoReturn:
    raise BackendError(sentence, facts=facts)
