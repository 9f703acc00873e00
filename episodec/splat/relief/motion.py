"""Idle motion: breath, a head that sways, eyes that blink, as slices of one seamless loop.

Slice k of S is at phase k / S of the loop, so that the last slice leads to the first.
"""

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from episodec.splat.relief import HEIGHT_M
from episodec.splat.relief.portrait import Face, Portrait
from episodec.splat.relief.surface import Cloud
from episodec.splat.scene import Floats, Scene, Slices

YAW_RAD = math.radians(2.5)
PITCH_RAD = math.radians(1.2)
ROLL_RAD = math.radians(0.8)
BREATH_M = 0.006
LIDS = (0.35, 1.0, 0.6)  # How far the lids are closed in the three slices of a blink.

Depths = NDArray[np.float64]


def moving(scene: Scene, cloud: Cloud, portrait: Portrait, slices: int, *, has_blinks: bool) -> Scene:
    """The scene with its loop; with fewer than two slices, the scene as it stands."""
    if slices < 2:
        return scene
    frames = [_moved(scene, cloud, portrait, k, slices, has_blinks=has_blinks) for k in range(slices)]
    means, quaternions, log_scales = (np.stack(part) for part in zip(*frames, strict=True))
    movement = Slices(means, quaternions, log_scales if (log_scales != log_scales[0]).any() else None)
    return replace(scene, means=means[0], quaternions=quaternions[0], slices=movement)


def _moved(
    scene: Scene, cloud: Cloud, portrait: Portrait, k: int, slices: int, *, has_blinks: bool
) -> tuple[Floats, Floats, Floats]:
    """Means, quaternions and log scales of slice k."""
    phase = 2 * math.pi * k / slices
    means, log_scales = scene.means.astype(np.float64), scene.log_scales
    start = slices * 7 // 12
    if has_blinks and portrait.face is not None and portrait.face.eyes and 0 <= k - start < len(LIDS):
        means, log_scales = _blinked(means, log_scales, len(cloud.pixels), portrait, LIDS[k - start])
    quaternions = scene.quaternions
    if portrait.face is not None:
        turn = (YAW_RAD * math.sin(phase), PITCH_RAD * math.sin(2 * phase), -ROLL_RAD * math.sin(phase))
        means, quaternions = _swayed(means, quaternions, cloud.head, _pivot(portrait, portrait.face), turn)
    # The chest rises and comes forward; the head goes up with it.
    swell = 0.5 - 0.5 * math.cos(phase)
    trunk = 1 - cloud.head
    front = trunk * (cloud.normals[:, 2] > 0)
    means = means + BREATH_M * swell * np.stack([np.zeros_like(trunk), 0.5 * np.ones_like(trunk), front], axis=1)
    return means.astype(np.float32), quaternions, log_scales


def _pivot(portrait: Portrait, face: Face) -> Depths:
    """Where the head sits on the neck, metres."""
    left, top, w, h = face.box
    height, width = portrait.mask.shape
    metre = HEIGHT_M / height
    return np.array([(left + w / 2 - width / 2) * metre, (height / 2 - top - 1.15 * h) * metre, -0.1 * w * metre])


def _swayed(
    means: Depths, quaternions: Floats, share: Depths, pivot: Depths, turn: tuple[float, float, float]
) -> tuple[Depths, Floats]:
    """Turned about the pivot by small angles around y, x and z, each Gaussian by its share."""
    half = 0.5 * share[:, None] * np.array([turn[1], turn[0], turn[2]])
    spin = np.concatenate([np.ones((len(share), 1)), half], axis=1)
    spin /= np.linalg.norm(spin, axis=1, keepdims=True)
    w, axis, away = spin[:, :1], spin[:, 1:], means - pivot
    # A vector turned by a unit quaternion: v + 2 w (a x v) + 2 a x (a x v).
    across = np.cross(axis, away)
    moved = pivot + away + 2 * w * across + 2 * np.cross(axis, across)
    pw, pv = quaternions[:, :1].astype(np.float64), quaternions[:, 1:].astype(np.float64)
    scalar = w * pw - (axis * pv).sum(axis=1, keepdims=True)
    vector = w * pv + pw * axis + np.cross(axis, pv)
    return moved, np.concatenate([scalar, vector], axis=1).astype(np.float32)


def _blinked(means: Depths, log_scales: Floats, count: int, portrait: Portrait, closed: float) -> tuple[Depths, Floats]:
    """The skin above each eye drawn down over it; what it covers steps back. The front's first `count` only."""
    assert portrait.face is not None
    height, width = portrait.mask.shape
    metre = HEIGHT_M / height
    means, log_scales = means.copy(), log_scales.copy()
    # Along the source's rays, so that depths do not matter.
    flat = means[:count, :2] / (1 - means[:count, 2:] / 2.6)
    for left, top, w, h in portrait.face.eyes:
        centre = np.array([(left + w / 2 - width / 2) * metre, (height / 2 - top - 0.54 * h) * metre])
        half = 0.17 * h * metre  # Of an open eye's height.
        u, s = (flat[:, 0] - centre[0]) / (0.5 * w * metre), (flat[:, 1] - centre[1]) / half
        side = np.clip(1.25 * (1 - u**2), 0, 1)  # Lids meet at the corners.
        is_lid = (np.abs(u) < 1) & (s > 0.9) & (s < 3.2)
        down = closed * side * np.clip(3.2 - s, 0, 2.3) / 2.3 * 1.9
        means[:count, 1] -= np.where(is_lid, down * half, 0)
        is_covered = (np.abs(u) < 1) & (s <= 0.9) & (s > 0.9 - 1.9 * closed * side)
        means[:count, 2] -= np.where(is_covered, 0.6 * half, 0)
        grow = np.log1p(0.85 * closed * side)[:, None] * np.array([1, 1, 0])
        log_scales[:count] += np.where(is_lid[:, None], grow, 0).astype(np.float32)
        means[:count, 2] += np.where(is_lid, 0.15 * half * closed, 0)
    return means, log_scales
