"""Integer functions: cosines, logarithms and power spectra, the same on every machine.

Cosines are in units of 2**-14, logarithms in 2**-8 of an octave.
"""

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]

ONE = 1 << 14  # Of cosines.
OCTAVE = 256  # Of logarithms.

_BITS = 60
_PI = 3_622_009_729_038_561_421  # In units of 2**-60.


@cache
def cosines(count: int) -> Integers:
    """(count,): the cosines of `count` equal parts of a turn, from 0 on, rounded to units of 2**-14."""
    half = 1 << (_BITS - 15)
    table = np.array([(_cosine(2 * _PI * part // count) + half) >> (_BITS - 14) for part in range(count)])
    table.setflags(write=False)
    return table


def _cosine(angle: int) -> int:
    """The cosine by its power series; both in units of 2**-60, the angle from 0 to a turn."""
    if angle > _PI:
        angle = 2 * _PI - angle
    if 2 * angle > _PI:
        return -_cosine(_PI - angle)
    term = total = 1 << _BITS
    square = angle * angle >> _BITS
    for order in range(2, 30, 2):
        term = -(term * square >> _BITS) // (order * (order - 1))
        total += term
    return total


def log2(values: Integers) -> Integers:
    """The base-2 logarithm of each integer from 1 on, rounded down, in 2**-8 of an octave."""
    octaves = np.zeros_like(values)
    rest = values.copy()
    for step in (32, 16, 8, 4, 2, 1):
        is_above = (rest >> step) > 0
        octaves += is_above * step
        rest >>= is_above * step
    shift = octaves - 20  # The shifted number is in [2**20, 2**21).
    mantissa = np.where(shift >= 0, values >> np.maximum(shift, 0), values << np.maximum(-shift, 0))
    fraction = np.zeros_like(values)
    for _ in range(8):  # Squared, it passes 2 if the next binary digit of the logarithm is 1.
        mantissa = mantissa * mantissa >> 20
        is_over = mantissa >> 21
        fraction = 2 * fraction + is_over
        mantissa >>= is_over
    return octaves * OCTAVE + fraction


def powers(windows: Integers) -> Integers:
    """The power at each frequency of each window, up to half of their rate.

    windows: (N, F), N a power of 2, each below 2**20. Gives (N / 2 + 1, F).
    """
    count, frames = windows.shape
    real, imaginary = windows[_reversed(count)], np.zeros_like(windows)
    turn = cosines(count)
    span = 1
    while span < count:
        parts = np.arange(span) * (count // (2 * span))
        cosine, sine = turn[parts][:, None], turn[(parts + count // 4) % count][:, None]  # The sine is negative.
        real, imaginary = real.reshape(-1, 2, span, frames), imaginary.reshape(-1, 2, span, frames)
        turned = (
            (real[:, 1] * cosine - imaginary[:, 1] * sine) >> 14,
            (real[:, 1] * sine + imaginary[:, 1] * cosine) >> 14,
        )
        real = _both(real[:, 0], turned[0])
        imaginary = _both(imaginary[:, 0], turned[1])
        span *= 2
    real, imaginary = real.reshape(count, frames), imaginary.reshape(count, frames)
    half = count // 2 + 1
    spectrum: Integers = real[:half] ** 2 + imaginary[:half] ** 2
    return spectrum


def _both(even: Any, odd: Any) -> Any:
    return np.stack([even + odd, even - odd], axis=1)


@cache
def _reversed(count: int) -> Integers:
    """The indices of `count` values with their binary digits reversed."""
    bits = count.bit_length() - 1
    return np.array([int(f"{place:0{bits}b}"[::-1], 2) for place in range(count)])


def roots(values: Integers) -> Integers:
    """The square root of each integer below 2**52, rounded down."""
    return np.sqrt(values.astype(np.float64)).astype(np.int64)  # IEEE 754 defines it to the last bit.
