"""A capture on the frames of a film."""

import numpy as np

from episodec.performance.bearing import breath
from episodec.performance.captures import Capture
from episodec.performance.channels import HEAD, PLACES, SHAPES
from episodec.performance.perform import middles
from episodec.performance.track import Floats, PerformanceTrack, quantised


def played(capture: Capture, frames: int, rate: int, breathing: float = 1.0) -> PerformanceTrack:
    """The capture resampled linearly at the middles of the film's frames; the face rests after its end.

    Captures have no breath; it depends on the time alone.
    """
    at_s = middles(frames, rate)
    weights, head = np.zeros((frames, len(SHAPES))), np.zeros((frames, len(HEAD)))
    on = at_s <= end_s(capture)
    for column, name in enumerate(capture.names):
        curve: Floats = np.interp(at_s, capture.at_s, capture.values[:, column]) * on
        if name in PLACES:
            weights[:, PLACES[name]] = curve
        else:
            head[:, HEAD.index(name)] = curve
    return quantised(weights, head, breath(at_s, breathing))


def end_s(capture: Capture) -> float:
    """The end of its last frame, in seconds."""
    return float(capture.at_s[-1]) + capture.step_s / 2
