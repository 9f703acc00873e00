import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from episodec.film.exact import quantized
from episodec.film.moves import CameraSegment, Hold, Key, Keys, Loop, Orbit, Still, TimeSegment
from episodec.film.plan import FRAMES_AT_ONCE, FramePlan, chunks, frame_plan, plan_of
from episodec.film.rows import pack, unpack
from episodec.film.track_errors import BadTrack
from tests.film.tracks import RATES, SIZES, tracks

Tracks = tuple[list[CameraSegment], list[TimeSegment]]

STILL = Still((0.0, 0.0, 2.6), (0.0, 0.0, 0.0), 35.0)
ORBIT = Orbit((0.0, 0.0, 0.0), 2.6, 10.0, -30.0, 60.0, 35.0, "smooth")
EPISODE: Tracks = ([CameraSegment(300, ORBIT), CameraSegment(600, STILL)], [TimeSegment(900, Loop(24))])


def plan(of: Tracks = EPISODE) -> FramePlan:
    return frame_plan(*of, (512, 512), 30)


def same(frame_plan: FramePlan, other: FramePlan) -> bool:
    arrays = ("index", "camera_to_world", "intrinsics", "scene_time", "period", "samples")
    equal = all(np.array_equal(getattr(frame_plan, name), getattr(other, name)) for name in arrays)
    return equal and (frame_plan.rate, frame_plan.size, frame_plan.stretches) == (
        other.rate,
        other.size,
        other.stretches,
    )


def test_900_frames_sound_1440000_samples_and_show_sample_i_mod_24() -> None:
    actual = plan()
    assert len(actual) == 900
    assert actual.samples[[0, -1]].tolist() == [[0, 1600], [1438400, 1440000]]
    assert actual.scene_time.tolist() == [(frame % 24) / 23 for frame in range(900)]
    assert [(one.kind, one.start_frame, one.end_frame) for one in actual.stretches] == [
        ("orbit", 0, 300),
        ("static", 300, 900),
        ("loop", 0, 900),
    ]


@given(tracks(), SIZES, RATES)
def test_segments_and_samples_are_half_open_and_add_up_exactly(of: Tracks, size: tuple[int, int], rate: int) -> None:
    plan = frame_plan(*of, size, rate)
    assert plan.index.tolist() == list(range(sum(one.frames for one in of[0])))
    edges = plan.samples
    assert edges[0, 0] == 0
    assert (edges[1:, 0] == edges[:-1, 1]).all()
    assert edges[-1, 1] * rate == 48000 * len(plan)
    for track in ("camera", "time"):
        laid = [(one.start_frame, one.end_frame) for one in plan.stretches if one.track == track]
        assert [start for start, _ in laid] == [0, *(end for _, end in laid)][:-1]
        assert laid[-1][1] == len(plan)


def test_a_film_of_many_frames_is_decided_as_its_parts_are() -> None:
    length = 2 * FRAMES_AT_ONCE + 100
    of = (
        [CameraSegment(FRAMES_AT_ONCE - 50, ORBIT), CameraSegment(FRAMES_AT_ONCE + 150, STILL)],
        [TimeSegment(length, Loop(24))],
    )
    whole = plan(of)
    assert whole.index.tolist() == list(range(length))
    for edge in (0, FRAMES_AT_ONCE - 50, FRAMES_AT_ONCE, 2 * FRAMES_AT_ONCE, length - 2):
        part = frame_plan(*of, (512, 512), 30, range(edge, edge + 2))
        for name in ("index", "camera_to_world", "intrinsics", "scene_time", "samples"):
            assert np.array_equal(getattr(whole, name)[edge : edge + 2], getattr(part, name))
    packed = pack(whole.size, whole.camera_to_world, whole.intrinsics, whole.scene_time, whole.period)
    assert same(plan_of(unpack(packed), 30, whole.stretches), whole)


def test_a_flaw_behind_many_frames_is_told_with_the_first() -> None:
    late = Keys(
        (Key(0, (0.0, 0.0, 2.6), (0.0, 0.0, 0.0), 35.0), Key(9, (0.0, 0.0, 0.0), (0.0, 0.0, 0.0), 35.0)), "linear"
    )
    of = (
        [CameraSegment(10, late), CameraSegment(FRAMES_AT_ONCE, STILL), CameraSegment(10, late)],
        [TimeSegment(FRAMES_AT_ONCE + 20, Hold(0.5))],
    )
    with pytest.raises(BadTrack) as caught:
        plan(of)
    assert [flaw.path[:2] for flaw in caught.value.flaws] == [("camera", 0), ("camera", 2)]


@given(tracks(), SIZES, st.data())
def test_a_row_is_the_same_whatever_frames_are_asked_for(
    of: Tracks, size: tuple[int, int], data: st.DataObject
) -> None:
    whole = frame_plan(*of, size, 30)
    some = data.draw(st.lists(st.integers(0, len(whole) - 1), min_size=1, max_size=6))
    part = frame_plan(*of, size, 30, some)
    for name in ("index", "camera_to_world", "intrinsics", "scene_time", "samples"):
        assert (getattr(part, name) == getattr(whole, name)[some]).all()


@given(tracks(), SIZES)
def test_rows_are_canonical_rigid_and_in_range(of: Tracks, size: tuple[int, int]) -> None:
    plan = frame_plan(*of, size, 30)
    for values in (plan.camera_to_world, plan.intrinsics):
        assert (values == quantized(values)).all()
        assert all(value == round(value, 9) for value in values.ravel().tolist())
        assert not np.signbit(values[values == 0]).any()
    rotation = plan.camera_to_world[:, :3, :3]
    assert np.abs(rotation @ rotation.transpose(0, 2, 1) - np.eye(3)).max() < 1e-8
    assert (plan.camera_to_world[:, 3] == [0, 0, 0, 1]).all()
    assert ((plan.scene_time >= 0) & (plan.scene_time <= 1)).all()


def test_last_bits_of_a_c_library_do_not_reach_a_row() -> None:
    nudged = Orbit((0.0, 0.0, 0.0), math.nextafter(2.6, 3), 10.0, -30.0, 60.0, 35.0, "smooth")
    assert same(plan(([CameraSegment(900, ORBIT)], EPISODE[1])), plan(([CameraSegment(900, nudged)], EPISODE[1])))


def test_arrays_cannot_be_written() -> None:
    for name in ("index", "camera_to_world", "intrinsics", "scene_time", "samples"):
        with pytest.raises(ValueError, match="read-only"):
            getattr(plan(), name)[0] = 1


def test_every_flaw_of_both_tracks_is_told_at_its_segment() -> None:
    camera = [CameraSegment(450, STILL), CameraSegment(450, Orbit((0.0, 0.0, 0.0), 0.0, 0, 0, 1, 35, "linear"))]
    with pytest.raises(BadTrack) as caught:
        plan((camera, [TimeSegment(450, Hold(2.0)), TimeSegment(450, Loop(1))]))
    expected = [("camera", 1, "radius"), ("time", 0, "at"), ("time", 1, "period")]
    assert [flaw.path for flaw in caught.value.flaws] == expected


@pytest.mark.parametrize(
    ("camera", "time", "size", "rate"),
    [(900, 899, (512, 512), 30), (0, 0, (512, 512), 30), (900, 900, (0, 512), 30), (900, 900, (512, 512), 29)],
)
def test_impossible_lengths_sizes_and_rates_are_refused(
    camera: int, time: int, size: tuple[int, int], rate: int
) -> None:
    tracks = ([CameraSegment(camera, STILL)] if camera else [], [TimeSegment(time, Loop(24))] if time else [])
    with pytest.raises(ValueError, match=r"track|pixels|frames a second"):
        frame_plan(*tracks, size, rate)


@given(tracks(), st.integers(1, 50))
def test_chunks_cover_the_frames_and_hold_their_rows(of: Tracks, length: int) -> None:
    whole = plan(of)
    cut = chunks(whole, length)
    assert [one.start_frame for one in cut] == list(range(0, len(whole), length))
    assert [one.end_frame for one in cut] == [*(one.start_frame for one in cut[1:]), len(whole)]
    for first in cut:
        rows = unpack(first.content)
        frames = slice(first.start_frame, first.end_frame)
        assert rows.size == whole.size
        assert (rows.camera_to_world[rows.order] == whole.camera_to_world[frames]).all()
        assert (rows.intrinsics[rows.order] == whole.intrinsics[frames]).all()
        assert (rows.scene_time[rows.order] == whole.scene_time[frames]).all()
        names = ("camera_to_world", "intrinsics", "scene_time", "period")
        again = pack(rows.size, *(getattr(whole, name)[frames] for name in names))
        assert again == first.content


def test_equal_rows_are_stored_once() -> None:
    standing = plan(([CameraSegment(900, STILL)], EPISODE[1]))
    whole = pack(standing.size, standing.camera_to_world, standing.intrinsics, standing.scene_time, standing.period)
    assert len(unpack(whole).scene_time) == 24
    assert (
        len(unpack(chunks(plan(([CameraSegment(900, STILL)], [TimeSegment(900, Hold(0.5))])))[0].content).order) == 30
    )
    held = chunks(plan(([CameraSegment(900, STILL)], [TimeSegment(900, Hold(0.5))])))
    assert {one.content for one in held} == {held[0].content}
    assert len(unpack(held[0].content).scene_time) == 1


def test_equal_chunks_are_equal_wherever_they_stand() -> None:
    cut = chunks(plan(([CameraSegment(900, STILL)], [TimeSegment(900, Loop(30))])))
    assert {one.content for one in cut} == {cut[0].content}


@pytest.mark.parametrize("length", [30, 25, 7])
def test_a_camera_edit_of_frames_300_to_449_changes_exactly_the_chunks_it_touches(length: int) -> None:
    def film(radius: float) -> Tracks:
        edited = Orbit((0.0, 0.0, 0.0), radius, 10.0, 30.0, 45.0, 35.0, "linear")
        camera = [CameraSegment(300, ORBIT), CameraSegment(150, edited), CameraSegment(450, STILL)]
        return camera, EPISODE[1]

    before, after = chunks(plan(film(2.6)), length), chunks(plan(film(2.4)), length)
    changed = {one.start_frame for one, other in zip(before, after, strict=True) if one.content != other.content}
    assert changed == {one.start_frame for one in before if one.start_frame < 450 and one.end_frame > 300}


@given(tracks(), st.data())
def test_a_key_moves_only_rows_of_its_own_segment(of: Tracks, data: st.DataObject) -> None:
    camera, time = of
    which = data.draw(st.integers(0, len(camera) - 1))
    moved = Keys((Key(0, (0.5, 0.5, 4.0), (0.0, 0.0, 0.0), 50.0),), "linear")
    other = [replace(one, move=moved) if place == which else one for place, one in enumerate(camera)]
    differs = (plan(of).camera_to_world != plan((other, time)).camera_to_world).any(axis=(1, 2))
    start = sum(one.frames for one in camera[:which])
    assert not np.delete(differs, range(start, start + camera[which].frames)).any()


def test_the_plan_comes_back_from_the_rows_of_all_its_frames() -> None:
    of = plan()
    (whole,) = chunks(of, len(of))
    assert same(plan_of(unpack(whole.content), of.rate, of.stretches), of)


@pytest.mark.parametrize("length", [0, -1])
def test_chunks_have_frames(length: int) -> None:
    with pytest.raises(ValueError, match="chunks"):
        chunks(plan(), length)


CONTENT = chunks(plan())[0].content


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"episodec rows 3\n" + CONTENT[16:],
        (b"episodec rows 1\n" if CONTENT[14:15] == b"2" else b"episodec rows 2\n") + CONTENT[16:],
        CONTENT[:-1],
        CONTENT + b"\0",
        CONTENT[:20],
        CONTENT[:24] + b"\xff\xff\xff\xff" + CONTENT[28:],
        CONTENT[:32] + b"\xff\0\0\0" + CONTENT[36:],
        CONTENT[:-8] + np.array([np.nan]).tobytes(),
    ],
)
def test_bytes_that_are_no_rows_are_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"rows|row|hold"):
        unpack(content)


def test_a_number_that_is_not_finite_is_never_packed() -> None:
    of = plan()
    with pytest.raises(ValueError, match="not finite"):
        pack(of.size, of.camera_to_world * np.nan, of.intrinsics, of.scene_time)


def test_a_row_says_in_which_loop_it_lies_and_rows_without_are_as_they_were() -> None:
    segments = [TimeSegment(4, Loop(3)), TimeSegment(2, Hold(0.5)), TimeSegment(2, Loop(2))]
    of = frame_plan([CameraSegment(8, STILL)], segments, (64, 64), 30)
    assert of.period.tolist() == [3, 3, 3, 3, 0, 0, 2, 2]
    content = pack(of.size, of.camera_to_world, of.intrinsics, of.scene_time, of.period)
    rows = unpack(content)
    assert rows.period[rows.order].tolist() == of.period.tolist()
    assert rows.order[0] != rows.order[6], "a moment of another loop is another row"
    bare = pack(of.size, of.camera_to_world, of.intrinsics, of.scene_time)
    assert bare.startswith(b"episodec rows 1\n")
    assert bare == pack(of.size, of.camera_to_world, of.intrinsics, of.scene_time, 0 * of.period)
    assert not unpack(bare).period.any()


def test_a_negative_zero_packs_as_zero() -> None:
    of = plan()
    poses, lenses, times = np.zeros((1, 4, 4)), np.zeros((1, 4)), np.zeros(1)
    assert pack(of.size, poses, lenses, times) == pack(of.size, -poses, -lenses, -times)
