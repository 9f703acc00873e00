"""Cameras: how far outside of a picture a projection is still followed."""

import numpy as np
import pytest

from episodec.splat.view import Intrinsics, View


@pytest.mark.parametrize(
    ("intrinsics", "limits"),
    [
        ((100.0, 50.0, 40.0, 20.0), (-0.52, 0.52, -0.52, 0.52)),  # 1.3 times the half field of view, as in 3DGS.
        ((100.0, 50.0, 30.0, 15.0), (-0.42, 0.62, -0.42, 0.62)),  # As gsplat has it where the middle lies aside.
    ],
)
def test_slopes_are_followed_as_far_as_in_3dgs_and_gsplat(
    intrinsics: Intrinsics, limits: tuple[float, float, float, float]
) -> None:
    assert View(np.eye(4), intrinsics, (80, 40)).slope_limits() == pytest.approx(limits)
