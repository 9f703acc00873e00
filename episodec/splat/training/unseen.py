"""Removes Gaussians that no training picture shows from the trained scene: from other views they would be floaters.

Nothing constrains such Gaussians: they are wherever densification and the field have left them, mostly inside the
subject, and the others above or below the cameras' field of view.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from episodec.splat.dataset import Dataset
from episodec.splat.ply import SH0
from episodec.splat.rasterise import Threads
from episodec.splat.scene import Floats, Scene, Slices, at, columnar
from episodec.splat.training import raster
from episodec.splat.view import View

LEAST = 0.1
"""Pixels of some picture that a Gaussian must contribute. Measured on bench/hybrid.py's bust from 30 held-out cameras:
see bench/results/hybrid.md.
"""


def weights(scene: Scene, view: View, pool: Threads | None = None) -> Floats:
    """(N,) float32: how many pixels of a picture each Gaussian contributes, summed over its weights."""
    # The derivative of the picture's sum by a colour is its weight in the picture. For grey, since colours are clamped.
    grey = replace(scene, harmonics=np.zeros((scene.count, 1, 3), np.float32), slices=None)
    done = raster.forward(grey, view, (0.0, 0.0, 0.0), pool)
    red = np.zeros_like(done.picture)
    red[..., 0] = 1
    by_red = raster.backward(done, red, None, pool).harmonics[:, 0, 0]
    weights: Floats = (np.maximum(by_red, 0) / SH0).astype(np.float32)
    return weights


def pixels_shown(scene: Scene, dataset: Dataset, threads: int = 1) -> Floats:
    """(N,) float32: the greatest number of pixels that each Gaussian contributes to a training picture."""
    pool, most = Threads(threads), np.zeros(scene.count, np.float32)
    for frame in dataset.where("train"):
        still = at(scene, float(dataset.times[frame]))
        most = np.maximum(most, weights(still, dataset.view(frame), pool))
    return most


def kept(scene: Scene, is_kept: NDArray[np.bool_]) -> Scene:
    """The scene with only these Gaussians, (N,)."""
    slices = scene.slices
    if slices is not None:
        turns, scales = (None if one is None else one[:, is_kept] for one in (slices.quaternions, slices.log_scales))
        slices = Slices(slices.means[:, is_kept], turns, scales)
    columns = (scene.means, scene.quaternions, scene.log_scales, scene.opacity_logits, scene.harmonics)
    means, quaternions, log_scales, logits, harmonics = (column[is_kept] for column in columns)
    return columnar(Scene(means, quaternions, log_scales, logits, harmonics, slices))
