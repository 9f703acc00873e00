"""A performance whose mouth rests in some frames, for a film whose lips another stage draws there."""

from collections.abc import Sequence

import numpy as np

from episodec.performance.channels import SHAPES
from episodec.performance.track import PerformanceTrack

FADE_FRAMES = 8
"""Frames over which the scene's lips and the drawn ones take over from each other, inside the drawn range."""

_MOUTH = [place for place, name in enumerate(SHAPES) if name.startswith(("jaw", "mouth", "tongue"))]

Rest = tuple[int, int, bool, bool]
"""A half-open range of frames, and whether the mouth comes to rest within its first frames and leaves it within its
last ones; otherwise it rests in all of them.
"""


def shares(frames: int, *, fades_in: bool, fades_out: bool) -> list[int]:
    """The share of the drawn lips in each frame of a range, in 1/(FADE_FRAMES + 1): all of it, or less at its ends."""
    whole = FADE_FRAMES + 1
    return [
        min(place + 1 if fades_in else whole, frames - place if fades_out else whole, whole) for place in range(frames)
    ]


def resting(track: PerformanceTrack, rests: Sequence[Rest]) -> PerformanceTrack:
    """The track with jaw, mouth and tongue at rest in these ranges; all other channels are kept."""
    weights = track.weights.copy()
    whole = FADE_FRAMES + 1
    for start, end, fades_in, fades_out in rests:
        left = whole - np.array(shares(end - start, fades_in=fades_in, fades_out=fades_out), np.int64)
        mouth = weights[start:end, _MOUTH].astype(np.int64) * left[:, None]
        weights[start:end, _MOUTH] = ((2 * mouth + whole) // (2 * whole)).astype(np.uint8)
    return PerformanceTrack(weights, track.head, track.breath)
