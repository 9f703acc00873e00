"""Words and tracks that the tests of performances share."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from episodec.performance.perform import Filmed, Style, perform
from episodec.performance.spoken import Mark, Sound, Word
from episodec.performance.track import Track

FRONT = (0.0, 0.0, 2.6)


def word(text: str, start_s: float, names: Sequence[str], each_s: float = 0.07, *, is_last: bool = False) -> Word:
    """A word whose sounds are equally long."""
    starts = [start_s + number * each_s for number in range(len(names))]
    sounds = tuple(Sound(name, start, start + each_s) for name, start in zip(names, starts, strict=True))
    return Word(text, start_s, start_s + each_s * len(names), is_last, sounds)


def filmed(frames: int = 300, rate: int = 30, camera: tuple[float, float, float] = FRONT) -> Filmed:
    """So many frames, all from one place."""
    return Filmed(frames, rate, np.tile(np.array(camera), (frames, 1)), (0.0, 0.0, 0.0))


def track(words: Iterable[Word] = (), marks: Sequence[Mark] = (), frames: int = 300, **style: Any) -> Track:
    """The performance of these words."""
    return perform(tuple(words), marks, filmed(frames), Style(**{"seed": "1", **style}))
