import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from episodec.film.moves import Hold, Linear, Loop, Pingpong, TimeKeys, TimeMap, TimeSegment
from episodec.film.time import sample_time, scene_times
from episodec.film.track_errors import BadTrack
from tests.film.tracks import time_segments


def times(mapped: TimeMap, length: int) -> list[Fraction]:
    return scene_times(TimeSegment(length, mapped), range(length))


def test_frame_i_of_a_loop_shows_sample_i_mod_24_of_24() -> None:
    assert times(Loop(24), 900) == [Fraction(frame % 24, 23) for frame in range(900)]


def test_a_pingpong_shows_both_ends_once() -> None:
    assert [3 * at for at in times(Pingpong(4), 9)] == [0, 1, 2, 3, 2, 1, 0, 1, 2]
    assert times(Pingpong(2), 4) == [0, 1, 0, 1]


def test_linear_time_starts_and_ends_where_it_says() -> None:
    assert times(Linear(0, 1), 24) == times(Loop(24), 24)
    assert times(Linear(1, 0), 3) == [1, Fraction(1, 2), 0]
    assert times(Linear(0.25, 1), 1) == [Fraction(1, 4)]


def test_keys_are_passed_exactly_and_time_rests_outside_them() -> None:
    assert times(TimeKeys(((1, 0.0), (3, 1.0), (4, 0.5))), 6) == [0, 0, Fraction(1, 2), 1, Fraction(1, 2), 0.5]


@given(st.integers(1, 50).flatmap(time_segments))
def test_scene_time_lies_in_0_to_1_and_follows_from_its_own_frame(segment: TimeSegment) -> None:
    together = scene_times(segment, range(segment.frames))
    assert all(0 <= at <= 1 for at in together)
    assert together == [scene_times(segment, [frame])[0] for frame in range(segment.frames)]


@given(st.integers(2, 200), st.integers(0, 5))
def test_loops_close(period: int, again: int) -> None:
    assert times(Loop(period), (again + 1) * period + 1)[-1] == 0
    around = 2 * (period - 1)
    assert times(Pingpong(period), (again + 1) * around + 1)[-1] == 0


@pytest.mark.parametrize(
    ("mapped", "path"),
    [
        (Loop(1), ("period",)),
        (Pingpong(0), ("period",)),
        (Linear(-0.1, 1), ("start",)),
        (Linear(0, 1.0000001), ("end",)),
        (Hold(math.nan), ("at",)),
        (Hold(math.inf), ("at",)),
        (TimeKeys(()), ("keys",)),
        (TimeKeys(((0, 0.0), (1, 2.0))), ("keys", 1, "at")),
        (TimeKeys(((5, 0.0), (5, 1.0))), ("keys", 1, "frame")),
        (TimeKeys(((10, 0.0),)), ("keys", 0, "frame")),
        (TimeKeys(((-1, 0.0),)), ("keys", 0, "frame")),
    ],
)
def test_what_is_no_time_is_refused_at_its_field(mapped: TimeMap, path: tuple[str | int, ...]) -> None:
    with pytest.raises(BadTrack) as caught:
        times(mapped, 10)
    assert [flaw.path for flaw in caught.value.flaws] == [path]


@pytest.mark.parametrize(("sample", "count"), [(-1, 24), (24, 24), (0, 1)])
def test_there_is_no_such_sample(sample: int, count: int) -> None:
    with pytest.raises(ValueError, match="sample"):
        sample_time(sample, count)
