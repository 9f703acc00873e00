"""The fidelity of a trained scene to the pictures of its dataset, and how much it moves."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from episodec.splat.dataset import Dataset
from episodec.splat.rasterise import render
from episodec.splat.scene import Scene
from episodec.splat.view import View
from episodec.splat.white import on_white

ORBIT = 160  # Frames of one turn over scene time 0 to 1, as 4DGaussians films a scene.
APART = 30  # Frames between two pictures whose difference measures the movement.
BEST_DB = 100.0  # The value for equal pictures, whose PSNR is infinite.

Frame = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Fidelity:
    """Renderings and measurements.

    Attributes:
        truth: (F, H, W, 3) uint8, the dataset's pictures over white, in its order.
        shown: (F, H, W, 3) uint8, the scene's renderings of them.
        psnr_db: (F,) of each, at most 100.
        orbit: (160 or as requested, H, W, 3) uint8, one turn while time runs from 0 to 1.
    """

    truth: Frame
    rendered: Frame
    psnr_db: NDArray[np.float64]
    orbit: Frame

    def frame_difference(self) -> float:
        """Mean absolute difference, 0 to 255, of orbit frames that are 30 apart."""
        pairs = zip(self.orbit[:-APART], self.orbit[APART:], strict=True)
        return float(np.mean([np.abs(one.astype(np.int16) - other).mean() for one, other in pairs]))


def measure(scene: Scene, dataset: Dataset, *, orbit: int = ORBIT, threads: int = 1) -> Fidelity:
    """Render every picture of the dataset, and the orbit, and measure them.

    Raises:
        BackendError: a camera is invalid.
    """
    truth = np.stack([on_white(frame) for frame in dataset.frames])
    rendered = np.stack(
        [
            render(scene, dataset.view(frame), time=float(time), threads=threads)
            for frame, time in enumerate(dataset.times)
        ]
    )
    error = ((truth.astype(np.float64) - rendered) ** 2).mean(axis=(1, 2, 3)) / 255**2
    psnr = np.minimum(-10 * np.log10(np.maximum(error, 1e-30)), BEST_DB)
    poses = _orbit(float(np.median(np.linalg.norm(dataset.camera_to_world[:, :3, 3], axis=1))), orbit)
    times = np.arange(orbit) / (orbit - 1)
    around = [
        render(scene, View(pose, dataset.intrinsics, dataset.size), time=float(time), threads=threads)
        for pose, time in zip(poses, times, strict=True)
    ]
    return Fidelity(truth, rendered, psnr, np.stack(around))


def _orbit(radius: float, count: int) -> list[NDArray[np.float64]]:
    """camera_to_world on a level circle around the origin, starting in front; the end is excluded."""
    poses = []
    for index in range(count):
        angle = 2 * math.pi * index / count
        pose = np.eye(4)
        pose[0, :3] = (math.cos(angle), 0, math.sin(angle))
        pose[2, :3] = (-math.sin(angle), 0, math.cos(angle))
        pose[:3, 3] = (radius * math.sin(angle), 0, radius * math.cos(angle))
        poses.append(pose)
    return poses
