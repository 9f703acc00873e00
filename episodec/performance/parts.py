"""A track as the outputs of an order: all of it for other tools, and the rows of each chunk."""

from collections.abc import Iterator, Sequence

from episodec.performance.formats import audio2face
from episodec.performance.resting import Rest, resting
from episodec.performance.track import PerformanceTrack, pack


def contents(
    track: PerformanceTrack, rate: int, chunk_frames: int, rests: Sequence[Rest] = ()
) -> Iterator[tuple[str, bytes]]:
    """The contents of `performance.json`, and of `performance_000.rows` and so on, one file per chunk; where the mouth
    rests in some ranges of frames, also of `resting_000.rows` and so on, one per chunk.
    """
    yield "performance.json", audio2face(track, rate).encode()
    for number, start in enumerate(range(0, len(track), chunk_frames)):
        yield f"performance_{number:03}.rows", pack(track.part(start, start + chunk_frames))
    quiet = resting(track, rests)
    for number, start in enumerate(range(0, len(track), chunk_frames) if rests else ()):
        yield f"resting_{number:03}.rows", pack(quiet.part(start, start + chunk_frames))
