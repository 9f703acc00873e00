import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from episodec.film.camera import CameraPoses, shots
from episodec.film.exact import quantized
from episodec.film.moves import CameraSegment, Dolly, Key, Keys, Move, Orbit, Path, Still
from episodec.film.pose import look_at
from episodec.film.track_errors import BadTrack
from tests.film.tracks import camera_segments, keys, orbits

ORIGIN = (0.0, 0.0, 0.0)
STILL = Still((0.0, 0.0, 2.6), ORIGIN, 35.0)
ORBIT = Orbit(ORIGIN, 2.0, 0.0, 0.0, 360.0, 35.0, "linear")
DOLLY = Dolly((0.0, 0.0, 3.0), (0.0, 0.0, 1.0), ORIGIN, 35.0, "linear")
KEYS = Keys((Key(0, (0.0, 0.0, 2.0), ORIGIN, 35.0), Key(9, (1.0, 0.0, 2.0), ORIGIN, 40.0)), "smooth")


def film(move: Move, length: int) -> CameraPoses:
    return shots(CameraSegment(length, move), range(length))


def positions(move: Move, length: int) -> list[list[float]]:
    actual: list[list[float]] = quantized(film(move, length).camera_to_world[:, :3, 3]).tolist()
    return actual


def test_an_orbit_goes_from_the_front_over_the_characters_left_and_is_half_open() -> None:
    assert positions(ORBIT, 4) == [[0, 0, 2], [2, 0, 0], [0, 0, -2], [-2, 0, 0]]


@given(orbits(), st.integers(1, 12), st.integers(-3, 3).filter(bool))
def test_whole_turns_close_and_repeat_to_the_bit(orbit: Orbit, length: int, turns: int) -> None:
    once = film(replace(orbit, sweep_deg=360.0, ease="linear"), length).camera_to_world
    actual = film(replace(orbit, sweep_deg=360.0 * turns, ease="linear"), length * abs(turns)).camera_to_world
    expected = once if turns > 0 else np.roll(once[::-1], 1, axis=0)
    assert (actual == np.concatenate([expected] * abs(turns))).all()


@given(orbits(), st.integers(1, 30))
def test_an_orbit_keeps_its_distance_and_its_height(orbit: Orbit, length: int) -> None:
    away = film(orbit, length).camera_to_world[:, :3, 3] - np.array(orbit.look_at)
    assert np.linalg.norm(away, axis=1) == pytest.approx(orbit.radius)
    assert away[:, 1] == pytest.approx(orbit.radius * math.sin(math.radians(orbit.elevation_deg)))


def test_a_smooth_way_starts_and_ends_softly_and_is_halfway_in_the_middle() -> None:
    way = [3 - z for _, _, z in positions(replace(DOLLY, ease="smooth"), 8)]
    steps = np.diff([*way, 2.0])
    assert way[4] == 1
    assert (np.diff(steps[:4]) > 0).all()
    assert steps == pytest.approx(steps[::-1])


def test_a_dolly_ends_where_the_next_segment_starts() -> None:
    assert [z for _, _, z in positions(DOLLY, 4)] == [3, 2.5, 2, 1.5]


@given(st.integers(1, 40).flatmap(lambda length: st.tuples(st.just(length), keys(length))))
def test_keys_are_passed_exactly_at_their_frames(drawn: tuple[int, Keys]) -> None:
    length, move = drawn
    actual = film(move, length)
    for key in move.keys:
        pose = look_at(np.array([key.position]), np.array([key.look_at]))[0]
        assert (actual.camera_to_world[key.frame] == pose).all()
        assert actual.fov_y_deg[key.frame] == key.fov_y_deg


def test_a_smooth_keyframed_move_rests_at_both_ends_and_a_linear_one_does_not() -> None:
    def speeds(ease: Any) -> tuple[float, float]:
        xs = [x for x, _, _ in positions(replace(KEYS, ease=ease), 10)]
        return xs[1] - xs[0], xs[5] - xs[4]

    first, middle = speeds("smooth")
    assert first < middle / 3
    assert list(speeds("linear")) == pytest.approx([1 / 9, 1 / 9])


def test_a_linear_keyframed_move_comes_to_rest_where_it_then_stands() -> None:
    xs = [x for x, _, _ in positions(replace(KEYS, ease="linear"), 20)]
    assert xs[9:] == [1.0] * 11
    assert xs[9] - xs[8] < (xs[5] - xs[4]) / 2


@given(st.integers(1, 30).flatmap(camera_segments), st.data())
def test_a_pose_is_the_same_whatever_frames_are_asked_for(segment: CameraSegment, data: st.DataObject) -> None:
    together = shots(segment, range(segment.frames))
    some = data.draw(st.lists(st.integers(0, segment.frames - 1), min_size=1, max_size=5))
    alone = shots(segment, some)
    assert (alone.camera_to_world == together.camera_to_world[some]).all()
    assert (alone.fov_y_deg == together.fov_y_deg[some]).all()


def path(count: int, *, is_cycle: bool = False) -> Path:
    observed = film(replace(ORBIT, sweep_deg=360.0 if is_cycle else 300.0), count)
    return Path(observed.camera_to_world, np.linspace(30, 40, count), is_cycle)


def test_a_path_with_a_pose_a_frame_is_taken_as_it_is() -> None:
    for is_cycle in (False, True):
        of = path(7, is_cycle=is_cycle)
        actual = film(of, 7)
        assert np.abs(actual.camera_to_world - of.camera_to_world).max() < 1e-15
        assert (actual.fov_y_deg == of.fov_y_deg).all()


def test_a_path_is_spread_over_its_segment_from_its_first_pose_to_its_last() -> None:
    of = path(4)
    actual = film(of, 10)
    assert np.abs(actual.camera_to_world[::3] - of.camera_to_world).max() < 1e-15
    assert np.allclose(np.linalg.det(actual.camera_to_world[:, :3, :3]), 1)


def test_a_cycle_goes_on_to_its_first_pose() -> None:
    actual = film(path(24, is_cycle=True), 96).camera_to_world
    ring = film(ORBIT, 96).camera_to_world
    assert np.abs(actual - ring).max() < 0.02  # Cubic pieces of a circle in 24 poses.


def test_a_path_of_one_pose_stands_still() -> None:
    for is_cycle in (False, True):
        of = path(1, is_cycle=is_cycle)
        assert (film(of, 5).camera_to_world == of.camera_to_world).all()


@pytest.mark.parametrize(
    ("move", "at"),
    [
        (replace(ORBIT, radius=0.0), ("radius",)),
        (replace(ORBIT, radius=-1.0), ("radius",)),
        (replace(ORBIT, radius=math.nan), ("radius",)),
        (replace(ORBIT, radius=math.inf), ("radius",)),
        (replace(ORBIT, elevation_deg=90.0), ("elevation_deg",)),
        (replace(ORBIT, elevation_deg=89.99999999), ("elevation_deg",)),
        (replace(ORBIT, from_deg=math.nan), ("from_deg",)),
        (replace(ORBIT, sweep_deg=math.inf), ("to_deg",)),
        (replace(ORBIT, look_at=(math.nan, 0.0, 0.0)), ("look_at",)),
        (replace(ORBIT, fov_y_deg=0.0), ("fov_y_deg",)),
        (replace(STILL, fov_y_deg=180.0), ("fov_y_deg",)),
        (replace(STILL, fov_y_deg=math.nan), ("fov_y_deg",)),
        (replace(STILL, position=ORIGIN), ("position",)),
        (replace(STILL, position=(0.0, 1.0, 0.0)), ("position",)),
        (replace(STILL, position=(0.0, 0.0, 1e9)), ("position",)),
        (replace(DOLLY, end=(0.0, 0.0, -3.0)), ("to_position",)),  # Through the point it looks at.
        (replace(DOLLY, start=(math.inf, 0.0, 1.0)), ("from_position",)),
        (Keys((), "smooth"), ("keys",)),
        (Keys((KEYS.keys[0], KEYS.keys[0]), "smooth"), ("keys", 1, "frame")),
        (Keys((replace(KEYS.keys[0], frame=10),), "smooth"), ("keys", 0, "frame")),
        (Keys((KEYS.keys[0], replace(KEYS.keys[1], fov_y_deg=180.0)), "smooth"), ("keys", 1, "fov_y_deg")),
        (Keys((KEYS.keys[0], replace(KEYS.keys[1], position=ORIGIN)), "smooth"), ("keys", 1, "position")),
        (Keys((KEYS.keys[0], replace(KEYS.keys[1], frame=8, position=(0.0, 0.0, -2.0))), "smooth"), ("keys",)),
    ],
)
def test_what_no_camera_can_do_is_refused_at_its_field(move: Move, at: tuple[str | int, ...]) -> None:
    with pytest.raises(BadTrack) as caught:
        film(move, 10)
    assert [flaw.path for flaw in caught.value.flaws] == [at]
    assert caught.value.flaws[0].sentence
    assert caught.value.flaws[0].hint


def test_a_segment_without_frames_is_refused_and_frames_outside_of_one_are_a_bug() -> None:
    with pytest.raises(BadTrack):
        shots(CameraSegment(0, STILL), [])
    with pytest.raises(ValueError, match="segment of 5"):
        shots(CameraSegment(5, STILL), [5])
