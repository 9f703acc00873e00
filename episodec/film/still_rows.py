"""Rows of pictures taken for training rather than for a film: still cameras, each with its scene time."""

from collections.abc import Sequence

import numpy as np

from episodec.film.exact import Floats, quantized
from episodec.film.pose import intrinsics
from episodec.film.rows import pack


def past_the_end(from_deg: float, to_deg: float, count: int) -> float:
    """The end angle of an orbit of `count` half-open steps whose last step is at `to_deg`."""
    return to_deg if count == 1 else from_deg + (to_deg - from_deg) * count / (count - 1)


def still_rows(size: tuple[int, int], poses: Floats, fov_y_deg: float, times: Sequence[float]) -> bytes:
    """The canonical bytes of these poses' rows (see `rows`), all seen through one lens.

    poses: (F, 4, 4) camera_to_world; times: F scene times, 0 to 1.
    """
    lenses = intrinsics(np.full(len(poses), fov_y_deg), size)
    return pack(size, quantized(poses), quantized(lenses), np.array(times, dtype=np.float64))
