import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from episodec.film.pose import fov_y_deg, intrinsics, look_at, opencv_from_opengl, world_to_camera
from episodec.film.track_errors import BadTrack
from tests.film.tracks import FOVS, POSITIONS, SIZES, TARGETS


def test_a_camera_before_the_character_has_the_worlds_own_axes() -> None:
    (pose,) = look_at(np.array([[0.0, 0.0, 2.6]]), np.zeros((1, 3)))
    assert pose.tolist() == [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 2.6], [0, 0, 0, 1]]


@given(POSITIONS, TARGETS)
def test_poses_are_rigid_upright_and_see_their_target_in_the_middle(
    position: tuple[float, float, float], target: tuple[float, float, float]
) -> None:
    pose = look_at(np.array([position]), np.array([target]))
    rotation = pose[0, :3, :3]
    assert np.allclose(rotation @ rotation.T, np.eye(3), atol=1e-12)
    assert np.linalg.det(rotation) == pytest.approx(1)
    assert rotation[1, 0] == 0  # The right axis lies level.
    assert rotation[1, 1] > 0
    x, y, z, _ = world_to_camera(pose)[0] @ [*target, 1.0]
    assert (x, y) == (pytest.approx(0, abs=1e-12), pytest.approx(0, abs=1e-12))
    assert z == pytest.approx(-math.dist(position, target))


@given(POSITIONS, TARGETS, SIZES, FOVS)
def test_the_field_of_view_is_vertical_and_pixels_are_square(
    position: tuple[float, float, float], target: tuple[float, float, float], size: tuple[int, int], fov: float
) -> None:
    ((fx, fy, cx, cy),) = intrinsics(np.array([fov]), size).tolist()
    assert (fx, cx, cy) == (fy, size[0] / 2, size[1] / 2)
    assert fov_y_deg(fy, size[1]) == pytest.approx(fov)
    # A point at the upper edge of the view falls on the upper edge of the picture, in OpenCV's convention too.
    pose = look_at(np.array([position]), np.array([target]))
    edge = pose[0] @ [0.0, math.tan(math.radians(fov) / 2), -1.0, 1.0]
    _, y, z, _ = world_to_camera(opencv_from_opengl(pose))[0] @ edge
    assert cy + fy * y / z == pytest.approx(0, abs=1e-6 * size[1])


@given(POSITIONS, TARGETS)
def test_the_way_to_opencv_is_the_way_back(
    position: tuple[float, float, float], target: tuple[float, float, float]
) -> None:
    pose = look_at(np.array([position]), np.array([target]))
    there = opencv_from_opengl(pose)
    assert (there[:, :, 0] == pose[:, :, 0]).all()
    assert (there[:, :3, 2] == -pose[:, :3, 2]).all()
    assert (opencv_from_opengl(there) == pose).all()


@pytest.mark.parametrize(
    ("position", "target", "word"),
    [
        ((1, 2, 3), (1, 2, 3), "is at the point"),
        ((0, 5, 0), (0, 0, 0), "straight up or down"),
        ((1, -5, 1), (1, 0, 1), "straight up or down"),
        ((1e-9, 5, 0), (0, 0, 0), "straight up or down"),
        ((math.nan, 0, 0), (0, 0, 0), "not finite"),
        ((0, 0, 0), (0, math.inf, 0), "not finite"),
    ],
)
def test_a_camera_that_looks_nowhere_is_refused_at_its_field(
    position: tuple[float, float, float], target: tuple[float, float, float], word: str
) -> None:
    fine = (0.0, 0.0, 1.0), (0.0, 0.0, 0.0)
    with pytest.raises(BadTrack) as caught:
        look_at(np.array([fine[0], position]), np.array([fine[1], target]), ("keys", 1, "position"))
    (flaw,) = caught.value.flaws
    assert flaw.path == ("keys", 1, "position")
    assert word in flaw.sentence
    assert "frame 1" in flaw.sentence


@given(st.floats(-1e3, 1e3))
def test_a_quantised_number_is_near_and_quantising_it_again_changes_nothing(value: float) -> None:
    from episodec.film.exact import QUANTUM, quantized

    (once,) = quantized(np.array([value]))
    assert abs(once - value) <= QUANTUM / 2 + 1e-12
    assert quantized(np.array([once])).tolist() == [once]
    assert math.copysign(1, quantized(np.array([-1e-12]))[0]) == 1
