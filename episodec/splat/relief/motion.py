"""Idle motion: breath and a head that sways, as slices of one seamless loop.

Slice k of S is at phase k / S of the loop, so that the last slice leads to the first.
"""

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from episodec.splat.relief.portrait import SIDE, Face, Portrait
from episodec.splat.relief.surface import METRE, SurfaceCloud
from episodec.splat.scene import Floats, Scene, Slices

YAW_RAD = math.radians(2.5)
PITCH_RAD = math.radians(1.2)
ROLL_RAD = math.radians(0.8)
BREATH_M = 0.006

Depths = NDArray[np.float64]


def moving(scene: Scene, cloud: SurfaceCloud, portrait: Portrait, slices: int, lead: float = 0.0) -> Scene:
    """The scene with its loop; unchanged with fewer than two slices.

    lead: slices by which breath and sway are ahead.

    Only means move: the angles are so small that rotating each Gaussian would be invisible, at twice the size.
    """
    if slices < 2:
        return scene
    means = np.stack([_moved(scene, cloud, portrait, k, slices, lead) for k in range(slices)])
    return replace(scene, means=means[0], slices=Slices(means, closes=True))


def _moved(scene: Scene, cloud: SurfaceCloud, portrait: Portrait, k: int, slices: int, lead: float = 0.0) -> Floats:
    """Means of slice k."""
    phase = 2 * math.pi * (k + lead) / slices
    means = scene.means.astype(np.float64)
    if portrait.face is not None:
        turn = np.array([PITCH_RAD * math.sin(2 * phase), YAW_RAD * math.sin(phase), -ROLL_RAD * math.sin(phase)])
        means = _swayed(means, cloud.head, _pivot(portrait, portrait.face), turn)
    # The chest rises and moves forward; the head rises with it.
    swell = 0.5 - 0.5 * math.cos(phase)
    trunk = 1 - cloud.head
    front = trunk * (cloud.normals[:, 2] > 0)
    means = means + BREATH_M * swell * np.stack([np.zeros_like(trunk), 0.5 * np.ones_like(trunk), front], axis=1)
    return means.astype(np.float32)


def _pivot(portrait: Portrait, face: Face) -> Depths:
    """The joint of head and neck, metres."""
    left, top, w, h = face.box
    across = left + w / 2 - portrait.mask.shape[1] / 2
    return np.array([across * METRE, (SIDE / 2 - top - 1.15 * h) * METRE, -0.1 * w * METRE])


def _swayed(means: Depths, share: Depths, pivot: Depths, turn: Depths) -> Depths:
    """Means rotated about the pivot by small angles around x, y and z, each by its Gaussian's share."""
    axis = 0.5 * share[:, None] * turn
    w = 1 / np.sqrt(1 + (axis**2).sum(axis=1, keepdims=True))
    axis, away = axis * w, means - pivot
    # Rotation by a unit quaternion: v + 2 w (a x v) + 2 a x (a x v).
    across = np.cross(axis, away)
    swayed: Depths = pivot + away + 2 * w * across + 2 * np.cross(axis, across)
    return swayed
