r"""The file of a rig, `mouth.rig`: the same bytes for the same rig, and mapped back without copying.

offset  what
0       "episodec rig 1\\n", 15 bytes, and a zero
16      u32, the length of a line of JSON: the values other than arrays, and each array's name, type and shape
20      that line, then the arrays in order, each padded with zeros to start at a multiple of 8 bytes; little-endian
"""

import json
import struct
from dataclasses import fields
from typing import Any

import numpy as np

from episodec.errors import BackendError
from episodec.splat.rig.model import Array, Bound, Lids, Neck, Parts, Rig, RigMesh, empty_rig

MAGIC = b"episodec rig 1\n\0"
MOST_BYTES = 5_000_000
_LENGTH = struct.Struct("<I")
_START = len(MAGIC) + _LENGTH.size


def encode_rig(rig: Rig) -> bytes:
    """The content of a rig's file."""
    arrays = _arrays(rig)
    table = [[name, each.dtype.newbyteorder("<").str, list(each.shape)] for name, each in arrays.items()]
    neck = {"pivot": rig.neck.pivot, "eyes_y": rig.neck.eyes_y, "decimetre": rig.neck.decimetre}
    head = {"count": rig.count, "names": rig.mesh.names, "neck": neck, "arrays": table}
    line = json.dumps(head, separators=(",", ":")).encode()
    content = bytearray(MAGIC + _LENGTH.pack(len(line)) + line)
    for each in arrays.values():
        content += bytes(-len(content) % 8)
        content += np.ascontiguousarray(each, each.dtype.newbyteorder("<")).tobytes()
    return bytes(content)


def decode_rig(content: bytes | memoryview) -> Rig:
    """The rig of a file's content; its arrays are read-only views of it.

    Raises:
        BackendError: it is not such a file, or is damaged.
    """
    view = memoryview(content).cast("B")
    if len(view) < _START or bytes(view[: len(MAGIC)]) != MAGIC:
        raise BackendError("this is not a rig", facts={"begins": bytes(view[:16]).hex(" ") or "nothing"})
    (length,) = _LENGTH.unpack_from(view, len(MAGIC))
    try:
        head: dict[str, Any] = json.loads(bytes(view[_START : _START + length]))
        arrays = _read(view, head["arrays"], _START + length)
        rig = _rig(head, arrays)
    except (ValueError, KeyError, TypeError) as error:
        raise BackendError("the rig is damaged", facts={"why": f"{type(error).__name__}: {error}"}) from error
    _check(rig)
    return rig


def _arrays(rig: Rig) -> dict[str, Array]:
    """Every array by its name, in order."""
    arrays: dict[str, Array] = {}
    for part in ("mesh", "body", "parts", "lids"):
        value = getattr(rig, part)
        for each in fields(value):
            if each.name != "names":
                arrays[f"{part}.{each.name}"] = getattr(value, each.name)
    return arrays | {"motions": rig.motions}


def _read(view: memoryview, table: list[Any], at: int) -> dict[str, Array]:
    expected = {name: (each.dtype.newbyteorder("<").str, each.shape) for name, each in _arrays(empty_rig()).items()}
    if [name for name, *_ in table] != list(expected):
        raise ValueError("its arrays have other names")
    arrays: dict[str, Array] = {}
    for name, dtype, shape in table:
        kind, inner = expected[name]
        is_fit = len(shape) == len(inner) and tuple(shape[1:]) == inner[1:] and all(side >= 0 for side in shape)
        if dtype != kind or not is_fit:
            raise ValueError(f"{name} has another type or shape")
        at += -at % 8
        count = int(np.prod(shape))
        size = count * np.dtype(dtype).itemsize
        if at + size > len(view):
            raise ValueError(f"{name} is cut short")
        arrays[name] = np.frombuffer(view, dtype, count, at).reshape(shape)
        at += size
    if at != len(view):
        raise ValueError("it is longer than its arrays")
    return arrays


def _rig(head: dict[str, Any], arrays: dict[str, Array]) -> Rig:
    def part(name: str) -> dict[str, Array]:
        return {key.partition(".")[2]: each for key, each in arrays.items() if key.startswith(f"{name}.")}

    neck = head["neck"]
    x, y, z = map(float, neck["pivot"])
    return Rig(
        int(head["count"]),
        RigMesh(**part("mesh"), names=tuple(map(str, head["names"]))),
        Bound(**part("body")),
        Parts(**part("parts")),
        Lids(**part("lids")),
        Neck((x, y, z), float(neck["eyes_y"]), float(neck["decimetre"])),
        arrays["motions"],
    )


def _check(rig: Rig) -> None:
    """Check that all indices are valid: kernels do not check them."""
    mesh, parts = rig.mesh, rig.parts
    vertices, triangles = len(mesh.vertices), len(mesh.triangles)
    bounds = [
        ("triangles", mesh.triangles, vertices),
        ("rows", mesh.rows, vertices),
        ("body.index", rig.body.index, rig.count),
        ("body.triangle", rig.body.triangle, triangles),
        ("parts.triangle", parts.triangle, triangles),
        ("body.group", rig.body.group, 4),
        ("parts.group", parts.group, 4),
        ("lids.row", rig.lids.row, len(parts.means)),
        ("lids.kind", rig.lids.kind, 4),
    ]
    outside = [
        name for name, array, end in bounds if array.size and not 0 <= int(array.min()) <= int(array.max()) < end
    ]
    starts = mesh.starts
    steps = [int(each) for each in starts]
    if len(starts) != len(mesh.names) + 1 or steps != sorted(steps) or [*steps[:1], *steps[-1:]] != [0, len(mesh.rows)]:
        outside.append("starts")
    for name, value in (("body", rig.body), ("parts", rig.parts), ("lids", rig.lids)):
        if len({len(getattr(value, each.name)) for each in fields(value)}) != 1:
            outside.append(name)
    if len(mesh.rows) != len(mesh.moves) or not (rig.is_empty or len(rig.motions)):
        outside.append("moves")
    numbers = (mesh.vertices, parts.means, parts.log_sizes, rig.lids.along, rig.lids.bulge, rig.motions)
    if not all(np.isfinite(each).all() for each in numbers):
        outside.append("numbers")
    if outside:
        raise BackendError("the rig is damaged", facts={"out of bounds": ", ".join(outside)})
