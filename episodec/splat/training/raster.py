"""The differentiable CPU rasteriser: pictures, and derivatives of a loss by the Gaussians.

Invariant: the picture is `rasterise.render_floats`'s, bit for bit, and derivatives are the same bits at any number of
threads: an ellipse's sums are added in the order of the tiles, whichever thread computed them. Tests compare the
derivatives with those of `reference`, in float64 by torch.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from episodec.splat import rasterise
from episodec.splat.rasterise import Colour, Threads, TileLists
from episodec.splat.scene import Floats, Scene, checked, columnar
from episodec.splat.training import blend_back, project_back
from episodec.splat.view import View, checked_view

_NO_ALPHA = np.empty((0, 0), np.float32)
_NO_BYTES = np.empty((0, 0, 3), np.uint8)


@dataclass(frozen=True, slots=True, eq=False)
class Forward:
    """A picture, and the inputs of its backward pass.

    Attributes:
        picture: (h, w, 3) float32, 0 to 1 and above.
        alpha: (h, w) float32, the coverage of each pixel; the background shows through the rest.
        scene: the scene, its columns contiguous.
        view: the camera.
        lists: its ellipses.
    """

    picture: Floats
    alpha: Floats
    scene: Scene
    view: View
    lists: TileLists


@dataclass(frozen=True, slots=True, eq=False)
class Gradients:
    """Derivatives of a loss, shaped as a scene's arrays and with contiguous columns; 0 for invisible Gaussians.

    Attributes:
        means: (N, 3) float32.
        quaternions: (N, 4) float32, by the unnormalised quaternion.
        log_scales: (N, 3) float32.
        opacity_logits: (N,) float32.
        harmonics: (N, K, 3) float32.
        screen: (N,) float32, the length of the derivative by means2d, for a picture taken as 2 wide and 2 high: 3DGS
            compares it with its threshold of 0.0002 to densify.
        is_seen: (N,) bool, whether it is visible.
    """

    means: Floats
    quaternions: Floats
    log_scales: Floats
    opacity_logits: Floats
    harmonics: Floats
    screen: Floats
    is_seen: NDArray[np.bool_]


def forward(scene: Scene, view: View, background: Colour, pool: Threads | None = None) -> Forward:
    """The picture of a static scene. Columnar scenes are not copied.

    Raises:
        BackendError: the view is invalid, or the scene holds NaN or infinity.
    """
    checked_view(view)
    scene = columnar(_finite(scene))
    lists = rasterise.tile_lists(scene, view, pool)
    width, height = view.size
    picture, alpha = np.empty((height, width, 3), np.float32), np.empty((height, width), np.float32)
    rasterise.blend(lists, view, background, (picture, _NO_BYTES), pool, alpha)
    return Forward(picture, alpha, scene, view, lists)


def backward(done: Forward, d_picture: Floats, d_alpha: Floats | None = None, pool: Threads | None = None) -> Gradients:
    """Derivatives by the scene, from those by the picture, (h, w, 3) float32, and by alpha, (h, w) float32."""
    pool = pool or Threads(1)
    d_picture = np.ascontiguousarray(d_picture, np.float32)
    d_alpha = _NO_ALPHA if d_alpha is None else np.ascontiguousarray(d_alpha, np.float32)
    assert d_picture.shape == done.picture.shape
    assert d_alpha.shape in (done.alpha.shape, (0, 0))
    return _scene_back(done, _sums(done, d_picture, d_alpha, pool), pool)


def _sums(done: Forward, d_picture: Floats, d_alpha: Floats, pool: Threads) -> Floats:
    """The blending sums of each ellipse: (N, SUMS)."""
    lists = done.lists
    columns, _ = rasterise.grid(done.view)
    pairs = np.empty((len(lists.rows), blend_back.SUMS), np.float32)
    ends = np.empty(len(lists.starts) - 1, np.int64)
    arrays = (lists.starts, lists.rows, lists.place, lists.look, done.picture, done.alpha, d_picture, d_alpha)
    sums = np.empty((len(lists.place), blend_back.SUMS), np.float32)

    def blend(first: int, end: int) -> None:
        blend_back.blend_back(first, end, columns, *arrays, pairs, ends)

    def gather(share: slice) -> None:
        blend_back.gather(share.start, share.stop, lists.starts, ends, lists.rows, pairs, sums)

    pool.map(blend, rasterise.tile_shares(lists, pool))
    pool.map(gather, [(share,) for share in lists.shares])
    return sums


def _scene_back(done: Forward, sums: Floats, pool: Threads) -> Gradients:
    scene, lists, count = done.scene, done.lists, done.scene.count
    means, quaternions, log_scales = (np.empty((width, count), np.float32) for width in (3, 4, 3))
    logits, screen = np.empty(count, np.float32), np.empty(count, np.float32)
    harmonics = np.empty((scene.harmonics.shape[1], 3, count), np.float32)
    gradients = (means, quaternions, log_scales, logits, harmonics, screen)
    given, camera = rasterise.columns_of(scene), rasterise.packed_camera(done.view)
    is_seen = np.zeros(count, bool)

    def share_back(share: slice, stop: int) -> None:
        rows = (share.start, share.stop)
        arrays = (lists.source, lists.look, sums)
        project_back.project_back(*given, camera, share.start, stop, rows, *arrays, *gradients)
        is_seen[lists.source[share]] = True

    stops = [*(share.start for share in lists.shares[1:]), count]
    pool.map(share_back, zip(lists.shares, stops, strict=True))
    return Gradients(means.T, quaternions.T, log_scales.T, logits, harmonics.transpose(2, 0, 1), screen, is_seen)


def _finite(scene: Scene) -> Scene:
    """The same scene, after checking; sums are checked first, since they are not finite if a number is not."""
    arrays = (scene.means, scene.quaternions, scene.log_scales, scene.opacity_logits, scene.harmonics)
    with np.errstate(over="ignore", invalid="ignore"):
        is_fine = all(np.isfinite(array.sum()) for array in arrays)
    return scene if is_fine and scene.count else checked(scene)
