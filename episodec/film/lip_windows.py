"""The windows of a film whose lips a lip-sync model draws, decided by the cameras alone.

The windows of a film are fixed on its clock, since a graph is lowered before there is a voice. A window is drawn if the
face is filmed from the front in all of its frames.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from episodec.film.plan import CHUNK_FRAMES, FramePlan

WINDOW_FRAMES = 2 * CHUNK_FRAMES  # With two frames of context on each side, 64: four batches of 16.
MOST_DEG = 40  # Beyond this angle from the front, the landmarks of a face are not found reliably.
_LEAST_COSINE = 0.766044443118978  # Of 40 degrees; a constant, so that no machine's cosine decides.

Point = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class LipWindow:
    """A half-open range of frames whose lips are drawn."""

    start_frame: int
    end_frame: int
    fades_in: bool  # From the lips of the scene, which the frames before show.
    fades_out: bool


def is_frontal(plan: FramePlan, face: Point) -> NDArray[np.bool_]:
    """(N,): whether the face, which looks along +z, is filmed from at most `MOST_DEG`.

    face: its centre in the world, in metres.
    """
    away = plan.camera_to_world[:, :3, 3] - np.asarray(face, np.float64)
    depth = away[:, 2]
    square = away[:, 0] * away[:, 0] + away[:, 1] * away[:, 1] + depth * depth
    frontal: NDArray[np.bool_] = (depth > 0) & (depth * depth >= _LEAST_COSINE * _LEAST_COSINE * square)
    return frontal


def lip_windows(frontal: NDArray[np.bool_]) -> list[LipWindow]:
    """The windows that are drawn, in order.

    frontal: (N,), as of `is_frontal`.
    """
    starts = range(0, len(frontal), WINDOW_FRAMES)
    drawn = [bool(frontal[start : start + WINDOW_FRAMES].all()) for start in starts]
    last = len(drawn) - 1
    return [
        LipWindow(
            start,
            min(start + WINDOW_FRAMES, len(frontal)),
            fades_in=place > 0 and not drawn[place - 1],
            fades_out=place < last and not drawn[place + 1],
        )
        for place, start in enumerate(starts)
        if drawn[place]
    ]


def sideways(frontal: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """The half-open ranges of frames that are not filmed from the front."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], ~frontal, [False]]).astype(np.int8)))
    return [(int(start), int(end)) for start, end in edges.reshape(-1, 2)]
