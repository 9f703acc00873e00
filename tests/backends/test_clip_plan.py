"""Which frame of a clip becomes which moment, for a camera that stands still and for one that orbits."""

import json
import math
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from episodec.backends.wan.clip_plan import FRONT, LEFT, RIGHT, in_json, plan_clip
from episodec.errors import BackendError
from episodec.film.pose import intrinsics
from episodec.film.rows import Rows, pack, unpack

Pose = NDArray[np.float64]


def pose(angle_deg: float, radius: float = 2.6, centre: tuple[float, float, float] = (0, 0, 0)) -> Pose:
    """A camera that looks at the centre, `angle_deg` from +z towards +x."""
    sin, cos = math.sin(math.radians(angle_deg)), math.cos(math.radians(angle_deg))
    values = np.eye(4)
    values[:3, :3] = np.array([[cos, 0, sin], [0, 1, 0], [-sin, 0, cos]])
    values[:3, 3] = np.array(centre) + np.array([radius * sin, 0, radius * cos])
    return values


def rows(poses: list[Pose], size: int = 40) -> Rows:
    count = len(poses)
    times = np.array([k / (count - 1) for k in range(count)])
    return unpack(pack((size, size), np.round(poses, 9), intrinsics(np.full(count, 35.0), (size, size)), times))


def orbit(count: int, arc: float) -> Rows:
    return rows([pose(arc * (k / (count - 1) - 0.5)) for k in range(count)])


@pytest.mark.parametrize(
    ("count", "frames", "expected"),
    [
        (24, 81, [0, 3, 7, 10, 14, 17, 21, 24, 28, 31, 35, 38, 42, 45, 49, 52, 56, 59, 63, 66, 70, 73, 77, 80]),
        (24, 25, [*range(12), *range(13, 25)]),
        (5, 5, [0, 1, 2, 3, 4]),
        (3, 6, [0, 3, 5]),  # Halves go upwards.
    ],
)
def test_a_still_camera_spreads_the_clip_over_the_scene(count: int, frames: int, expected: list[int]) -> None:
    plan = plan_clip(rows([pose(0)] * count), frames, turns_back=False)
    assert [moment.index for moment in plan.moments] == expected
    assert [moment.scene_time for moment in plan.moments] == [k / (count - 1) for k in range(count)]
    assert (plan.clips, plan.arc_deg) == ((FRONT,), 0)
    assert plan.front == pytest.approx((0, 0, 2.6))


def test_a_clip_that_turns_back_has_the_portrait_in_the_middle() -> None:
    plan = plan_clip(rows([pose(0)] * 5), 9, turns_back=True)
    assert [moment.index for moment in plan.moments] == [8, 4, 0, 4, 8]


def test_an_orbit_is_two_clips_from_the_front() -> None:
    plan = plan_clip(orbit(24, 30), 81, turns_back=False)
    assert plan.clips == (LEFT, RIGHT)
    assert [moment.clip for moment in plan.moments] == [LEFT] * 12 + [RIGHT] * 12
    indices = [moment.index for moment in plan.moments]
    assert indices == [80, 73, 66, 59, 52, 45, 38, 31, 24, 17, 10, 3, 3, 10, 17, 24, 31, 38, 45, 52, 59, 66, 73, 80]
    assert plan.arc_deg == 15
    assert all(one.scene_time < other.scene_time for one, other in pairwise(plan.moments))


@pytest.mark.parametrize("centre", [(0, 0, 0), (0.2, 0.3, -0.4)])
@pytest.mark.parametrize("angles", [(-15, 0, 15), (0, 10, 20), (5, 10, 12), (0, 0, 0)])
def test_the_front_of_an_orbit_is_found_wherever_it_goes_around(
    centre: tuple[float, float, float], angles: tuple[float, ...]
) -> None:
    plan = plan_clip(rows([pose(angle, 1.7, centre) for angle in angles]), 81, turns_back=False)
    assert plan.front == pytest.approx((centre[0], centre[1], centre[2] + 1.7), abs=1e-6)


def _tilted() -> Pose:
    built = pose(0)
    built[:3, :3] = np.array([[1, 0, 0], [0, 0.8, -0.6], [0, 0.6, 0.8]])
    return built


@pytest.mark.parametrize(
    "poses",
    [
        [_tilted()] * 3,
        [pose(0), pose(10, 3.0), pose(20), pose(30)],
        [pose(0), pose(10, centre=(0, 0.1, 0)), pose(20)],
        [pose(0), pose(170), pose(180)],
    ],
    ids=["tilted", "of several radii", "rising", "behind"],
)
def test_cameras_that_a_clip_cannot_follow_are_refused(poses: list[Pose]) -> None:
    with pytest.raises(BackendError, match="do not fit a portrait"):
        plan_clip(rows(poses), 81, turns_back=False)


def test_an_orbit_does_not_turn_back_besides() -> None:
    with pytest.raises(BackendError, match="an orbiting camera always has the portrait in the middle"):
        plan_clip(orbit(5, 30), 81, turns_back=True)


def test_the_note_says_which_frame_is_seen_when() -> None:
    plan = plan_clip(orbit(3, 20), 5, turns_back=False)
    note = json.loads(in_json(plan, {"fps": 16}, [{"name": LEFT}]))
    assert note["source"] == {"fps": 16}
    assert note["frames"][0] == {"source_frame": 4, "scene_time": 0.0, "clip": LEFT}
    assert [each["source_frame"] for each in note["frames"]] == [4, 0, 4]
