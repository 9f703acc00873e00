"""A tiny dataset learned in seconds: a coloured ball that slides aside, seen from around and from the front."""

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from episodec.splat.cloud import Cloud
from episodec.splat.dataset import Dataset
from episodec.splat.ply import SH0
from episodec.splat.scene import Floats, Scene
from episodec.splat.training import raster
from episodec.splat.view import View

RADIUS_M = 0.5
SLIDE_M = 0.25


def ball(count: int = 400, time: float = 0.5) -> Scene:
    """Gaussians all over a ball's surface, coloured by where they are; at 0.5 it is in the middle."""
    numbers = np.arange(count) + 0.5
    y = 1 - 2 * numbers / count
    turn = math.pi * (1 + math.sqrt(5)) * numbers
    flat = np.sqrt(1 - y * y)
    outward = np.stack([flat * np.cos(turn), y, flat * np.sin(turn)], axis=1)
    colours = 0.5 + 0.4 * np.stack([np.sin(5 * outward[:, 0]), outward[:, 1], np.sin(4 * outward[:, 2])], axis=1)
    means = RADIUS_M * outward + [SLIDE_M * math.sin(math.pi * (time - 0.5)), 0, 0]
    return Scene(
        means.astype(np.float32),
        np.tile(np.array([1, 0, 0, 0], np.float32), (count, 1)),
        np.full((count, 3), math.log(0.04), np.float32),
        np.full(count, 4, np.float32),
        ((colours - 0.5) / SH0).astype(np.float32)[:, None],
    )


def around(angle_rad: float, side: int) -> View:
    cos, sin = math.cos(angle_rad), math.sin(angle_rad)
    matrix = np.eye(4)
    matrix[:3, :3] = np.array([[cos, 0, sin], [0, 1, 0], [-sin, 0, cos]])
    matrix[:3, 3] = 2.6 * matrix[:3, 2]
    return View(matrix, (1.6 * side, 1.6 * side, side / 2, side / 2), (side, side))


def rgba(scene: Scene, view: View) -> NDArray[np.uint8]:
    done = raster.forward(scene, view, (0.0, 0.0, 0.0))
    alpha = done.alpha[..., None]
    whole = np.concatenate([done.picture / np.maximum(alpha, 1e-6), alpha], axis=-1)
    values: NDArray[np.uint8] = np.rint(np.clip(whole, 0, 1) * 255).astype(np.uint8)
    return values


def dataset(side: int = 32, views: int = 6, frames: int = 8, cloud: Cloud | None = None) -> Dataset:
    shots = [(0.5, around(2 * math.pi * number / views, side)) for number in range(views)]
    held_out = frames // 2
    shots += [(k / (frames - 1), around(0.0, side)) for k in (*(k for k in range(frames) if k != held_out), held_out)]
    still = ball()
    colours: Floats = np.clip((still.harmonics[:, 0] * SH0 + 0.5) * 255, 0, 255)
    return Dataset(
        np.stack([rgba(ball(time=time), view) for time, view in shots]),
        np.stack([view.camera_to_world for _, view in shots]),
        shots[0][1].intrinsics,
        np.array([time for time, _ in shots]),
        tuple("train" if k < len(shots) - 1 else "test" for k in range(len(shots))),
        tuple("spatial" if k < views else "temporal" for k in range(len(shots))),
        cloud or Cloud(still.means, colours.astype(np.uint8)),
    )


class Memory:
    """A shelf that keeps everything in memory: the in-memory twin of a folder's."""

    def __init__(self) -> None:
        self.kept: list[bytes] = []

    def load(self) -> bytes | None:
        return self.kept[-1] if self.kept else None

    def keep(self, content: Callable[[], bytes]) -> None:
        self.kept.append(content())
