"""The performance of a film: lips, eyes, brows, head and breath, as one track."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from episodec.performance.bearing import breath, brows, expression, head
from episodec.performance.eyes import blinks, gaze
from episodec.performance.mouth import mouth
from episodec.performance.spoken import Mark, SoundedWord
from episodec.performance.track import Floats, PerformanceTrack, quantised


@dataclass(frozen=True, slots=True)
class Style:
    """The strengths of its parts (1 is the default, 0 none) and switches."""

    seed: str
    mouth: float = 1.0
    brows: float = 1.0
    head: float = 1.0
    breath: float = 1.0
    blinks: bool = True
    gaze: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class FilmedFrames:
    """The number of frames, and the camera positions."""

    frames: int
    rate: int
    cameras: Floats  # (F, 3): positions of the camera, metres, world.
    face: tuple[float, float, float] | None  # The middle of the face, metres, world; None: not known.

    def moments(self) -> Floats:
        """(F,): the middle of each frame, in seconds."""
        return middles(self.frames, self.rate)


def middles(frames: int, rate: int) -> Floats:
    """(F,): the middle of each frame, in seconds."""
    middles_s: Floats = (np.arange(frames) + 0.5) / rate
    return middles_s


def perform(
    words: Sequence[SoundedWord], marks: Sequence[Mark], filmed: FilmedFrames, style: Style
) -> PerformanceTrack:
    """The track of a film with these words; without words the face blinks, looks and breathes."""
    at_s = filmed.moments()
    turned = head(words, style.seed, at_s, style.head)
    weights = mouth(words, at_s, style.mouth) + brows(words, at_s, style.brows) + expression(marks, at_s)
    if style.blinks:
        weights = weights + blinks(words, style.seed, at_s)
    if style.gaze:
        cameras = None if filmed.face is None else filmed.cameras
        weights = weights + gaze(cameras, filmed.face or (0.0, 0.0, 0.0), turned, style.seed, at_s)
    return quantised(weights, turned, breath(at_s, style.breath))
