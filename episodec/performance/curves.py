"""Curves that end at exactly zero, and numbers determined by a seed and a place."""

from collections.abc import Callable, Iterable
from hashlib import blake2b

import numpy as np

from episodec.performance.track import Floats


def eased(values: Floats) -> Floats:
    """Smoothstep: 0 below 0, 1 above 1, `3 x² - 2 x³` between."""
    within = np.clip(values, 0.0, 1.0)
    return within * within * (3.0 - 2.0 * within)


def hill(at_s: Floats, rise: tuple[float, float], fall: tuple[float, float]) -> Floats:
    """A curve that rises from 0 to 1 over the first range of seconds and falls to 0 over the second."""
    up = eased((at_s - rise[0]) / (rise[1] - rise[0]))
    down = eased((at_s - fall[0]) / (fall[1] - fall[0]))
    return up * (1.0 - down)


def chance(seed: str, what: str, cell: int) -> float:
    """A number from 0 to 1 (exclusive) determined by these arguments alone."""
    content = f"{seed}\n{what}\n{cell}".encode()
    return int.from_bytes(blake2b(content, digest_size=4).digest(), "big") / (1 << 32)


def wandering(seed: str, what: str, at_s: Floats, cell_s: float) -> Floats:
    """A slow curve between -1 and 1: random numbers at cell borders, eased between."""
    return _cellwise(at_s, cell_s, lambda cell: 2.0 * chance(seed, what, cell) - 1.0, lambda _cell: (0.0, 1.0))


def darting(seed: str, what: str, at_s: Floats, cell_s: float, way_s: float) -> Floats:
    """A curve between -1 and 1 that rests, and in each cell moves to another number within `way_s` seconds."""
    way = way_s / cell_s

    def parts(cell: int) -> tuple[float, float]:
        start = (1.0 - way) * chance(seed, f"{what} when", cell)
        return start, start + way

    return _cellwise(at_s, cell_s, lambda cell: 2.0 * chance(seed, what, cell) - 1.0, parts)


def _cellwise(
    at_s: Floats, cell_s: float, number: Callable[[int], float], parts: Callable[[int], tuple[float, float]]
) -> Floats:
    """A curve that moves in each cell from its number to the next one's, within a part of the cell."""
    place = at_s / cell_s
    cells = np.floor(place).astype(np.int64)
    values = np.zeros(len(at_s))
    for cell in _distinct(cells):
        some = cells == cell
        start, end = parts(cell)
        before, after = number(cell), number(cell + 1)
        values[some] = before + (after - before) * eased((place[some] - cell - start) / (end - start))
    return values


def _distinct(cells: np.ndarray[tuple[int], np.dtype[np.int64]]) -> Iterable[int]:
    return range(int(cells[0]), int(cells[-1]) + 1) if len(cells) else ()
