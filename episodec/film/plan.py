"""The frame plan, the compiler's object code: the picture and sound of every frame of an episode, decided.

A frame's row follows from the tracks and its own number, never from another frame.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeVar

import numpy as np

from episodec.film.camera import shots
from episodec.film.exact import Floats, Integers, frozen, quantized
from episodec.film.moves import CameraSegment, Keys, Loop, Path, Still, TimeKeys, TimeSegment
from episodec.film.pose import intrinsics
from episodec.film.rows import Rows, pack
from episodec.film.time import scene_times
from episodec.film.track_errors import BadTrack, TrackError
from episodec.timebase import samples_per_frame

FRAMES_AT_ONCE = 1 << 14  # Computed together: bounds the memory that a film of hours needs besides its rows.
CHUNK_FRAMES = 30  # One second at 30 frames a second, and a whole number of closed groups of 15 pictures.

Track = Literal["camera", "time"]
S = TypeVar("S", bound=CameraSegment | TimeSegment)

_KINDS = {Still: "static", Keys: "keyframes", Path: "file", TimeKeys: "keyframes"}
"""The words of the spec, where they are not the class names in lower case."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Where one segment of a track lies in the episode, for readers: nothing is computed from it."""

    track: Track
    kind: str  # `orbit`, `loop`, …
    start_frame: int
    end_frame: int  # Exclusive.


@dataclass(frozen=True, slots=True, eq=False)
class FramePlan:
    """One row per frame. Arrays are read-only; matrices and intrinsics have nine decimals (see `exact`)."""

    rate: int  # Frames a second.
    size: tuple[int, int]  # Pixels, width and height.
    index: Integers  # (N,) int64: the frame's number.
    camera_to_world: Floats  # (N, 4, 4) float64, metres, OpenGL convention: +X right, +Y up, the view along -Z.
    intrinsics: Floats  # (N, 4) float64, pixels: fx fy cx cy.
    scene_time: Floats  # (N,) float64, 0 to 1.
    period: Integers  # (N,) int64: frames of the loop that holds the frame; 0: no loop.
    samples: Integers  # (N, 2) int64: the half-open range of samples at 48 kHz of the frame.
    stretches: tuple[Stretch, ...] = ()

    def __len__(self) -> int:
        return len(self.index)


@dataclass(frozen=True, slots=True)
class Chunk:
    """A run of frames rendered by one action: its position, which is not part of a key, and its rows."""

    start_frame: int
    end_frame: int  # Exclusive.
    content: bytes  # See `rows`.


def frame_plan(
    camera: Sequence[CameraSegment],
    time: Sequence[TimeSegment],
    size: tuple[int, int],
    rate: int,
    frames: Sequence[int] | None = None,
) -> FramePlan:
    """The plan of an episode, or of some of its frames.

    Raises:
        BadTrack: every error of the segments, each at a path like ("camera", 1, "radius").
        ValueError: the two tracks have different lengths, or the rate or the size is impossible.
    """
    length = sum(segment.frames for segment in camera)
    if length != sum(segment.frames for segment in time) or length < 1:
        raise ValueError(f"a camera track of {length} frames, a time track of {sum(one.frames for one in time)}")
    if min(size) < 1:
        raise ValueError(f"a picture of {size[0]} x {size[1]} pixels")
    samples_per_frame(rate)
    frame_numbers = range(length) if frames is None else frames
    index = np.array(frame_numbers, dtype=np.int64)
    poses, lenses, times = (
        np.zeros((len(frame_numbers), 4, 4)),
        np.zeros((len(frame_numbers), 4)),
        np.zeros(len(frame_numbers)),
    )
    for start in range(0, len(frame_numbers), FRAMES_AT_ONCE):
        some = slice(start, start + FRAMES_AT_ONCE)
        try:
            camera_to_world, fov, times[some] = _filmed(camera, time, frame_numbers[some])
        except BadTrack:
            _filmed(camera, time, frame_numbers)  # With the errors of all frames.
            raise
        poses[some], lenses[some] = quantized(camera_to_world), quantized(intrinsics(fov, size))
    return FramePlan(
        rate=rate,
        size=size,
        index=frozen(index),
        camera_to_world=frozen(poses),
        intrinsics=frozen(lenses),
        scene_time=frozen(times),
        period=frozen(_periods(time, index)),
        samples=frozen(_samples(index, rate)),
        stretches=tuple(one for one, _, _ in (*_laid("camera", camera), *_laid("time", time))),
    )


def _periods(time: Sequence[TimeSegment], numbers: Integers) -> Integers:
    """The period of the loop that holds each of these frames, (N,); 0 for no loop."""
    periods = np.zeros(len(numbers), np.int64)
    for stretch, _, segment in _laid("time", time):
        if isinstance(segment.map, Loop):
            periods[_within(stretch, numbers)[0]] = segment.map.period
    return periods


def _samples(numbers: Integers, rate: int) -> Integers:
    """The half-open range of samples of each of these frames, (N, 2)."""
    length = samples_per_frame(rate)
    return np.stack([numbers * length, (numbers + 1) * length], axis=1)


def _filmed(
    camera: Sequence[CameraSegment], time: Sequence[TimeSegment], frame_numbers: Sequence[int]
) -> tuple[Floats, Floats, Floats]:
    """Poses (N, 4, 4), vertical fields of view (N,) and scene times (N,) of these frames."""
    poses, fov, times = np.zeros((len(frame_numbers), 4, 4)), np.zeros(len(frame_numbers)), np.zeros(len(frame_numbers))
    numbers = np.array(frame_numbers, dtype=np.int64)
    flaws: list[TrackError] = []
    for stretch, place, segment in _laid("camera", camera):
        here, local = _within(stretch, numbers)
        try:
            segment_shots = shots(segment, local)
            poses[here], fov[here] = segment_shots.camera_to_world, segment_shots.fov_y_deg
        except BadTrack as bad:
            flaws += [flaw.within("camera", place) for flaw in bad.flaws]
    for stretch, place, mapped in _laid("time", time):
        here, local = _within(stretch, numbers)
        try:
            # The nearest float of an exact fraction: the same on every machine without a quantum.
            times[here] = [float(moment) for moment in scene_times(mapped, local)]
        except BadTrack as bad:
            flaws += [flaw.within("time", place) for flaw in bad.flaws]
    if flaws:
        raise BadTrack(flaws)
    return poses, fov, times


def _laid(track: Track, segments: Sequence[S]) -> Iterator[tuple[Stretch, int, S]]:
    """The range of each segment in the episode, its place in the track, and the segment."""
    start = 0
    for place, segment in enumerate(segments):
        of = segment.move if isinstance(segment, CameraSegment) else segment.map
        yield (
            Stretch(track, _KINDS.get(type(of), type(of).__name__.lower()), start, start + segment.frames),
            place,
            segment,
        )
        start += segment.frames


def _within(stretch: Stretch, numbers: Integers) -> tuple[Integers, list[int]]:
    """The frames inside a stretch: their places in `numbers`, and their numbers counted from its start."""
    (here,) = np.nonzero((numbers >= stretch.start_frame) & (numbers < stretch.end_frame))
    return here, (numbers[here] - stretch.start_frame).tolist()


def chunks(plan: FramePlan, frames: int = CHUNK_FRAMES) -> tuple[Chunk, ...]:
    """The plan cut into runs of this many frames; the last one may be shorter."""
    if frames < 1:
        raise ValueError(f"chunks of {frames} frames")
    cuts = range(0, len(plan), frames)
    return tuple(_chunk(plan, start, min(start + frames, len(plan))) for start in cuts)


def every_second(plan: FramePlan) -> FramePlan:
    """The same plan in steps of two frames: each odd frame repeats the one before, which is rendered once."""
    rows = np.arange(len(plan)) // 2 * 2
    return replace(
        plan,
        camera_to_world=frozen(plan.camera_to_world[rows]),
        intrinsics=frozen(plan.intrinsics[rows]),
        scene_time=frozen(plan.scene_time[rows]),
        period=frozen(plan.period[rows]),
    )


def one_frame(plan: FramePlan, number: int) -> Chunk:
    """One frame of the plan as a run of its own."""
    return _chunk(plan, number, number + 1)


def _chunk(plan: FramePlan, start: int, end: int) -> Chunk:
    rows = slice(start, end)
    columns = plan.camera_to_world[rows], plan.intrinsics[rows], plan.scene_time[rows], plan.period[rows]
    content = pack(plan.size, *columns)
    return Chunk(start, end, content)


def plan_of(rows: Rows, rate: int, stretches: tuple[Stretch, ...] = ()) -> FramePlan:
    """The plan with these rows, from frame 0; reverses packing all frames as one chunk."""
    count = len(rows.order)
    return FramePlan(
        rate=rate,
        size=rows.size,
        index=frozen(np.arange(count, dtype=np.int64)),
        camera_to_world=frozen(rows.camera_to_world[rows.order]),
        intrinsics=frozen(rows.intrinsics[rows.order]),
        scene_time=frozen(rows.scene_time[rows.order]),
        period=frozen(rows.period[rows.order]),
        samples=frozen(_samples(np.arange(count, dtype=np.int64), rate)),
        stretches=stretches,
    )
