"""Random tracks: what hypothesis draws plans from."""

from itertools import pairwise

from hypothesis import strategies as st

from episodec.film.moves import (
    CameraSegment,
    Dolly,
    Ease,
    Hold,
    Key,
    Keys,
    Linear,
    Loop,
    Orbit,
    Pingpong,
    Still,
    TimeKeys,
    TimeSegment,
)

RATES = st.sampled_from([24, 25, 30, 48, 50, 60])
SIZES = st.tuples(st.integers(8, 500), st.integers(8, 500)).map(lambda pair: (2 * pair[0], 2 * pair[1]))
EASES: st.SearchStrategy[Ease] = st.sampled_from(["linear", "smooth"])
FOVS = st.floats(1, 179)
ANGLES = st.floats(-720, 720)
# Cameras before the plane z = 1, targets behind it: no way between two of them leads through a target or above it.
POSITIONS = st.tuples(st.floats(-3, 3), st.floats(-3, 3), st.floats(1.5, 5))
TARGETS = st.tuples(st.floats(-1, 1), st.floats(-1, 1), st.floats(-1, 0.5))


def orbits() -> st.SearchStrategy[Orbit]:
    return st.builds(Orbit, TARGETS, st.floats(0.1, 20), st.floats(-80, 80), ANGLES, ANGLES, FOVS, EASES)


@st.composite
def keys(draw: st.DrawFn, length: int) -> Keys:
    frames = sorted(draw(st.sets(st.integers(0, length - 1), min_size=1, max_size=6)))
    rows = [Key(frame, draw(POSITIONS), draw(TARGETS), draw(FOVS)) for frame in frames]
    return Keys(tuple(rows), draw(EASES))


@st.composite
def camera_segments(draw: st.DrawFn, length: int) -> CameraSegment:
    move = draw(
        st.one_of(
            st.builds(Still, POSITIONS, TARGETS, FOVS),
            orbits(),
            st.builds(Dolly, POSITIONS, POSITIONS, TARGETS, FOVS, EASES),
            keys(length),
        )
    )
    return CameraSegment(length, move)


@st.composite
def time_segments(draw: st.DrawFn, length: int) -> TimeSegment:
    frames = sorted(draw(st.sets(st.integers(0, length - 1), min_size=1, max_size=6)))
    times = st.floats(0, 1)
    mapped = draw(
        st.one_of(
            st.builds(Loop, st.integers(2, 60)),
            st.builds(Pingpong, st.integers(2, 60)),
            st.builds(Linear, times, times),
            st.builds(Hold, times),
            st.just(TimeKeys(tuple((frame, draw(times)) for frame in frames))),
        )
    )
    return TimeSegment(length, mapped)


@st.composite
def tracks(draw: st.DrawFn, most: int = 40) -> tuple[list[CameraSegment], list[TimeSegment]]:
    """A camera and a time track of one length, cut in different places."""
    total = draw(st.integers(1, most))
    cut = [draw(st.sets(st.integers(1, total - 1), max_size=3)) if total > 1 else set[int]() for _ in range(2)]
    lengths = [_lengths(sorted(places), total) for places in cut]
    camera = [draw(camera_segments(length)) for length in lengths[0]]
    return camera, [draw(time_segments(length)) for length in lengths[1]]


def _lengths(cuts: list[int], total: int) -> list[int]:
    edges = [0, *cuts, total]
    return [end - start for start, end in pairwise(edges)]
