"""A track as the outputs of an order: all of it for other tools, and the rows of each chunk."""

from collections.abc import Iterator

from episodec.performance.formats import audio2face
from episodec.performance.track import PerformanceTrack, pack


def contents(track: PerformanceTrack, rate: int, chunk_frames: int) -> Iterator[tuple[str, bytes]]:
    """The contents of `performance.json`, and of `performance_000.rows` and so on, one file per chunk."""
    yield "performance.json", audio2face(track, rate).encode()
    for number, start in enumerate(range(0, len(track), chunk_frames)):
        yield f"performance_{number:03}.rows", pack(track.part(start, start + chunk_frames))
