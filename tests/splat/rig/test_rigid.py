"""How a head moves as a whole."""

import numpy as np
import pytest

from episodec.splat.rig.rigid import motions_of, rigid
from episodec.splat.scene import Slices


def turn(yaw: float) -> np.ndarray:
    return np.array([[np.cos(yaw), 0, np.sin(yaw)], [0, 1, 0], [-np.sin(yaw), 0, np.cos(yaw)]])


@pytest.mark.parametrize("yaw", [0.0, 0.35, -1.2])
def test_a_turned_head_is_found(yaw: float) -> None:
    points = np.random.default_rng(1).normal(size=(200, 3))
    shift = np.array([0.1, -0.2, 0.3])
    motion = rigid(points, points @ turn(yaw).T + shift)
    np.testing.assert_allclose(motion[:, :3], turn(yaw), atol=1e-9)
    np.testing.assert_allclose(motion[:, 3], shift, atol=1e-9)


def test_what_has_no_turn_stays() -> None:
    flat = np.zeros((4, 3))
    np.testing.assert_array_equal(rigid(flat, flat)[:, :3], np.eye(3))


def test_each_slice_has_its_motion() -> None:
    points = np.random.default_rng(2).normal(size=(50, 3)).astype(np.float32)
    slices = Slices(np.stack([points, points + np.float32(0.5)]))
    motions = motions_of(slices, 0, np.arange(10, dtype=np.uint32))
    np.testing.assert_allclose(motions[0], np.eye(3, 4), atol=1e-6)
    np.testing.assert_allclose(motions[1][:, 3], 0.5, atol=1e-5)
