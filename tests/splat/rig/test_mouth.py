"""A rig's mouth: lit teeth, and lips that come inwards and close in a pucker."""

import numpy as np
import pytest

from episodec.faces.heads import the_head
from episodec.splat.rig.corrections import CORNER_X, MOUTH_Y, corrected
from episodec.splat.rig.teeth import LOWER, UPPER, Arch, painted


def _teeth(name: str, arch: Arch) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Places of an arch's teeth, half-way up, from corner to corner; their colours, and which there are."""
    vertices = the_head().vertices[the_head().vertices_of(name)]
    front, edge = vertices[:, 2].max(), vertices[:, 1].min() if arch.is_upper else vertices[:, 1].max()
    x = np.linspace(-0.2, 0.2, 161)
    z = front - (front + 0.09) * (np.abs(x) / 0.305) ** 2.2
    y = np.full_like(x, edge + (0.5 if arch.is_upper else -0.5) * arch.high)
    return x, *painted(np.stack([x, y, z], axis=1), vertices, arch)


@pytest.mark.parametrize(("name", "arch", "light"), [("upper_teeth", UPPER, 0.7), ("lower_teeth", LOWER, 0.6)])
def test_teeth_are_a_light_band_without_gaps(name: str, arch: Arch, light: float) -> None:
    x, colours, kept = _teeth(name, arch)
    in_front = np.abs(x) < 0.15
    assert kept[in_front].all()
    assert colours[in_front].mean(axis=1).min() > light
    beside = colours.mean(axis=1)
    assert np.abs(np.diff(beside)).max() < 0.12, "a line between two teeth is no gap"


def test_a_pucker_draws_corners_inwards_and_closes_lips_beside_the_middle() -> None:
    left, right, above, below, middle = (
        corrected("mouthPucker", np.array([[x, MOUTH_Y + up, 0.2]]), np.zeros((1, 3)))[0]
        for x, up in ((CORNER_X, 0.0), (-CORNER_X, 0.0), (0.12, 0.02), (0.12, -0.02), (0.0, 0.02))
    )
    assert left[0] < 0 < right[0]
    assert above[1] < 0 < below[1]
    assert middle[1] == 0


def test_a_stretch_draws_corners_outwards_on_each_side() -> None:
    moves = np.zeros((2, 3))
    corners = np.array([[CORNER_X, MOUTH_Y, 0.15], [-CORNER_X, MOUTH_Y, 0.15]])
    left, right = corrected("mouthStretchLeft", corners, moves)[:, 0]
    assert right < 0 < left
    np.testing.assert_array_equal(corrected("browInnerUp", corners, moves), 0)
