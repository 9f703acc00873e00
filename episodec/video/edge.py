"""Finds frames whose first row differs from the still background. Knows rows of pixels, no scene."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from episodec.video.frames import Frame

APART = 24  # Levels: dither and coding change the background by less, and hair differs by more.
RUN = 0.015  # Of the width: shorter runs are noise or flyaway hair.
MOST_SPANS = 5

Behind = NDArray[np.float32] | tuple[float, float, float]


def touches(frame: Frame, behind: Behind) -> bool:
    """Whether the character reaches the first row. behind: values of 0 to 1, (h, w, 3) or one colour."""
    row = np.asarray(behind if isinstance(behind, tuple) else behind[0], np.float64) * 255
    away = np.abs(frame[0] - row).max(axis=1) > APART
    ends = np.flatnonzero(np.diff(np.concatenate([[False], away, [False]]).astype(np.int8)))
    return bool(len(ends)) and int((ends[1::2] - ends[::2]).max()) >= max(3, RUN * len(away))


def spans_text(frames: Sequence[int]) -> str:
    """Ascending frame numbers as `0-28, 45`; after `MOST_SPANS` spans, the number of the remaining ones."""
    numbers = np.asarray(frames)
    parts = np.split(numbers, np.flatnonzero(np.diff(numbers) > 1) + 1)
    texts = [str(part[0]) if len(part) == 1 else f"{part[0]}-{part[-1]}" for part in parts]
    more = f" and {len(texts) - MOST_SPANS} more" if len(texts) > MOST_SPANS else ""
    return ", ".join(texts[:MOST_SPANS]) + more
