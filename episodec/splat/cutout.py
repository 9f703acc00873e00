"""Pictures of a scene without a background: straight alpha."""

import numpy as np
from numpy.typing import NDArray

from episodec.splat.rasterise import render_covered
from episodec.splat.scene import Scene
from episodec.splat.view import View

BLACK = (0.0, 0.0, 0.0)
SIDE = 600  # Pixels: smaller pictures are supersampled.
FAINTEST = 1 / 510  # Of alpha: less rounds to nothing.


def finer_than(size: int) -> int:
    """The supersampling factor of a picture `size` pixels high.

    Gaussians smaller than a pixel are drawn as large as one: without supersampling, dense scenes sparkle in small
    pictures.
    """
    return -(-SIDE // size)


def cut_out(scene: Scene, view: View, *, time: float = 0.0, threads: int = 1, finer: int = 1) -> NDArray[np.uint8]:
    """(h, w, 4) uint8, straight alpha: the scene's colours and coverage.

    Supersampled `finer` times and averaged.

    Raises:
        BackendError: the view or the time is invalid.
    """
    fx, fy, cx, cy = view.intrinsics
    (width, height), k = view.size, finer
    near = View(view.camera_to_world, (fx * k, fy * k, cx * k, cy * k), (width * k, height * k))
    dark, alpha_of = render_covered(scene, near, time=time, background=BLACK, threads=threads)
    # Over black, colours are premultiplied by alpha, so both can be averaged.
    each = np.concatenate([dark, alpha_of[..., None]], axis=2)
    mixed = each.reshape(height, k, width, k, 4).mean(axis=(1, 3))
    alpha = np.clip(mixed[..., 3:], 0, 1)
    colour = np.where(alpha > FAINTEST, mixed[..., :3] / np.maximum(alpha, FAINTEST), 1)
    rgba = np.concatenate([np.clip(colour, 0, 1), alpha], axis=2)
    rounded: NDArray[np.uint8] = np.rint(rgba * 255).astype(np.uint8)
    return rounded
