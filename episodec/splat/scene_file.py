"""Episodec's file format of a Gaussian scene, `.scene`: versioned, reproducible, and suitable for memory mapping.

All numbers are little-endian. The header is 64 bytes:

    offset  type    meaning
    0       8 u8    the magic, "EPSCENE" and a zero
    8       u32     the format's version, 1
    12      u32     degree of the spherical harmonics, 0 to 3
    16      u64     N, the number of Gaussians
    24      u32     S, the number of slices; 0 for a static scene
    28      u32     contents of slices besides means: 1 quaternions, 2 log scales, 3 both; plus 4 if they close
    32      32 u8   zeros

Then the arrays, float32, each padded to start at a multiple of 64 bytes: means (3, N), quaternions (4, N), log scales
(3, N), opacity logits (N,), harmonics (K, 3, N), and for a moving scene the slices' means (S, 3, N), quaternions (S, 4,
N), log scales (S, 3, N). The file ends with the last array. Units and conventions are those of `Scene`.
"""

import math
import struct
from collections.abc import Iterator

import numpy as np

from episodec.errors import BackendError
from episodec.splat.scene import MAX_GAUSSIANS, MAX_SLICES, Floats, Scene, Slices, checked

MAGIC = b"EPSCENE\0"
VERSION = 1
SUFFIX = ".scene"

_HEADER = struct.Struct("<8sIIQII32x")
_ALIGNMENT = 64  # Bytes; a cache line.
_QUATERNIONS, _LOG_SCALES, _CLOSES = 1, 2, 4


def encode_scene(scene: Scene) -> bytes:
    """The file of this scene.

    Raises:
        BackendError: the scene is invalid.
    """
    return b"".join(pieces(scene))


def pieces(scene: Scene) -> Iterator[bytes]:
    """The file of this scene, array by array, for scenes too large to be in memory twice.

    Raises:
        BackendError: the scene is invalid.
    """
    checked(scene)
    slices, holds = scene.slices, 0
    arrays = [scene.means.T, scene.quaternions.T, scene.log_scales.T, scene.opacity_logits]
    arrays.append(scene.harmonics.transpose(1, 2, 0))
    if slices is not None:
        arrays.append(slices.means.swapaxes(1, 2))
        for bit, array in ((_QUATERNIONS, slices.quaternions), (_LOG_SCALES, slices.log_scales)):
            if array is not None:
                arrays.append(array.swapaxes(1, 2))
                holds |= bit
        holds |= _CLOSES if slices.closes else 0
    count = 0 if slices is None else slices.means.shape[0]
    at = _HEADER.size
    yield _HEADER.pack(MAGIC, VERSION, scene.degree, scene.count, count, holds)
    for array in arrays:
        content = np.ascontiguousarray(array, dtype="<f4").tobytes()
        yield bytes(-at % _ALIGNMENT)
        yield content
        at += -at % _ALIGNMENT + len(content)


def decode_scene(content: bytes | memoryview) -> Scene:
    """The scene in a file's content; its arrays are read-only views, so a mapped file is not copied.

    Raises:
        BackendError: it is not such a file, has another version, or does not match its header in length.
    """
    view = memoryview(content).cast("B")
    if len(view) < _HEADER.size or view[:8] != MAGIC:
        raise BackendError("this is not a scene file", facts={"begins": bytes(view[:8]).hex(" ") or "nothing"})
    _, version, degree, count, slices, holds = _HEADER.unpack_from(view)
    if version != VERSION:
        raise BackendError("the scene file has an unsupported version", facts={"found": version, "known": VERSION})
    sizes = {"degree": (degree, 3), "Gaussians": (count, MAX_GAUSSIANS), "slices": (slices, MAX_SLICES)}
    known = _QUATERNIONS | _LOG_SCALES | _CLOSES if slices else 0
    for name, (value, limit) in (sizes | {"contents of slices": (holds, known)}).items():
        if value > limit:
            facts = {"field": name, "value": value, "limit": limit}
            raise BackendError("the scene file's header is out of bounds", facts=facts)
    shapes = [(3, count), (4, count), (3, count), (count,), ((degree + 1) ** 2, 3, count)]
    if slices:
        widths = [3] + [width for bit, width in ((_QUATERNIONS, 4), (_LOG_SCALES, 3)) if holds & bit]
        shapes += [(slices, width, count) for width in widths]
    arrays = iter(_arrays(view, shapes))
    means, quaternions, log_scales, opacity_logits = (next(arrays).T for _ in range(4))
    harmonics = next(arrays).transpose(2, 0, 1)
    moving = [array.swapaxes(1, 2) for array in arrays]
    movement = None
    if moving:
        log = moving[-1] if holds & _LOG_SCALES else None
        movement = Slices(moving[0], moving[1] if holds & _QUATERNIONS else None, log, bool(holds & _CLOSES))
    return checked(Scene(means, quaternions, log_scales, opacity_logits, harmonics, movement))


def _arrays(view: memoryview, shapes: list[tuple[int, ...]]) -> list[Floats]:
    """The consecutive arrays, which must end where the content does."""
    starts, at = [], _HEADER.size
    for shape in shapes:
        at += -at % _ALIGNMENT
        starts.append(at)
        at += 4 * math.prod(shape)
    if at != len(view):
        facts = {"header says": f"{at} bytes", "found": f"{len(view)} bytes"}
        kind = "cut short" if at > len(view) else "longer than its header says"
        raise BackendError(f"the scene file is {kind}", facts=facts)
    return [
        np.frombuffer(view, "<f4", math.prod(shape), start).reshape(shape).astype(np.float32, copy=False)
        for shape, start in zip(shapes, starts, strict=True)
    ]
