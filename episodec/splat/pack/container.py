"""The container of a pack: a line of JSON and named arrays, arranged so that gzip compresses them well.

docs/viewer-pack.md describes its bytes; `page/viewer/reader.js` reads them.
"""

import json
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from episodec.errors import BackendError

Array = NDArray[Any]
Coding = Literal["plain", "steps", "along"]

MAGIC = b"EPVIEW\0\0"
VERSION = 1
MOST_BYTES = 1 << 31  # Bytes, unpacked: the limit of browsers' arrays.
TYPES: dict[str, np.dtype[Any]] = {
    "u1": np.dtype("u1"),
    "u2": np.dtype("<u2"),
    "u4": np.dtype("<u4"),
    "i2": np.dtype("<i2"),
    "f4": np.dtype("<f4"),
}
_HEADER = struct.Struct("<8sII")


@dataclass(frozen=True, slots=True, eq=False)
class PackedArray:
    """An array and its coding.

    Attributes:
        values: of one of TYPES; the first of several axes counts steps.
        coding: `plain`; `steps`: differences from the previous step, for unsigned values; `along`: differences from the
        previous neighbour on the last axis.
    """

    values: Array
    coding: Coding = "plain"


def encode_pack(head: Mapping[str, Any], arrays: Mapping[str, PackedArray]) -> bytes:
    """The file: gzip of a header, the head with a table of the arrays, and the arrays.

    Raises:
        BackendError: it is too large for a browser.
    """
    table = [[name, _type(each.values), list(each.values.shape), each.coding] for name, each in arrays.items()]
    line = json.dumps({**head, "arrays": table}, ensure_ascii=False, separators=(",", ":")).encode()
    content = b"".join([_HEADER.pack(MAGIC, VERSION, len(line)), line, *map(_written, arrays.values())])
    if len(content) >= MOST_BYTES:
        raise BackendError("the scene is too large for a viewer", facts={"bytes": len(content), "limit": MOST_BYTES})
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)  # 31: with gzip's header, in which zlib writes no time.
    return packer.compress(content) + packer.flush()


def decode_pack(content: bytes) -> tuple[dict[str, Any], dict[str, Array]]:
    """The head and the arrays of a file.

    Raises:
        BackendError: it is not a pack of this version, or is damaged.
    """
    try:
        return _decoded(zlib.decompress(content, 31))
    except (ValueError, KeyError, TypeError, struct.error, zlib.error) as error:
        raise BackendError("the pack is damaged", facts={"reason": error}) from error


def _decoded(plain: bytes) -> tuple[dict[str, Any], dict[str, Array]]:
    magic, version, length = _HEADER.unpack_from(plain)
    if magic != MAGIC or version != VERSION:
        raise ValueError("not a pack of version 1")
    head: dict[str, Any] = json.loads(plain[_HEADER.size : _HEADER.size + length])
    at = _HEADER.size + length
    arrays: dict[str, Array] = {}
    for name, kind, shape, coding in head.pop("arrays"):
        dtype = TYPES[kind]
        size = int(np.prod(shape)) * dtype.itemsize
        arrays[name] = _read(plain[at : at + size], dtype, tuple(shape), coding)
        at += size
    if at != len(plain):
        raise ValueError(f"{len(plain)} bytes, {at} expected")
    return head, arrays


def _type(values: Array) -> str:
    return next(name for name, dtype in TYPES.items() if values.dtype == dtype)


def _written(array: PackedArray) -> bytes:
    """The bytes of each step in turn: the lowest byte of every element, then the next byte."""
    values = array.values
    if array.coding != "plain":
        axis = 0 if array.coding == "steps" else -1
        before = np.zeros_like(values)
        rest, first = [slice(None)] * values.ndim, [slice(None)] * values.ndim
        rest[axis], first[axis] = slice(1, None), slice(None, -1)
        before[tuple(rest)] = values[tuple(first)]
        values = _folded(values - before)
    width, steps = values.dtype.itemsize, len(values) if values.ndim > 1 else 1
    grid = np.ascontiguousarray(values).view("u1").reshape(steps, -1, width)
    return grid.transpose(0, 2, 1).tobytes()


def _folded(differences: Array) -> Array:
    """0, 1, 2, 3, 4 for 0, -1, 1, -2, 2: small differences of either sign have zero high bytes."""
    bits = 8 * differences.dtype.itemsize
    signs = (differences >> (bits - 1)).astype(differences.dtype)
    folded: Array = (differences << 1) ^ (np.zeros_like(signs) - signs)
    return folded


def _read(content: bytes, dtype: np.dtype[Any], shape: tuple[int, ...], coding: str) -> Array:
    steps = shape[0] if len(shape) > 1 else 1
    grid = np.frombuffer(content, "u1").reshape(steps, dtype.itemsize, -1).transpose(0, 2, 1)
    values: Array = np.ascontiguousarray(grid).reshape(-1).view(dtype).reshape(shape)
    if coding == "plain":
        return values
    differences = (values >> 1) ^ (np.zeros_like(values) - (values & 1))
    summed: Array = np.cumsum(differences, axis=0 if coding == "steps" else -1, dtype=dtype)
    return summed
