"""Words and tracks that the tests of performances share."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from episodec.performance.perform import FilmedFrames, Style, perform
from episodec.performance.spoken import Mark, SoundedWord, SpeechSound
from episodec.performance.track import PerformanceTrack

FRONT = (0.0, 0.0, 2.6)


def word(
    text: str, start_s: float, names: Sequence[str], each_s: float = 0.07, *, is_last: bool = False
) -> SoundedWord:
    """A word whose sounds are equally long."""
    starts = [start_s + number * each_s for number in range(len(names))]
    sounds = tuple(SpeechSound(name, start, start + each_s) for name, start in zip(names, starts, strict=True))
    return SoundedWord(text, start_s, start_s + each_s * len(names), is_last, sounds)


def filmed(frames: int = 300, rate: int = 30, camera: tuple[float, float, float] = FRONT) -> FilmedFrames:
    """So many frames, all from one place."""
    return FilmedFrames(frames, rate, np.tile(np.array(camera), (frames, 1)), (0.0, 0.0, 0.0))


def track(
    words: Iterable[SoundedWord] = (), marks: Sequence[Mark] = (), frames: int = 300, **style: Any
) -> PerformanceTrack:
    """The performance of these words."""
    return perform(tuple(words), marks, filmed(frames), Style(**{"seed": "1", **style}))
