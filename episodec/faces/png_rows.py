"""Checks that a PNG holds all the rows that its header promises: decoders silently fill in missing ones."""

import struct
import zlib
from collections.abc import Iterator

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # Samples per pixel, by colour type.
_PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
"""Adam7's passes: first column and row, and the steps between them (PNG specification, third edition, 8.1)."""
_AT_ONCE = 1 << 20  # Bytes unpacked per step.


def missing_share(content: bytes) -> float:
    """The share of its data that a PNG promises and lacks, 0 to 1.

    0 for other files, and for data that cannot be unpacked, which the decoder reports.
    """
    if len(content) < 33 or not content.startswith(_SIGNATURE):
        return 0.0
    width, height, bits, colour, _, _, interlace = struct.unpack_from(">IIBBBBB", content, 16)
    promised = _promised(width, height, bits * _SAMPLES.get(colour, 1), is_interlaced=interlace == 1)
    try:
        held = _held(content, promised)
    except zlib.error:
        return 0.0
    return 1 - held / promised if held < promised else 0.0


def _promised(width: int, height: int, bits: int, *, is_interlaced: bool) -> int:
    """Bytes of all rows, each with its filter byte. `bits`: per pixel."""
    total = 0
    for left, top, right_by, down_by in _PASSES if is_interlaced else ((0, 0, 1, 1),):
        columns, rows = -(-(width - left) // right_by), -(-(height - top) // down_by)
        if columns > 0 and rows > 0:
            total += rows * (1 + -(-columns * bits // 8))
    return total


def _held(content: bytes, enough: int) -> int:
    """The number of bytes in its data when unpacked, counted up to `enough`. Raises: zlib.error."""
    unpacker, held = zlib.decompressobj(), 0
    for packed in _data(content):
        rest: bytes | memoryview = packed
        while held < enough:
            piece = unpacker.decompress(rest, _AT_ONCE)
            held, rest = held + len(piece), unpacker.unconsumed_tail
            if not piece and not rest:
                break
    return held


def _data(content: bytes) -> Iterator[memoryview]:
    """The contents of the IDAT chunks."""
    view, at = memoryview(content), len(_SIGNATURE)
    while at + 12 <= len(content):
        length, name = struct.unpack_from(">I4s", content, at)
        if name == b"IDAT":
            yield view[at + 8 : at + 8 + length]
        at += 12 + length
