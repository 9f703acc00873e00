"""A scene as small integers: places in 16 bits, rotations and sizes in 8, each slice as differences from the one
before.

Only the part of colours that is the same from all sides is kept: harmonics of degree 0.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from episodec.splat.pack.container import Array, PackedArray
from episodec.splat.ply import SH0
from episodec.splat.scene import Floats, Scene

PLACES = (1 << 16) - 1  # Steps along the longest side of the box around all places.
GRID = 10  # Bits per side of the grid along which Gaussians are sorted.


@dataclass(frozen=True, slots=True, eq=False)
class PackedScene:
    """The scene's part of a pack. `order`: the index in the scene of each Gaussian of the pack."""

    head: Mapping[str, Any]
    arrays: Mapping[str, PackedArray]
    order: Array


def pack_scene(scene: Scene, first: Array) -> PackedScene:
    """The scene, with these Gaussians, (B,) indices, before all others."""
    means = scene.means[None] if scene.slices is None else scene.slices.means
    corner = means.min(axis=(0, 1)).astype(np.float64)
    step = float((means.max(axis=(0, 1)) - corner).max()) / PLACES or 1.0
    order = _order(means[0], corner, step, first)
    places = np.rint((means[:, order] - corner) / step).astype("<u2")
    turns = _turns(_moving(scene, "quaternions"))[:, order]
    sizes, least, size_step = _sizes(_moving(scene, "log_scales"))
    colours, brightest = _colours(scene.harmonics)
    opacities = 255 / (1 + np.exp(-np.clip(scene.opacity_logits, -40, 40)))
    head = {
        "count": scene.count,
        "slices": len(means),
        "closes": scene.slices is not None and scene.slices.closes,
        "corner": [float(each) for each in corner],
        "step": step,
        "least_log_size": least,
        "log_size_step": size_step,
        "brightest": brightest,
        "bound": len(first),
    }
    arrays = {
        "scene.places": PackedArray(_columns(places), "steps"),
        "scene.turns": PackedArray(_columns(turns), "steps"),
        "scene.sizes": PackedArray(_columns(sizes[:, order]), "steps"),
        "scene.colours": PackedArray(np.ascontiguousarray(colours[order].T)),
        "scene.opacities": PackedArray(np.rint(opacities[order]).astype("u1")),
    }
    return PackedScene(head, arrays, order)


def _moving(scene: Scene, name: str) -> Floats:
    """(S, N, C); S = 1 for a property that does not change."""
    moving = None if scene.slices is None else getattr(scene.slices, name)
    return np.asarray(getattr(scene, name)[None] if moving is None else moving)


def _columns(array: Array) -> Array:
    """(S, C, N)."""
    return np.ascontiguousarray(array.swapaxes(1, 2))


def _order(means: Floats, corner: Array, step: float, first: Array) -> Array:
    """An order in which neighbours in space are adjacent (Morton's), with those of `first` before the rest."""
    cells = ((means - corner) / step).astype(np.uint64) >> np.uint64(16 - GRID)
    code = np.zeros(len(means), np.uint64)
    for bit in range(GRID):
        for axis in range(3):
            code |= ((cells[:, axis] >> np.uint64(bit)) & np.uint64(1)) << np.uint64(3 * bit + axis)
    is_free = np.ones(len(means), bool)
    is_free[first] = False
    return np.lexsort((code, is_free))


def _turns(quaternions: Floats) -> Array:
    """Unit quaternions in steps of 1/127 around 128; of the two signs of a rotation, the one nearer to the previous
    slice.
    """
    lengths = np.linalg.norm(quaternions, axis=2, keepdims=True)
    unit = np.where(lengths > 0, quaternions / np.where(lengths > 0, lengths, 1), np.array([1, 0, 0, 0], np.float32))
    for k in range(1, len(unit)):
        unit[k] *= np.where((unit[k] * unit[k - 1]).sum(axis=1, keepdims=True) < 0, -1, 1)
    turns: Array = np.rint(unit * 127 + 128).astype("u1")
    return turns


def _sizes(log_scales: Floats) -> tuple[Array, float, float]:
    """(S, N, 3) uint8, the lowest logarithm, and the step."""
    least = float(log_scales.min())
    step = (float(log_scales.max()) - least) / 255 or 1.0
    return np.rint((log_scales - least) / step).astype("u1"), least, step


def _colours(harmonics: Floats) -> tuple[Array, float]:
    """(N, 3) uint8, and the colour value that 255 stands for, at least 1."""
    colours = np.maximum(harmonics[:, 0] * SH0 + 0.5, 0)
    brightest = max(1.0, float(colours.max()))
    return np.rint(colours / brightest * 255).astype("u1"), brightest
