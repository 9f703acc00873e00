"""Scenes and views for tests of the splat floor, made from a seed."""

import math

import numpy as np

from episodec.splat.scene import Scene, Slices
from episodec.splat.view import View


def random_scene(count: int, seed: int = 0, degree: int = 3, slices: int = 0) -> Scene:
    """A cloud around the origin, of the size of a head."""
    rng = np.random.default_rng(seed)

    def normal(
        *shape: int, spread: float = 1.0, mean: float = 0.0
    ) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
        return rng.normal(mean, spread, shape).astype(np.float32)

    movement = Slices(normal(slices, count, 3), normal(slices, count, 4), None) if slices else None
    return Scene(
        normal(count, 3, spread=0.5),
        normal(count, 4),
        normal(count, 3, spread=0.8, mean=-2.5),
        normal(count, spread=2.0),
        normal(count, (degree + 1) ** 2, 3, spread=0.4),
        movement,
    )


def view(width: int = 48, height: int = 40, *, distance: float = 3.0, turn_rad: float = 0.0) -> View:
    """A camera that looks at the origin, 45 degrees wide."""
    cos, sin = math.cos(turn_rad), math.sin(turn_rad)
    matrix = np.eye(4)
    matrix[:3, :3] = np.array([[cos, 0, sin], [0, 1, 0], [-sin, 0, cos]])
    matrix[:3, 3] = matrix[:3, 2] * distance
    focal = 0.5 * width / math.tan(math.radians(22.5))
    return View(matrix, (focal, focal, width / 2, height / 2), (width, height))


def same(scene: Scene, two: Scene) -> bool:
    """Whether all numbers of two scenes that stand still are the same."""
    names = ("means", "quaternions", "log_scales", "opacity_logits", "harmonics")
    return all(np.array_equal(getattr(scene, name), getattr(two, name)) for name in names)
