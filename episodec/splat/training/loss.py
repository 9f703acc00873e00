"""The loss between a picture and its target, and its derivatives by the picture.

The loss of Kerbl et al. 2023 (3D Gaussian Splatting): (1 - w) L1 + w (1 - SSIM), w = 0.2. SSIM's window is the usual
one, a Gaussian of 1.5 pixels in 11 by 11, zeros beyond the border: a box would save nothing in vectors of 16, and give
values not comparable with others'.
"""

from dataclasses import dataclass

import numpy as np

from episodec.splat.rasterise import Threads
from episodec.splat.scene import Floats
from episodec.splat.training import windows

WEIGHT = 0.2  # Of 1 - SSIM.
_BAND = 12_800  # Pixels per batch: their planes fit the L2 cache.


@dataclass(frozen=True, slots=True, eq=False)
class Loss:
    """A picture's loss.

    Attributes:
        value: the loss.
        l1: the mean absolute difference.
        ssim: the mean SSIM, 1 for equal pictures.
        d_picture: (h, w, 3) float32, the derivative of the loss by the picture.
    """

    value: float
    l1: float
    ssim: float
    d_picture: Floats


def picture_loss(picture: Floats, target: Floats, weight: float = WEIGHT, pool: Threads | None = None) -> Loss:
    """The loss of a picture, (h, w, 3) float32, against a target of the same shape."""
    pool = pool or Threads(1)
    picture, target = np.ascontiguousarray(picture, np.float32), np.ascontiguousarray(target, np.float32)
    assert picture.shape == target.shape
    height, width, _ = picture.shape
    # One channel at a time: its slopes fit the L2 cache.
    slopes = np.empty((3, height + 2 * windows.REACH, windows.plane_width(width)), np.float32)
    slopes[:, : windows.REACH] = slopes[:, -windows.REACH :] = 0
    # Bands are the same at any number of threads, since sums depend on them.
    rows = max(16, _BAND // width)
    bands = [(y, min(y + rows, height)) for y in range(0, height, rows)]
    sums, gradient = np.empty((3, len(bands), 2)), np.empty_like(picture)
    likeness, distance = np.float32(weight / picture.size), np.float32((1 - weight) / picture.size)

    def compare(channel: int, number: int) -> None:
        windows.compare(channel, *bands[number], picture, target, slopes, sums[channel, number])

    def back(channel: int, number: int) -> None:
        windows.compare_back(channel, *bands[number], picture, target, slopes, likeness, distance, gradient)

    for channel in range(3):
        shares = [(channel, number) for number in range(len(bands))]
        pool.map(compare, shares)
        pool.map(back, shares)
    ssim, l1 = (sums.sum(axis=(0, 1)) / picture.size).tolist()
    return Loss((1 - weight) * l1 + weight * (1 - ssim), l1, ssim, gradient)
