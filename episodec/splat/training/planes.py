"""A HexPlane's features of positions at a time, and their derivatives by the planes, in compiled kernels.

Six planes per level, for the pairs of x, y, z and t in the order of `deformation.PAIRS`, (rows, columns, C) float32:
rows along the second axis of the pair, columns along the first, the outermost nodes at -1 and 1, like torch's
`grid_sample` with aligned corners and repeated borders. A level's planes are multiplied, and levels concatenated.
Derivatives by positions are not computed.

Invariant: the same bits at any number of threads.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from episodec.errors import BackendError
from episodec.splat.deformation import PAIRS
from episodec.splat.rasterise import Threads
from episodec.splat.scene import Floats
from episodec.splat.training import plane_kernels
from episodec.splat.training.plane_kernels import LANES

_TIME = 3


@dataclass(frozen=True, slots=True, eq=False)
class _Level:
    """The planes of a level at a time, laid out for the kernels: see `plane_kernels.sample`."""

    flat: Floats
    starts: NDArray[np.int64]
    sizes: NDArray[np.int64]
    channels: int


def sample(planes: list[Floats], places: Floats, time: float, pool: Threads | None = None) -> Floats:
    """(N, C of all levels) features of positions (N, 3), -1 to 1, at a time, -1 to 1; clamped to the border.

    Raises:
        BackendError: the channels are not a multiple of 8.
    """
    levels = _levels(planes, time)
    places = np.ascontiguousarray(places, np.float32)
    features = np.empty((len(places), sum(level.channels for level in levels)), np.float32)

    def sample_level(level: _Level, first: int, column: int) -> None:
        plane_kernels.sample(
            level.flat, level.starts, level.sizes, places, first, level.channels, features, column + first
        )

    (pool or Threads(1)).map(sample_level, [(levels[number], first, column) for number, first, column in _jobs(levels)])
    return features


def sample_back(
    planes: list[Floats], places: Floats, time: float, by_features: Floats, pool: Threads | None = None
) -> list[Floats]:
    """Derivatives by the planes, in their shapes, from those by the features, (N, C of all levels)."""
    levels = _levels(planes, time)
    places = np.ascontiguousarray(places, np.float32)
    by_features = np.ascontiguousarray(by_features, np.float32)
    flats = [np.zeros_like(level.flat) for level in levels]

    def level_back(number: int, first: int, column: int) -> None:
        level = levels[number]
        given = (level.flat, level.starts, level.sizes, places, first, level.channels)
        plane_kernels.sample_back(*given, by_features, column + first, flats[number])

    (pool or Threads(1)).map(level_back, _jobs(levels))
    return [_unpacked(plane, number, levels, flats, time) for number, plane in enumerate(planes)]


def _jobs(levels: list[_Level]) -> list[tuple[int, int, int]]:
    """For each job: level, first of eight channels, and the level's first column."""
    jobs, column = [], 0
    for number, level in enumerate(levels):
        jobs += [(number, first, column) for first in range(0, level.channels, LANES)]
        column += level.channels
    return jobs


def _levels(planes: list[Floats], time: float) -> list[_Level]:
    built = []
    for start in range(0, len(planes), len(PAIRS)):
        six = planes[start : start + len(PAIRS)]
        channels = six[0].shape[2]
        if channels % LANES:
            raise BackendError("the field's channels are not a multiple of 8", facts={"channels": channels})
        parts = [plane.ravel() for plane, (_, second) in zip(six, PAIRS, strict=True) if second != _TIME]
        parts += [_row(plane, time).ravel() for plane, (_, second) in zip(six, PAIRS, strict=True) if second == _TIME]
        starts = np.cumsum([0, *(len(part) for part in parts[:-1])])
        sizes = np.array([six[axis].shape[1] for axis in (PAIRS.index((n, _TIME)) for n in range(3))])
        assert min(sizes) > 1
        built.append(_Level(np.concatenate(parts), starts, sizes, channels))
    return built


def _row(plane: Floats, time: float) -> Floats:
    """(columns, C) of a temporal plane at a time."""
    low, share = _rows_at(plane, time)
    mixed: Floats = plane[low] * np.float32(1 - share) + plane[low + 1] * np.float32(share)
    return mixed


def _rows_at(plane: Floats, time: float) -> tuple[int, float]:
    """The row before a time, and the fraction of the way to the next."""
    place = (min(max(time, -1.0), 1.0) + 1) / 2 * (plane.shape[0] - 1)
    low = min(int(place), plane.shape[0] - 2)
    return low, place - low


def _unpacked(plane: Floats, number: int, levels: list[_Level], flats: list[Floats], time: float) -> Floats:
    """The derivatives by one plane, extracted from its level's."""
    level, flat = levels[number // len(PAIRS)], flats[number // len(PAIRS)]
    first, second = PAIRS[number % len(PAIRS)]
    if second != _TIME:
        place = [pair for pair in PAIRS if pair[1] != _TIME].index((first, second))
        start = level.starts[place]
        return flat[start : start + plane.size].reshape(plane.shape)
    start = level.starts[3 + first]
    row = flat[start : start + plane[0].size].reshape(plane[0].shape)
    unpacked = np.zeros_like(plane)
    low, share = _rows_at(plane, time)
    unpacked[low], unpacked[low + 1] = row * np.float32(1 - share), row * np.float32(share)
    return unpacked
