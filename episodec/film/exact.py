"""Numbers that are the same on every machine.

Sums, products, quotients and square roots are exact to the last bit wherever IEEE 754 holds. Sines and cosines are not:
C libraries differ in the last bit, and numpy's vector loops differ from its scalar ones. So trigonometry goes through
`math`, one value at a time, and every number of a row is rounded to a quantum far above such differences and far below
anything a picture shows.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

QUANTUM = 1e-9
"""Of matrices (metres, direction cosines) and intrinsics (pixels)."""

_PER_UNIT = 1e9  # Exact: a whole number divided by it is the float nearest to a decimal: 2.6, not 2.5999999996.

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


def quantized(values: Floats) -> Floats:
    """The nearest numbers of nine decimals, halves to even; -0.0 becomes 0.0. Read-only."""
    rounded: Floats = np.rint(values * _PER_UNIT) / _PER_UNIT + 0.0
    return frozen(rounded)


def frozen(values: NDArray[Any]) -> NDArray[Any]:
    """The same array, not writeable."""
    values.setflags(write=False)
    return values
