"""The difference of each frame of a film from the same frame of another one. Knows no chunk and no cache."""

from collections.abc import Iterable, Iterator
from itertools import zip_longest
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from episodec.errors import BackendError
from episodec.video.container import opened

SIDE = 120  # Pixels of the square that each frame is shrunk to, whatever its shape: a lid is still several of them.


def differences(before: Path, after: Path, ranges: Iterable[tuple[int, int]]) -> dict[int, float]:
    """The mean absolute difference of each frame in `ranges` (half-open), 0 to 255, over the pixels of a small picture.

    Frames that only one film has are left out. Outside the ranges, only the frames from the last keyframe before each
    range to its start are decoded.

    Raises:
        BackendError: a film cannot be decoded, or has no pictures.
    """
    changes: dict[int, float] = {}
    for start, end in ranges:
        pairs = zip_longest(_small(before, start, end), _small(after, start, end))
        for number, (old, other) in enumerate(pairs, start):
            if old is None or other is None:
                break
            changes[number] = float(np.abs(old - other).mean())
    return changes


def _small(path: Path, start: int, end: int) -> Iterator[NDArray[np.int16]]:
    """Frames start to end (exclusive) in the order they are shown, as (SIDE, SIDE, 3)."""
    import av

    try:
        with opened(path) as container:
            if not container.streams.video:
                raise BackendError("the film has no pictures", facts={"file": path.name})
            stream = container.streams.video[0]
            stream.thread_count = 1
            if start:
                container.seek(_stamp(stream, start), stream=stream, backward=True)
            for frame in container.decode(stream):
                number = _number(stream, frame.pts)
                if number >= end:
                    return
                if number >= start:
                    yield frame.reformat(SIDE, SIDE, "rgb24", interpolation="AREA").to_ndarray().astype(np.int16)
    except (OSError, av.FFmpegError) as error:
        facts = {"file": path.name, "error": error.strerror or error}
        raise BackendError("a film cannot be decoded", facts=facts) from error


def _stamp(stream: Any, number: int) -> int:
    return int((stream.start_time or 0) + round(number / (stream.average_rate * stream.time_base)))


def _number(stream: Any, stamp: int) -> int:
    number: int = round((stamp - (stream.start_time or 0)) * stream.time_base * stream.average_rate)
    return number
