r"""Rows: everything besides the scene that decides a picture, and their canonical bytes, which go into keys.

A row knows no frame number: frames with equal pictures share one row, wherever they are in the film.

The bytes, little-endian:

    offset              what
    0                   "episodec rows 1\n", 16 bytes; "episodec rows 2\n" if a frame is in a loop
    16                  uint32 width, height in pixels, R rows, F frames
    32                  F uint32: the row that each frame shows; rows are numbered in the order of their first frame
    32 + 4 F            R times 21 float64: camera_to_world row by row (16), fx fy cx cy (4), scene time (1);
                        in version 2 R times 22: also the period of the loop, in frames, or 0

Every number is finite and no zero is negative, so equal rows have equal bytes and unequal ones do not.
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO

import numpy as np

from episodec.film.exact import Floats, Integers, frozen

MAGIC, MAGIC_OF_LOOPS = b"episodec rows 1\n", b"episodec rows 2\n"
_HEADER = struct.Struct("<16s4I")
_NUMBER, _COLUMNS = np.dtype("<f8"), {MAGIC: 21, MAGIC_OF_LOOPS: 22}
LINES_AT_ONCE = 1 << 12  # More are compared in blocks, by hash.


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Distinct rows and the frames that show them. Arrays are read-only."""

    size: tuple[int, int]  # Pixels, width and height.
    order: Integers  # (F,) int64: the row of each frame.
    camera_to_world: Floats  # (R, 4, 4) float64, OpenGL convention, metres.
    intrinsics: Floats  # (R, 4) float64: fx fy cx cy, pixels.
    scene_time: Floats  # (R,) float64, 0 to 1.
    period: Integers  # (R,) int64: frames of the loop that holds the row; 0: no loop.


def pack(
    size: tuple[int, int],
    camera_to_world: Floats,
    intrinsics: Floats,
    scene_time: Floats,
    period: Integers | None = None,
) -> bytes:
    """The canonical bytes of these frames' rows, equal rows stored once.

    camera_to_world: (F, 4, 4); intrinsics: (F, 4); scene_time: (F,); period: (F,), None where there is no loop.
    """
    loops = period[:, None] if period is not None and period.any() else np.zeros((len(scene_time), 0))
    magic = MAGIC_OF_LOOPS if loops.shape[1] else MAGIC

    def lines(some: Integers | slice) -> Floats:
        """The rows of some frames, (n, 21) or (n, 22)."""
        parts = camera_to_world[some].reshape(-1, 16), intrinsics[some], scene_time[some][:, None], loops[some]
        table: Floats = np.concatenate(parts, axis=1).astype(np.float64, copy=False)
        if not np.isfinite(table).all():
            raise ValueError("a row holds a number that is not finite")
        table += 0.0  # -0.0 + 0.0 is 0.0.
        return table.astype(_NUMBER, copy=False)

    order, first = _numbered(lines, len(scene_time))
    content = BytesIO()  # Grows in place: a film of hours does not hold all rows twice.
    content.write(_HEADER.pack(magic, *size, len(first), len(scene_time)))
    content.write(order.astype("<u4").tobytes())
    for some in _blocks(len(first)):
        content.write(lines(first[some]).data)
    return content.getvalue()


def _numbered(lines: Callable[[Integers | slice], Floats], frames: int) -> tuple[Integers, Integers]:
    """The number of each frame's row among the distinct ones, and the first frame of each of these."""
    blocks = _blocks(frames)
    if len(blocks) > 1:
        hashes = np.concatenate([[hash(line.tobytes()) for line in lines(some)] for some in blocks])
        _, places, which = np.unique(hashes, return_index=True, return_inverse=True)
        first = np.sort(places)
        order = np.searchsorted(first, places)[which]
        if all(np.array_equal(lines(first[order[some]]), lines(some)) for some in blocks):
            return order, first
    number_of: dict[bytes, int] = {}  # For few lines, or where two of many share a hash.
    order = np.array(
        [number_of.setdefault(line.tobytes(), len(number_of)) for some in blocks for line in lines(some)],
        dtype=np.int64,
    )
    return order, np.unique(order, return_index=True)[1]


def _blocks(count: int) -> list[slice]:
    return [slice(start, min(start + LINES_AT_ONCE, count)) for start in range(0, count, LINES_AT_ONCE)]


def unpack(content: bytes) -> Rows:
    """The rows that `pack` wrote.

    Raises:
        ValueError: these are not such bytes.
    """
    magic = content[: len(MAGIC)]
    if len(content) < _HEADER.size or magic not in _COLUMNS:
        raise ValueError("these bytes are not rows of version 1 or 2")
    columns = _COLUMNS[magic]
    _, width, height, count, frames = _HEADER.unpack_from(content)
    start = _HEADER.size + 4 * frames
    if len(content) != start + 8 * columns * count:
        raise ValueError(f"{len(content)} bytes cannot hold {count} rows of {frames} frames")
    order = np.frombuffer(content, "<u4", frames, _HEADER.size).astype(np.int64)
    table = np.frombuffer(content, _NUMBER, count * columns, start).reshape(count, columns).astype(np.float64)
    if (frames and int(order.max()) >= count) or not np.isfinite(table).all():
        raise ValueError("a frame shows a missing row, or a row is not finite")
    return Rows(
        size=(width, height),
        order=frozen(order),
        camera_to_world=frozen(table[:, :16].reshape(count, 4, 4)),
        intrinsics=frozen(table[:, 16:20].copy()),
        scene_time=frozen(table[:, 20].copy()),
        period=frozen(table[:, 21].astype(np.int64) if columns == 22 else np.zeros(count, np.int64)),
    )
