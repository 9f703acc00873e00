"""A little rig for tests: one triangle, three Gaussians of a body bound to it, a part of each kind."""

import numpy as np

from episodec.splat.rig.model import (
    FULL,
    LEFT_EYE,
    LEFT_UPPER,
    MOUTH,
    MOVE_UNIT_M,
    SKIN,
    Bound,
    Lids,
    Neck,
    Parts,
    Rig,
    RigMesh,
)
from episodec.splat.scene import Scene, Slices, columnar

METRE = round(1 / MOVE_UNIT_M)


def little_scene(slices: int = 0) -> Scene:
    """Four Gaussians in a row; the last is bound to nothing. With slices they go up by a centimetre each."""
    means = np.array([[0, 0, 0], [0.1, 0, 0], [0.2, 0, 0], [0, -0.9, 0]], np.float32)
    up = np.array([0, 0.01, 0], np.float32)
    movement = Slices(np.stack([means + k * up for k in range(slices)])) if slices else None
    turns = np.tile(np.array([1, 0, 0, 0], np.float32), (4, 1))
    sizes = np.full((4, 3), -3, np.float32)
    return columnar(Scene(means, turns, sizes, np.full(4, 3, np.float32), np.zeros((4, 1, 3), np.float32), movement))


def little_rig(slices: int = 1) -> Rig:
    """`jawOpen` moves the triangle's first corner down by 10 cm, `browInnerUp` all of it up by 5 cm."""
    corners = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0]], np.float32)
    moves = np.array([[0, 0.05, 0]] * 3 + [[0, -0.1, 0]]) * METRE
    mesh = RigMesh(
        corners,
        np.array([[0, 1, 2]], np.int16),
        ("browInnerUp", "jawOpen"),
        np.array([0, 3, 4], np.int32),
        np.array([0, 1, 2, 0], np.uint16),
        np.rint(moves).astype(np.int16),
    )
    first = np.array([[FULL, 0]] * 3, np.uint8)
    shares = np.array([FULL, FULL, 0], np.uint8)
    none = np.zeros(3, np.uint16)
    body = Bound(np.arange(3, dtype=np.uint32), none, first, shares, np.array([SKIN, SKIN, MOUTH], np.uint8))
    parts = Parts(
        np.array([[0, 0, 0.1], [0, 0.3, 0.1], [0, 0.3, 0.1]], np.float32),
        np.full(3, -4, np.float32),
        np.full((3, 3), 100, np.uint8),
        none,
        first,
        np.array([FULL, 0, 0], np.uint8),
        np.array([MOUTH, LEFT_EYE, LEFT_EYE], np.uint8),
    )
    lids = Lids(
        np.array([2], np.uint32),
        np.array([LEFT_UPPER], np.uint8),
        np.array([[0, -0.2, 0]], np.float32),
        np.array([[0, 0, 0.04]], np.float32),
        np.full((1, 3), 200, np.uint8),
    )
    motions = np.tile(np.eye(3, 4), (slices, 1, 1))
    motions[:, 1, 3] = 0.01 * np.arange(slices)
    return Rig(4, mesh, body, parts, lids, Neck((0.0, -0.1, -0.1), 0.0, 0.1), motions)
