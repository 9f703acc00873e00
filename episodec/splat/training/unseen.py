"""What no picture of a training shows is taken out of the trained scene: from elsewhere it would be seen as floaters.

Such Gaussians are held by nothing: they lie wherever growth and the field have left them, mostly inside of the subject,
and the others above or below what the cameras see.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from episodec.splat.dataset import Dataset
from episodec.splat.ply import SH0
from episodec.splat.rasterise import Crew
from episodec.splat.scene import Floats, Scene, Slices, at, columnar
from episodec.splat.training import raster
from episodec.splat.view import View

LEAST = 0.1
"""Pixels of some picture that a Gaussian must make. Measured on bench/hybrid.py's bust from 30 cameras that were held
out: see bench/results/hybrid.md.
"""


def weights(scene: Scene, view: View, crew: Crew | None = None) -> Floats:
    """(N,) float32: how many pixels of a picture each Gaussian makes, by its shares in them."""
    # A colour's derivative by a picture's sum is what it has of the picture. Of grey, because colours are clamped.
    grey = replace(scene, harmonics=np.zeros((scene.count, 1, 3), np.float32), slices=None)
    done = raster.forward(grey, view, (0.0, 0.0, 0.0), crew)
    red = np.zeros_like(done.picture)
    red[..., 0] = 1
    by_red = raster.backward(done, red, None, crew).harmonics[:, 0, 0]
    found: Floats = (np.maximum(by_red, 0) / SH0).astype(np.float32)
    return found


def shown(scene: Scene, dataset: Dataset, threads: int = 1) -> Floats:
    """(N,) float32: the pixels that each Gaussian makes of that picture to learn from which shows it best."""
    crew, most = Crew(threads), np.zeros(scene.count, np.float32)
    for frame in dataset.where("train"):
        still = at(scene, float(dataset.times[frame]))
        most = np.maximum(most, weights(still, dataset.view(frame), crew))
    return most


def kept(scene: Scene, is_kept: NDArray[np.bool_]) -> Scene:
    """The scene of these Gaussians, (N,), alone."""
    slices = scene.slices
    if slices is not None:
        turns, scales = (None if one is None else one[:, is_kept] for one in (slices.quaternions, slices.log_scales))
        slices = Slices(slices.means[:, is_kept], turns, scales)
    columns = (scene.means, scene.quaternions, scene.log_scales, scene.opacity_logits, scene.harmonics)
    means, quaternions, log_scales, logits, harmonics = (column[is_kept] for column in columns)
    return columnar(Scene(means, quaternions, log_scales, logits, harmonics, slices))
