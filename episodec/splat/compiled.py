"""What the compiled kernels share: how they are compiled and kept, and the fused multiply-add.

Invariant: the same bits on every processor. Kernels have no fast-math and leave nothing to contraction: where a fused
multiply-add is meant, `fma` says so; exp and log are made of such steps, not taken from a library.
Invariant: what a kernel calls stands in its own file, the only one that numba's cache watches. This file is the
exception, the columns that project.py names for tiles.py, and what training/ takes from both: who changes those saves
the kernels' files that use them anew.
"""

from collections.abc import Callable
from typing import Any

from numba import njit
from numba.extending import intrinsic


def kernel(function: Callable[..., Any]) -> Any:
    """The function compiled at its first call and kept on disk: beside the source, else in the user's cache folder."""
    try:
        return njit(cache=True, nogil=True, error_model="numpy")(function)
    except RuntimeError:  # No folder can be written to; it is compiled in every process.
        return njit(nogil=True, error_model="numpy")(function)


@intrinsic  # type: ignore[untyped-decorator]  # Numba has no types for it.
def fma(_context: Any, a: Any, b: Any, c: Any) -> Any:
    """The sum a * b + c, rounded once."""

    def lower(_context: Any, builder: Any, _signature: Any, operands: Any) -> Any:
        return builder.fma(*operands)

    return a(a, b, c), lower
