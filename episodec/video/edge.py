"""Where the first row of frames shows something else than the still background. Knows rows of pixels, no scene."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from episodec.video.frames import Frame

APART = 24  # Levels: dither and coding change the background by less, and hair stands out by more.
RUN = 0.015  # Of the width: single pixels of noise and flyaways are nobody.
MOST_SPANS = 5

Behind = NDArray[np.float32] | tuple[float, float, float]


def touches(frame: Frame, behind: Behind) -> bool:
    """Whether somebody stands in the first row. behind: values of 0 to 1, (h, w, 3) or one colour."""
    row = np.asarray(behind if isinstance(behind, tuple) else behind[0], np.float64) * 255
    away = np.abs(frame[0] - row).max(axis=1) > APART
    ends = np.flatnonzero(np.diff(np.concatenate([[False], away, [False]]).astype(np.int8)))
    return bool(len(ends)) and int((ends[1::2] - ends[::2]).max()) >= max(3, RUN * len(away))


def spans_text(frames: Sequence[int]) -> str:
    """Ascending numbers of frames as `0-28, 45`; of many spans the first ones, and how many more there are."""
    numbers = np.asarray(frames)
    parts = np.split(numbers, np.flatnonzero(np.diff(numbers) > 1) + 1)
    texts = [str(part[0]) if len(part) == 1 else f"{part[0]}-{part[-1]}" for part in parts]
    more = f" and {len(texts) - MOST_SPANS} more" if len(texts) > MOST_SPANS else ""
    return ", ".join(texts[:MOST_SPANS]) + more
