"""Reference voice tokens, `ref_alpha.npy`: integers (8, T) in 0..1023; the header is checked first. Runs no code from
the file.

`np.load` is not enough: measured on 29 files, it fails with four kinds of errors, reserves 16 GiB that a header claims,
and silently accepts floats, scalars, trailing bytes and archives.
"""

import io
import warnings
from pathlib import Path
from typing import NoReturn

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from episodec.errors import BackendError

Tokens = NDArray[np.int32]
"""(8, T): one row per codebook of Fish Speech, 21.533 columns a second."""

CODEBOOKS = 8
CODES = 1024  # The codec uses 1000 of them.
MAX_TOKENS = 16_384  # 12.7 minutes; a reference voice has 10 to 30 seconds.

_MAX_HEADER = 4096  # bytes
_MAX_BYTES = CODEBOOKS * MAX_TOKENS * 8 + _MAX_HEADER + 12

_HINT = "create it with Fish Speech's VQGAN encoder from the reference recording: int32, (8, T)"


def load_ref_tokens(path: Path) -> Tokens:
    """The tokens, as int32 in C order whatever the file's integer type and order.

    Raises:
        BackendError: the file is not a complete .npy of integers (8, T), 1 <= T <= 16 384, each in 0..1023.
    """
    content = _content(path)
    file = io.BytesIO(content)
    shape, is_fortran, kind = _header(path, file)
    if kind.kind not in "iu":
        _refuse(path, "the voice tokens must be integers", found=kind)
    if len(shape) != 2 or shape[0] != CODEBOOKS or not 1 <= shape[1] <= MAX_TOKENS:
        _refuse(path, "the voice tokens must have the shape (8, T)", found=shape, T=f"1 to {MAX_TOKENS}")
    promised, available = shape[0] * shape[1] * kind.itemsize, len(content) - file.tell()
    if promised != available:
        facts = {"promised": f"{promised} bytes", "found": f"{available} bytes"}
        _refuse(path, "the voice token file has the wrong length", **facts)
    codes = np.frombuffer(content, kind, offset=file.tell()).reshape(shape, order="F" if is_fortran else "C")
    if codes.min() < 0 or codes.max() >= CODES:
        _refuse(path, "the voice tokens must be in 0 to 1023", found=f"{codes.min()} to {codes.max()}")
    return np.ascontiguousarray(codes, dtype=np.int32)


def _content(path: Path) -> bytes:
    """The whole content of a file, whose size is limited."""
    try:
        with path.open("rb") as file:
            content = file.read(_MAX_BYTES + 1)
    except OSError as error:
        raise BackendError("the voice tokens cannot be read", facts={"file": path.name, "error": error}) from error
    if len(content) > _MAX_BYTES:
        _refuse(path, "the voice token file is too large", limit=f"{_MAX_BYTES} bytes")
    return content


def _header(path: Path, file: io.BytesIO) -> "tuple[tuple[int, ...], bool, np.dtype[np.generic]]":
    """The shape, whether the order is Fortran's, and the type that the header claims; nothing is allocated yet."""
    try:
        version = npy.read_magic(file)
        read = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}[version]
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # Headers written by Python 2 are read with a warning.
            shape, is_fortran, kind = read(file, max_header_size=_MAX_HEADER)
    except Exception as error:  # ValueError, EOFError, TypeError, KeyError, UserWarning: it depends on the file.
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        facts = {"file": path.name, "error": reason}
        raise BackendError("this is not a valid .npy file of voice tokens", facts=facts, hint=_HINT) from error
    if not all(type(length) is int for length in shape):
        _refuse(path, "the voice tokens must have the shape (8, T)", found=shape)
    return shape, is_fortran, kind


def _refuse(path: Path, sentence: str, **facts: object) -> NoReturn:
    raise BackendError(sentence, facts={"file": path.name, **facts}, hint=_HINT)
