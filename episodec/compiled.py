"""How kernels are compiled and kept, and the fused multiply-add and logarithm that they share.

Invariant: the same bits on every processor. Kernels use no fast-math and rely on no contraction: where a fused
multiply-add is meant, the code calls `fma`; exp and log are built from such steps, not taken from a library.
Invariant: a kept kernel was compiled from the sources that this process runs, by this numba and for this processor.
numba's own cache checks only the file of the kernel: it would miss a changed constant in another file.
"""

import contextlib
import inspect
import os
import pickle
import sys
from collections.abc import Callable
from hashlib import blake2b
from typing import Any

import llvmlite
import numba
from numba import njit
from numba.core.compiler import CompileResult
from numba.core.serialize import dumps
from numba.extending import intrinsic

from episodec import LOADED_AT_NS
from episodec.kernel_files import folder_of, keep, kernels_folder, read_kept


def kernel(function: Callable[..., Any]) -> Any:
    """The function, compiled at its first call and kept in the user's cache folder.

    Where nothing can be kept, every process compiles it: see `kernel_files.folder_of`.
    """
    compiled = njit(nogil=True, error_model="numpy")(function)
    compiled._cache = _KernelCache(function)  # noqa: SLF001  # As its `enable_caching` does, with numba's own.
    return compiled


class _KernelCache:
    """The compiled forms of one kernel, with the interface of numba's dispatcher cache.

    There is one file for each combination of numba, Python, processor and argument types. The meaning of a file never
    changes, so processes and machines that share a folder need no lock.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self._source = inspect.getfile(function)
        self._name = function.__qualname__

    @property
    def cache_path(self) -> str | None:
        """The folder, resolved at the first call rather than on import; None where nothing can be kept."""
        kernels = kernels_folder(os.environ)
        return None if kernels is None else folder_of(self._source, kernels, LOADED_AT_NS)

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """The kernel for these types of arguments, or None."""
        target_context.refresh()
        path = self._path(sig, target_context.codegen())
        content = None if path is None else read_kept(path)
        if content is None:
            return None
        return CompileResult._rebuild(target_context, *pickle.loads(content))  # noqa: S301, SLF001  # The user's own.

    def save_overload(self, sig: Any, data: Any) -> None:
        """Keep the kernel; when the disk is full, the next process compiles it again."""
        assert not data.library.has_dynamic_globals, f"{self._name} holds an address of this process"
        path = self._path(sig, data.codegen)
        if path is not None:
            with contextlib.suppress(OSError):
                keep(path, dumps(data._reduce()))  # noqa: SLF001  # As numba keeps it.

    def enable(self) -> None:
        """Do nothing: it is always enabled."""

    def disable(self) -> None:
        """Do nothing: it cannot be disabled."""

    def flush(self) -> None:
        """Do nothing: `gc` removes unused kernels."""

    def _path(self, sig: Any, codegen: Any) -> str | None:
        folder = self.cache_path
        makers = (numba.__version__, llvmlite.__version__, sys.implementation.cache_tag, codegen.magic_tuple())
        name = blake2b(repr((self._name, sig, makers)).encode(), digest_size=16).hexdigest()
        return None if folder is None else f"{folder}/{self._name}-{name}"


@intrinsic  # type: ignore[untyped-decorator]  # Numba has no types for it.
def fma(_context: Any, a: Any, b: Any, c: Any) -> Any:
    """The sum a * b + c, rounded once."""

    def lower(_context: Any, builder: Any, _signature: Any, operands: Any) -> Any:
        return builder.fma(*operands)

    return a(a, b, c), lower


@njit(forceinline=True, error_model="numpy")  # type: ignore[untyped-decorator]  # Numba has no types for it.
def log(x: Any) -> Any:
    """Natural logarithm of x > 0, to 2 units in the last place.

    By the series of the inverse hyperbolic tangent: the logarithm of (1 + s) / (1 - s) is 2 (s + s³/3 + s⁵/5 + …).
    """
    rank = 0
    while x > 1.4142135623730951:
        x *= 0.5
        rank += 1
    while x < 0.7071067811865476:
        x *= 2.0
        rank -= 1
    s = (x - 1.0) / (x + 1.0)
    square = s * s
    total = 0.0
    for k in range(12, -1, -1):
        total = total * square + 2.0 / (2 * k + 1)
    return rank * 0.6931471805599453 + total * s
