"""Measurements of pictures: the levels of each frame, and the change between frames. Judges nothing.

All sums are of integers, so every machine measures the same. Differences are never taken in uint8, where 3 - 5 is 254.
"""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from episodec.errors import BackendError
from episodec.video.frames import Frame

APART = 30  # Frames: one second at 30 frames a second, the distance at which rendered scenes are compared.

BLACK_MEAN = 10.0  # 0 to 255: a frame with both below these limits is black.
BLACK_DEVIATION = 10.0
FROZEN_CHANGE = 0.02  # Of 255: x264 repeats a still picture with less; grain or breathing changes more.

FLASH_SWING = 25.5
"""A swing of a frame's mean grey that counts towards a flash: a tenth of the range, as in WCAG 2.2, "general flash",
applied to the whole frame. Two opposing swings are one flash."""

IDENTICAL_DB = 100.0  # The value for identical pictures, whose PSNR is infinite.


@dataclass(slots=True)
class FrameMeasurements:
    """Numbers for each frame; differences are None if there is no earlier frame."""

    mean: list[float] = field(default_factory=list)  # Of all samples, 0 to 255.
    deviation: list[float] = field(default_factory=list)  # Standard deviation of all samples.
    levels: list[int] = field(default_factory=list)  # Distinct levels of grey, 1 to 256.
    grey: list[float] = field(default_factory=list)  # Mean of BT.601 grey, 0 to 255.
    change: list[float | None] = field(default_factory=list)  # Mean absolute difference from the frame before.
    change_30: list[float | None] = field(default_factory=list)  # From the frame thirty before.
    psnr_db: dict[int, float] = field(default_factory=dict)  # By frame, against its reference.

    def black(self) -> list[int]:
        """The frames that are black."""
        both = zip(self.mean, self.deviation, strict=True)
        return [index for index, (mean, dev) in enumerate(both) if mean < BLACK_MEAN and dev < BLACK_DEVIATION]

    def frozen(self) -> list[int]:
        """The frames that only repeat the one before."""
        return [index for index, change in enumerate(self.change) if change is not None and change < FROZEN_CHANGE]


def measure(frames: Iterable[Frame], references: Mapping[int, Frame]) -> FrameMeasurements:
    """Measure every frame, and compare those with a reference to it.

    Raises:
        BackendError: a reference differs in size from its frame.
    """
    import cv2

    measured = FrameMeasurements()
    earlier: deque[Frame] = deque(maxlen=APART)
    for index, frame in enumerate(frames):
        flat = frame.reshape(frame.shape[0], -1)  # One channel: the three are measured together.
        mean, deviation = cv2.meanStdDev(flat)
        grey = cv2.calcHist([cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY)], [0], None, [256], [0, 256])[:, 0]
        measured.mean.append(float(mean[0, 0]))
        measured.deviation.append(float(deviation[0, 0]))
        measured.levels.append(int(np.count_nonzero(grey)))
        measured.grey.append(float(grey @ np.arange(256)) / (frame.shape[0] * frame.shape[1]))
        measured.change.append(cv2.norm(flat, earlier[-1], cv2.NORM_L1) / flat.size if earlier else None)
        is_full = len(earlier) == APART
        measured.change_30.append(cv2.norm(flat, earlier[0], cv2.NORM_L1) / flat.size if is_full else None)
        if index in references:
            measured.psnr_db[index] = psnr_db(frame, references[index])
        earlier.append(flat)
    return measured


def psnr_db(frame: Frame, reference: Frame) -> float:
    """The peak signal-to-noise ratio of a frame over its reference: 10 log10(255² / mean squared error).

    Raises:
        BackendError: they differ in size.
    """
    import cv2

    if frame.shape != reference.shape:
        facts = {
            "frame": f"{frame.shape[1]}x{frame.shape[0]}",
            "reference": f"{reference.shape[1]}x{reference.shape[0]}",
        }
        raise BackendError("a reference differs in size from the picture", facts=facts)
    squares = cv2.norm(frame, reference, cv2.NORM_L2SQR)
    return IDENTICAL_DB if squares == 0 else min(IDENTICAL_DB, 10 * float(np.log10(255**2 * frame.size / squares)))


def flashes(grey: Sequence[float], rate: int) -> tuple[int, int]:
    """The number of flashes in the worst second, and the frame at which it begins."""
    ends = _swings(grey)
    worst, at = 0, 0
    for place, first in enumerate(ends):
        inside = sum(1 for end in ends[place:] if end < first + rate)
        if inside // 2 > worst:
            worst, at = inside // 2, first
    return worst, at


def _swings(grey: Sequence[float]) -> list[int]:
    """The frames at which the picture has alternately risen and fallen by the threshold; smaller swings are ignored."""
    ends: list[int] = []
    low, high = min(grey[:1], default=0.0), max(grey[:1], default=0.0)
    is_rising: bool | None = None
    for index, level in enumerate(grey):
        low, high = min(low, level), max(high, level)
        if is_rising is not True and level - low >= FLASH_SWING:
            ends.append(index)
            is_rising, high = True, level
        elif is_rising is not False and high - level >= FLASH_SWING:
            ends.append(index)
            is_rising, low = False, level
    return ends
