"""Gaussian scenes as .ply files in the layout of 3D Gaussian Splatting (INRIA), read and written.

Reads binary files of both byte orders and ASCII ones, properties in any order and type, degrees 0 to 3, and files with
more elements than `vertex` (Apple SHARP's: fourteen properties, then the camera), which are skipped. Gaussians that
viewers cannot draw are dropped, with a note. Writes what the reference writes: 62 float32 properties for degree 3.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn

import numpy as np
from numpy.typing import NDArray

from episodec.errors import BackendError
from episodec.splat.scene import (
    MAX_GAUSSIANS,
    Floats,
    LoadedScene,
    Scene,
    checked,
    columnar,
    shown_elsewhere,
    without_infinite_opacity,
)

MAX_HEADER = 65_536  # bytes
MAX_EXTRA = 1_000_000  # Rows of an element other than vertex.

_TYPES = {
    "char": "i1",
    "uchar": "u1",
    "short": "i2",
    "ushort": "u2",
    "int": "i4",
    "uint": "u4",
    "float": "f4",
    "double": "f8",
    "int8": "i1",
    "uint8": "u1",
    "int16": "i2",
    "uint16": "u2",
    "int32": "i4",
    "uint32": "u4",
    "float32": "f4",
    "float64": "f8",
}
_ORDERS = {"binary_little_endian": "<", "binary_big_endian": ">", "ascii": ""}
_NEEDED = ("x", "y", "z", "opacity", *(f"f_dc_{i}" for i in range(3)), *(f"scale_{i}" for i in range(3)))
_NEEDED += tuple(f"rot_{i}" for i in range(4))

FLAT_LOG_SCALE = -13.8  # A micrometre.


@dataclass(frozen=True, slots=True)
class _Element:
    """One table of the file."""

    name: str
    rows: int
    properties: tuple[tuple[str, str], ...]  # Name and numpy type code without its byte order.

    def type(self, order: str) -> np.dtype[np.void]:
        """The type of a row."""
        return np.dtype([(name, order + code) for name, code in self.properties])


def read_ply(content: bytes | memoryview) -> LoadedScene:
    """The scene in a .ply file's content.

    Raises:
        BackendError: it is not a .ply of Gaussians, is truncated or longer than its header says, or none of its
            Gaussians can be drawn.
    """
    table = read_vertices(content)
    names = table.dtype.names or ()
    _check_names(names)
    harmonics = _harmonics(table, names)
    with np.errstate(over="ignore"):  # Doubles beyond float32 become infinite, and are dropped.
        logits, notes = without_infinite_opacity(table["opacity"].astype(np.float32))
        quaternions = _gathered(table, [f"rot_{i}" for i in range(4)])
        log_scales = _log_scales(table, names)
        means = _gathered(table, ["x", "y", "z"])
    scene, left_out = shown_elsewhere(Scene(means, quaternions, log_scales, logits, harmonics))
    return LoadedScene(columnar(checked(scene)), (*notes, *left_out))


def _check_names(names: Sequence[str]) -> None:
    if "packed_position" in names:
        hint = "export it uncompressed: `splat-transform FILE.compressed.ply FILE.ply`, or SuperSplat's export as .ply"
        _refuse("the .ply is compressed, in the form of PlayCanvas and SuperSplat", hint=hint)
    needed = [name for name in _NEEDED if not (name.startswith("f_dc_") and _has_colours(names))]
    # 2D Gaussian splatting writes two scales.
    missing = [name for name in needed if name not in names and name != "scale_2"]
    if missing:
        hint = "export it as 3D Gaussian Splatting .ply"
        _refuse("the .ply holds no Gaussians: it lacks properties", missing=", ".join(missing), hint=hint)


def _has_colours(names: Sequence[str]) -> bool:
    """Whether colours are red, green and blue bytes instead of harmonics of degree 0."""
    return "f_dc_0" not in names and {"red", "green", "blue"} <= set(names)


def _log_scales(table: NDArray[np.void], names: Sequence[str]) -> Floats:
    """(N, 3); Gaussians with two scales are flat."""
    columns = [f"scale_{i}" for i in range(3) if f"scale_{i}" in names]
    flat = np.full((len(table), 3 - len(columns)), FLAT_LOG_SCALE, np.float32)
    return np.concatenate((_gathered(table, columns), flat), axis=1)


def read_vertices(content: bytes | memoryview) -> NDArray[np.void]:
    """(N,): the element `vertex` of any .ply, its properties as fields of the file's types.

    Raises:
        BackendError: it is not a .ply, or is truncated or longer than its header says.
    """
    view = memoryview(content).cast("B")
    order, elements, start = _header(view)
    return _ascii_table(view, elements, start) if order == "" else _binary_table(view, elements, start, order)


def _gathered(table: NDArray[np.void], names: Sequence[str]) -> Floats:
    """(N, C), column-contiguous."""
    return np.stack([table[name].astype(np.float32) for name in names]).T


def _harmonics(table: NDArray[np.void], names: Sequence[str]) -> Floats:
    """(N, K, 3) of f_dc and f_rest; f_rest is channel-major: all of red, all of green, all of blue."""
    rest = [name for name in names if name.startswith("f_rest_")]
    if len(rest) not in (0, 9, 24, 45) or set(rest) != {f"f_rest_{i}" for i in range(len(rest))}:
        _refuse("the .ply's number of f_rest properties matches no degree", found=len(rest), known="0, 9, 24, 45")
    each = len(rest) // 3
    if _has_colours(names):
        columns = [(table[name] / np.float32(255) - 0.5) / SH0 for name in ("red", "green", "blue")]
    else:
        columns = [table[f"f_dc_{channel}"] for channel in range(3)]
    columns += [table[f"f_rest_{channel * each + k}"] for k in range(each) for channel in range(3)]
    planes = np.stack([column.astype(np.float32) for column in columns]).reshape(1 + each, 3, -1)
    return planes.transpose(2, 0, 1)


def _header(view: memoryview) -> tuple[str, list[_Element], int]:
    """Byte order, tables, and the offset of the first table."""
    head = bytes(view[:MAX_HEADER])
    end = head.find(b"end_header")
    newline = head.find(b"\n", end)
    if not head.startswith((b"ply\n", b"ply\r\n")) or end < 0 or newline < 0:
        _refuse("this is not a .ply file", begins=repr(head[:16]))
    lines = [line.split() for line in head[:end].decode("latin-1").splitlines()[1:]]
    orders = [line[1] for line in lines if len(line) == 3 and line[0] == "format" and line[2] == "1.0"]
    if len(orders) != 1 or orders[0] not in _ORDERS:
        _refuse("the .ply has no known format", found=", ".join(orders) or "none", known=", ".join(_ORDERS))
    return _ORDERS[orders[0]], _elements(lines), newline + 1


def _elements(lines: list[list[str]]) -> list[_Element]:
    elements: list[_Element] = []
    for line in lines:
        match line:
            case [] | ["format" | "comment" | "obj_info", *_]:
                pass
            case ["element", name, rows] if rows.isascii() and rows.isdigit() and len(rows) < 12:
                elements.append(_Element(name, int(rows), ()))
            case ["property", "list", *_] if elements and elements[-1].name != "vertex" and not elements[-1].rows:
                # A list property of an element without rows, such as faces.
                elements[-1] = _Element(elements[-1].name, 0, (("list", "u1"),))
            case ["property", kind, name] if elements and kind in _TYPES:
                last = elements[-1]
                if name in dict(last.properties):
                    _refuse("the .ply repeats a property", element=last.name, property=name)
                elements[-1] = _Element(last.name, last.rows, (*last.properties, (name, _TYPES[kind])))
            case _:
                _refuse("the .ply's header has a line that is not understood", line=" ".join(line)[:80])
    if [element.name for element in elements].count("vertex") != 1:
        _refuse("the .ply has no element `vertex`", elements=", ".join(element.name for element in elements))
    for element in elements:
        limit = MAX_GAUSSIANS if element.name == "vertex" else MAX_EXTRA
        if element.rows > limit or not element.properties:
            _refuse("the .ply's header is out of bounds", element=element.name, rows=element.rows, limit=limit)
    return elements


def read_column(content: bytes | memoryview, name: str) -> NDArray[np.float64]:
    """(R,): the first property of each row of an element other than `vertex`, of a binary file.

    Raises:
        BackendError: the file is not such a .ply, is truncated, or lacks the element.
    """
    view = memoryview(content).cast("B")
    order, elements, start = _header(view)
    if name not in [element.name for element in elements] or not order:
        _refuse("the .ply lacks an element", missing=name, found=", ".join(element.name for element in elements))
    table = _binary_table(view, elements, start, order, name)
    return table[(table.dtype.names or ("",))[0]].astype(np.float64)


def _binary_table(
    view: memoryview, elements: list[_Element], start: int, order: str, element_name: str = "vertex"
) -> NDArray[np.void]:
    needed = start + sum(element.rows * element.type(order).itemsize for element in elements)
    if needed != len(view):
        kind = "is cut short" if needed > len(view) else "is longer than its header says"
        _refuse(f"the .ply {kind}", header_says=f"{needed} bytes", found=f"{len(view)} bytes")
    for element in elements:
        kind_of_row = element.type(order)
        if element.name == element_name:
            return np.frombuffer(view, kind_of_row, element.rows, start)
        start += element.rows * kind_of_row.itemsize
    raise AssertionError("the header lists the property")


def _ascii_table(view: memoryview, elements: list[_Element], start: int) -> NDArray[np.void]:
    words = bytes(view[start:]).split()
    needed = sum(element.rows * len(element.properties) for element in elements)
    if needed != len(words):
        kind = "is cut short" if needed > len(words) else "is longer than its header says"
        _refuse(f"the .ply {kind}", header_says=f"{needed} numbers", found=f"{len(words)} numbers")
    at = 0
    for element in elements:
        size = element.rows * len(element.properties)
        if element.name == "vertex":
            try:
                numbers = np.array(words[at : at + size], np.float64).reshape(element.rows, -1)
            except ValueError as error:
                raise BackendError("the .ply contains a word that is not a number", facts={"error": error}) from error
            table = np.zeros(element.rows, [(name, "<f8") for name, _ in element.properties])
            for column, (name, _) in enumerate(element.properties):
                table[name] = numbers[:, column]
            return table
        at += size
    raise AssertionError("the header lists `vertex`")


def write_ply(scene: Scene) -> bytes:
    """A static scene (see `scene.at`) as the reference's .ply, binary little-endian."""
    rest = scene.harmonics[:, 1:].transpose(0, 2, 1).reshape(scene.count, -1)  # Channel-major.
    names = ["x", "y", "z", "nx", "ny", "nz", *(f"f_dc_{i}" for i in range(3))]
    names += [f"f_rest_{i}" for i in range(rest.shape[1])] + ["opacity", *(f"scale_{i}" for i in range(3))]
    names += [f"rot_{i}" for i in range(4)]
    normals = np.zeros((scene.count, 3), np.float32)
    blocks = (scene.means, normals, scene.harmonics[:, 0], rest, scene.opacity_logits[:, None])
    table = np.concatenate((*blocks, scene.log_scales, scene.quaternions), axis=1)
    header = ["ply", "format binary_little_endian 1.0", f"element vertex {scene.count}"]
    header += [f"property float {name}" for name in names] + ["end_header", ""]
    return "\n".join(header).encode() + table.astype("<f4").tobytes()


def write_splat(scene: Scene) -> bytes:
    """A static scene as .splat (antimatter15): 32 bytes per Gaussian, degree 0 only, largest first.

    A row is the position and the linear scales (6 float32), RGBA (4 uint8), the quaternion wxyz (4 uint8, q·128 + 128).
    """
    opacities = 1 / (1 + np.exp(-scene.opacity_logits.astype(np.float64)))
    sizes = np.exp(scene.log_scales.sum(axis=1, dtype=np.float64)) * opacities
    order = np.argsort(-sizes, kind="stable")
    rows = np.zeros(scene.count, [("place", "<f4", 6), ("colour", "u1", 4), ("turn", "u1", 4)])
    rows["place"][:, :3] = scene.means[order]
    rows["place"][:, 3:] = np.exp(scene.log_scales[order].astype(np.float64))
    colours = np.concatenate((scene.harmonics[:, 0] * SH0 + 0.5, opacities[:, None]), axis=1)[order]
    rows["colour"] = np.clip(np.rint(colours * 255), 0, 255)
    lengths = np.linalg.norm(scene.quaternions, axis=1, keepdims=True)
    units = np.where(lengths > 0, scene.quaternions / np.where(lengths > 0, lengths, 1), [1, 0, 0, 0])[order]
    rows["turn"] = np.clip(np.rint(units * 128 + 128), 0, 255)
    return rows.tobytes()


SH0 = 0.5 / math.sqrt(math.pi)  # The constant spherical harmonic.


def _refuse(sentence: str, *, hint: str | None = None, **facts: object) -> NoReturn:
    named = {name.replace("_", " "): value for name, value in facts.items()}
    raise BackendError(sentence, facts=named, hint=hint)
