"""A little dataset: coloured squares around the origin and in time."""

import math

import numpy as np
from numpy.typing import NDArray

from episodec.splat.cloud import Cloud
from episodec.splat.dataset import Shot
from episodec.splat.view import Intrinsics

SIZE = 8
LENS: Intrinsics = (10.0, 10.0, SIZE / 2, SIZE / 2)


def camera(eye: tuple[float, float, float], at: tuple[float, float, float] = (0, 0, 0)) -> NDArray[np.float64]:
    """(4, 4) camera_to_world, y up."""
    back = np.subtract(eye, at) / math.dist(eye, at)
    right = np.cross((0, 1, 0), back)
    right /= np.linalg.norm(right)
    values = np.eye(4)
    values[:3, :3] = np.stack([right, np.cross(back, right), back], axis=1)
    values[:3, 3] = eye
    return values


def little() -> tuple[list[Shot], list[NDArray[np.uint8]], Intrinsics, Cloud]:
    """The input of `write_dataset`: three views, four moving frames of which one each is held out."""
    shots = [Shot("train", "spatial", i, 0.5, camera((2 * math.sin(i), 0, 2 * math.cos(i)))) for i in range(3)]
    shots += [Shot(s, "temporal", k, k / 3, camera((0, 0, 2))) for s, k in (("train", 0), ("train", 3))]  # type: ignore[arg-type]
    shots += [
        Shot("val", "temporal", 1, 1 / 3, camera((0, 0, 2))),
        Shot("test", "temporal", 2, 2 / 3, camera((0, 0, 2))),
    ]
    random = np.random.default_rng(7)
    pictures = [random.integers(0, 256, (SIZE, SIZE, 4), np.uint8) for _ in shots]
    cloud = Cloud(random.normal(size=(5, 3)).astype(np.float32), random.integers(0, 256, (5, 3), np.uint8))
    return shots, pictures, LENS, cloud
