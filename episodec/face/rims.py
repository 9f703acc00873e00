"""Finds the rims of the lids in a picture more closely than landmarks, which make drawn eyes too small."""

import math

import numpy as np
from numpy.typing import NDArray

from episodec.face.landmarks import Floats, Points, eye_distance

ALONG = 9  # Points along a rim, from corner to corner.

# In eye distances. Measured on drawn and photographed faces.
SEARCH_ABOVE, SEARCH_BELOW = 0.075, 0.02  # Of the landmarks' upper rim: the range searched for lashes.
LASH_HALF = 0.012  # From the middle of the lash line down to the rim.
SEARCH_UNDER = 0.09
SKIN_FROM, SKIN_TO = 0.10, 0.18  # Below the landmarks' lower rim: cheek.
BLUR = 0.01

DARK = 0.72  # Of the brightest value above: a lash line is darker.
ALIKE = 42.0  # Of 255, over three channels: colours nearer than that are the cheek's.


def resampled(line: Floats, count: int) -> Floats:
    """(count, d) points at equal steps along an (n, d) line, including its ends."""
    steps = np.sqrt((np.diff(line, axis=0) ** 2).sum(axis=1))
    along = np.concatenate([[0.0], np.cumsum(steps)])
    at = np.linspace(0.0, 1.0, count) * along[-1]
    points: Floats = np.stack([np.interp(at, along, line[:, k]) for k in range(line.shape[1])], axis=1)
    return points


def upper_rim(rgb: NDArray[np.uint8], points: Points, lid: tuple[int, ...]) -> Floats:
    """(ALONG, 2): the lower edge of the lash line: the darkest row near the landmarks' rim, if dark enough."""
    unit, rim = eye_distance(points), resampled(points[list(lid)], ALONG)
    soft, left, top = _around(rgb, rim, unit)
    light = (soft * np.array([299.0, 587.0, 114.0])).sum(axis=2) / 1000
    moved = np.zeros(ALONG)
    for k in range(1, ALONG - 1):
        column, middle = int(rim[k, 0]) - left, rim[k, 1] - top
        first = max(int(middle - SEARCH_ABOVE * unit), 0)
        rows = (
            light[first : int(middle + SEARCH_BELOW * unit) + 1, column] if 0 <= column < light.shape[1] else light[:0]
        )
        darkest = int(rows.argmin()) if len(rows) else 0
        if darkest > 0 and rows[darkest] < DARK * rows[:darkest].max():
            moved[k] = first + darkest + 0.5 + LASH_HALF * unit - middle
    return _moved(rim, moved)


def lower_rim(rgb: NDArray[np.uint8], points: Points, lid: tuple[int, ...]) -> Floats:
    """(ALONG, 2): where the cheek's colour begins below the landmarks' rim; the rim itself if none is near."""
    unit, rim = eye_distance(points), resampled(points[list(lid)], ALONG)
    soft, left, top = _around(rgb, rim, unit)
    side = max(1, round(0.02 * unit))
    moved = np.zeros(ALONG)
    for k in range(1, ALONG - 1):
        column, middle = int(rim[k, 0]) - left, max(rim[k, 1] - top, 0.0)
        cheek = soft[int(middle + SKIN_FROM * unit) : int(middle + SKIN_TO * unit) + 1]
        cheek = cheek[:, max(column - side, 0) : max(column + side + 1, 0)].reshape(-1, 3)
        if not len(cheek) or column >= soft.shape[1]:
            continue
        rows = soft[int(middle) : int(middle) + math.ceil(SEARCH_UNDER * unit), max(column, 0)]
        alike = np.flatnonzero(np.sqrt(((rows - np.median(cheek, axis=0)) ** 2).sum(axis=1)) < ALIKE)
        if len(alike):
            moved[k] = max(0.0, int(middle) + float(alike[0]) - middle)
    return _moved(rim, moved)


def _around(rgb: NDArray[np.uint8], rim: Floats, unit: float) -> tuple[Floats, int, int]:
    """(h, w, 3): the blurred part of a picture around a rim, and its left and top in the picture."""
    margin = 2 * SKIN_TO * unit
    left, top = (max(0, int(each)) for each in rim.min(axis=0) - margin)
    right, bottom = (max(0, int(each)) for each in rim.max(axis=0) + margin)
    return blurred(rgb[top:bottom, left:right], BLUR * unit), min(left, rgb.shape[1]), min(top, rgb.shape[0])


def blurred(rgb: NDArray[np.uint8], deviation: float) -> Floats:
    """(h, w, 3) float64: about a Gaussian of this standard deviation in pixels, by repeated 1 4 6 4 1 filters."""
    smoothed = rgb.astype(np.float64)
    if not smoothed.size:
        return smoothed
    for _ in range(max(1, round(deviation**2))):
        for axis in (0, 1):
            padding = [(2, 2) if each == axis else (0, 0) for each in range(3)]
            wide = np.moveaxis(np.pad(smoothed, padding, mode="edge"), axis, 0)
            count = len(wide) - 4
            parts = [wide[k : k + count] for k in range(5)]
            mixed = (parts[0] + parts[4] + 4 * (parts[1] + parts[3]) + 6 * parts[2]) / 16
            smoothed = np.moveaxis(mixed, 0, axis)
    return smoothed


def _moved(rim: Floats, down: Floats) -> Floats:
    """The rim moved down by smoothed offsets (a median, then a mean of neighbours); its corners are fixed."""
    middle = [0.0, *(float(np.median(down[k - 1 : k + 2])) for k in range(1, ALONG - 1)), 0.0]
    even = [0.0, *((middle[k - 1] + 2 * middle[k] + middle[k + 1]) / 4 for k in range(1, ALONG - 1)), 0.0]
    return np.stack([rim[:, 0], rim[:, 1] + even], axis=1)
