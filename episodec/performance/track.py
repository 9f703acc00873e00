r"""A performance as integers, and the bytes of a part of it, which a chunk's frames depend on.

The bytes, little-endian:

    offset                content
    0                     "episodec performance 1\n", 23 bytes
    23                    uint32 F frames
    27                    F times 52 uint8: the shapes' weights, in 1/255
    27 + 52 F             F times 3 int16: yaw, pitch and roll of the head, in 1/64 of a degree
    27 + 58 F             F uint8: the breath, 0 after breathing out and 255 after breathing in

They contain no rate and no frame number, so equal movements are equal bytes at any place in a film.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from episodec.performance.channels import HEAD, PLACES, SHAPES

Floats = NDArray[np.float64]

MAGIC = b"episodec performance 1\n"
FULL = 255  # A weight of 1.
STEPS_A_DEGREE = 64
_COUNT = struct.Struct("<I")
_START = len(MAGIC) + _COUNT.size
_EACH = len(SHAPES) + 2 * len(HEAD) + 1  # Bytes a frame.


@dataclass(frozen=True, slots=True, eq=False)
class PerformanceTrack:
    """The movement of the face in each frame."""

    weights: NDArray[np.uint8]  # (F, 52), in 1/255, in the order of `SHAPES`.
    head: NDArray[np.int16]  # (F, 3), in 1/64 of a degree, in the order of `HEAD`.
    breath: NDArray[np.uint8]  # (F,), in 1/255.

    def __len__(self) -> int:
        return len(self.weights)

    def part(self, start: int, end: int) -> "PerformanceTrack":
        """The frames of a half-open range."""
        return PerformanceTrack(self.weights[start:end], self.head[start:end], self.breath[start:end])

    def of(self, name: str) -> Floats:
        """(F,): the weight of one shape, 0 to 1."""
        weights: Floats = self.weights[:, PLACES[name]] / FULL
        return weights


def quantised(weights: Floats, head: Floats, breath: Floats) -> PerformanceTrack:
    """The nearest track to weights (F, 52) and breath (F,), clamped to 0 to 1, and angles (F, 3) in degrees."""
    limit = (1 << 15) - 1
    angles = np.clip(np.floor(head * STEPS_A_DEGREE + 0.5), -limit, limit)
    return PerformanceTrack(_bytes(weights), angles.astype(np.int16), _bytes(breath))


def _bytes(values: Floats) -> NDArray[np.uint8]:
    return np.floor(np.clip(values, 0.0, 1.0) * FULL + 0.5).astype(np.uint8)


def whole(parts: Sequence[PerformanceTrack]) -> PerformanceTrack:
    """The track that consists of these parts, in order; at least one."""
    weights, head, breath = zip(*((one.weights, one.head, one.breath) for one in parts), strict=True)
    return PerformanceTrack(np.concatenate(weights), np.concatenate(head), np.concatenate(breath))


def pack(track: PerformanceTrack) -> bytes:
    """The bytes of a track."""
    head = track.head.astype("<i2").tobytes()
    return b"".join((MAGIC, _COUNT.pack(len(track)), track.weights.tobytes(), head, track.breath.tobytes()))


def unpack(content: bytes) -> PerformanceTrack:
    """The track in bytes written by `pack`.

    Raises:
        ValueError: they are not such bytes.
    """
    if len(content) < _START or not content.startswith(MAGIC):
        raise ValueError("not a performance of version 1")
    (frames,) = _COUNT.unpack_from(content, len(MAGIC))
    if len(content) != _START + frames * _EACH:
        raise ValueError(f"{len(content)} bytes cannot hold the rows of {frames} frames")
    head_at = _START + frames * len(SHAPES)
    weights = np.frombuffer(content, np.uint8, frames * len(SHAPES), _START).reshape(frames, len(SHAPES))
    head = np.frombuffer(content, "<i2", frames * len(HEAD), head_at).reshape(frames, len(HEAD))
    breath = np.frombuffer(content, np.uint8, frames, head_at + 2 * frames * len(HEAD))
    return PerformanceTrack(weights, head.astype(np.int16), breath)
