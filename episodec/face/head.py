"""The head model: its vertices, faces, parts and ARKit's 52 shapes; read from the bytes of `face.data.HEAD`, and posed.

Knows no portrait. The head is MakeHuman's young woman, with corrections: see tools/make_head.py.
"""

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from episodec.face.landmarks import COUNT

MAGIC = b"episodec head 1\n"
UNIT = 1000  # Stored integers per decimetre: tenths of a millimetre.
PARTS = ("skin", "left_eye", "right_eye", "upper_teeth", "lower_teeth", "tongue", "lashes")
REGIONS = ("lips", "lids", "ears", "mouth")
EYES = ("left", "right")  # The person's own.

Floats = NDArray[np.float64]
Quads = NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class BlendShape:
    """A movement of some vertices, at weight 1."""

    vertices: NDArray[np.int32]  # (n,), ascending.
    moves: Floats  # (n, 3), decimetres.


@dataclass(frozen=True, slots=True, eq=False)
class Opening:
    """The edges of an eye's opening as seen from the front, from the picture's left to its right."""

    upper: Floats  # (n, 3), decimetres.
    lower: Floats  # (n, 3).


@dataclass(frozen=True, slots=True, eq=False)
class Head:
    """A head at rest. x grows towards its own left, the right of a frontal picture; y up, z to the front.

    Attributes:
        vertices: (V, 3) float64, decimetres from the point midway between the centres of the eyeballs.
        quads: (Q, 4) int32; a triangle repeats its last corner. Anticlockwise from outside.
        part: (Q,) int8, the index in PARTS of each quad.
        uv: (V, 2) float64 in MakeHuman's texture; along the seam at the back of the head, those of one side.
        regions: a weight per vertex, (V,), 0 to 1, by names of REGIONS; `mouth` is its inside.
        shapes: by ARKit's names, `eyeBlinkLeft` to `tongueOut`.
        slit: (n, 3), the line where the lips meet, from the picture's left to its right.
        openings: of both eyes, by EYES.
        marks: (468, 3) int32, the vertices that each landmark lies between; their weights are `mark_weights`.
        mark_weights: (468, 3) float64, rows sum to 1.
        kinds: other heads with the same faces, (V, 3) each: `male`, `asian`, `african`, `plain`.
    """

    vertices: Floats
    quads: Quads
    part: NDArray[np.int8]
    uv: Floats
    regions: Mapping[str, Floats]
    shapes: Mapping[str, BlendShape]
    slit: Floats
    openings: Mapping[str, Opening]
    marks: NDArray[np.int32]
    mark_weights: Floats
    kinds: Mapping[str, Floats]

    def triangles(self, *parts: str) -> Quads:
        """(T, 3) int32: the triangles of these parts, or of all."""
        is_in = np.isin(self.part, [PARTS.index(name) for name in parts or PARTS])
        return triangles_of(self.quads[is_in])

    def vertices_of(self, *parts: str) -> NDArray[np.int32]:
        """The vertices used by faces of these parts, ascending."""
        indices: NDArray[np.int32] = np.unique(self.triangles(*parts)).astype(np.int32)
        return indices

    def landmarks(self, vertices: Floats | None = None) -> Floats:
        """(468, 3): the landmarks of the head at rest, or of the given vertices."""
        corners = (self.vertices if vertices is None else vertices)[self.marks]
        weights = self.mark_weights[..., None]
        at: Floats = corners[:, 0] * weights[:, 0] + corners[:, 1] * weights[:, 1] + corners[:, 2] * weights[:, 2]
        return at


def pose(head: Head, weights: Mapping[str, float], vertices: Floats | None = None) -> Floats:
    """(V, 3): the head's vertices with shapes at these weights, 0 to 1 each, added in the order of their names.

    vertices: of another head with the same faces, such as one of `kinds`; the head's own by default.

    Raises:
        KeyError: there is no shape of that name.
    """
    posed = np.array(head.vertices if vertices is None else vertices, np.float64)
    for name in sorted(weights):
        shape = head.shapes[name]
        posed[shape.vertices] += weights[name] * shape.moves
    return posed


def triangles_of(quads: Quads) -> Quads:
    """(T, 3): both halves of each quad; one for a quad that is a triangle."""
    both = np.stack([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]], axis=1).reshape(-1, 3)
    is_flat = (both[:, 0] == both[:, 1]) | (both[:, 1] == both[:, 2]) | (both[:, 2] == both[:, 0])
    triangles: Quads = np.ascontiguousarray(both[~is_flat], np.int32)
    return triangles


def normals_of(vertices: Floats, triangles: Quads) -> Floats:
    """(V, 3), unit length: the area-weighted mean of the adjacent faces; 0 for vertices without faces."""
    a, b, c = (vertices[triangles[:, k]] for k in range(3))
    faces = np.cross(b - a, c - a)
    normals = np.zeros_like(vertices)
    for k in range(3):
        np.add.at(normals, triangles[:, k], faces)
    length = np.sqrt((normals**2).sum(axis=1, keepdims=True))
    unit: Floats = normals / np.maximum(length, 1e-12)
    return unit


def write_head(head: Head) -> bytes:
    """The head as a file: a magic line, and the arrays, compressed."""
    arrays: dict[str, NDArray[np.generic]] = {
        "vertices": _stored(head.vertices),
        "quads": _steps(head.quads).astype("<i2"),
        "part": head.part.astype("i1"),
        "uv": np.rint(head.uv * 8192).astype("<i2"),
        "slit": _stored(head.slit),
        "marks": head.marks.astype("<i2"),
        "mark_weights": np.rint(head.mark_weights[:, :2] * 65535).astype("<u2"),
    }
    arrays |= {f"region.{name}": np.rint(head.regions[name] * 255).astype("u1") for name in REGIONS}
    for eye in EYES:
        arrays |= {f"{eye}.upper": _stored(head.openings[eye].upper), f"{eye}.lower": _stored(head.openings[eye].lower)}
    arrays |= {f"kind.{name}": _stored(other - head.vertices) for name, other in head.kinds.items()}
    for name, shape in head.shapes.items():
        arrays[f"at.{name}"] = np.diff(shape.vertices, prepend=0).astype("<i2")
        arrays[f"shape.{name}"] = _stored(shape.moves)
    # Column by column, bytes of equal rank together: similar bytes are adjacent and compress well.
    content = b"".join(_planes(each) for each in arrays.values())
    table = [[name, each.dtype.str, list(each.shape)] for name, each in arrays.items()]
    text = json.dumps(table, separators=(",", ":")).encode()
    return MAGIC + zlib.compress(len(text).to_bytes(4, "little") + text + content, 9)


def read_head(content: bytes) -> Head:
    """The head in a file.

    Raises:
        ValueError: the content is not a head, or is damaged.
    """
    if not content.startswith(MAGIC):
        raise ValueError("not a head model")
    arrays = _arrays(content[len(MAGIC) :])
    first = arrays["mark_weights"] / 65535
    names = [name.partition(".")[2] for name in arrays if name.startswith("shape.")]
    kinds = [name.partition(".")[2] for name in arrays if name.startswith("kind.")]
    vertices = arrays["vertices"] / UNIT
    return Head(
        vertices,
        np.cumsum(arrays["quads"].astype(np.int32).reshape(-1), dtype=np.int32).reshape(-1, 4),
        arrays["part"].astype(np.int8),
        arrays["uv"] / 8192,
        {name: arrays[f"region.{name}"] / 255 for name in REGIONS},
        {
            name: BlendShape(np.cumsum(arrays[f"at.{name}"], dtype=np.int32), arrays[f"shape.{name}"] / UNIT)
            for name in names
        },
        arrays["slit"] / UNIT,
        {eye: Opening(arrays[f"{eye}.upper"] / UNIT, arrays[f"{eye}.lower"] / UNIT) for eye in EYES},
        arrays["marks"].astype(np.int32).reshape(COUNT, 3),
        np.concatenate([first, 1 - first.sum(axis=1, keepdims=True)], axis=1),
        {name: vertices + arrays[f"kind.{name}"] / UNIT for name in kinds},
    )


def _arrays(content: bytes) -> dict[str, NDArray[Any]]:
    try:
        plain = zlib.decompress(content)
        length = int.from_bytes(plain[:4], "little")
        table: Sequence[tuple[str, str, list[int]]] = json.loads(plain[4 : 4 + length])
    except (zlib.error, ValueError) as error:
        raise ValueError(f"the head model is damaged: {error}") from error
    arrays: dict[str, NDArray[Any]] = {}
    at = 4 + length
    for name, dtype, shape in table:
        kind, count = np.dtype(dtype), int(np.prod(shape))
        ranks = np.frombuffer(plain, np.uint8, count * kind.itemsize, at).reshape(kind.itemsize, count)
        columns = np.ascontiguousarray(ranks.T).view(kind).reshape(shape[::-1])
        arrays[name] = np.ascontiguousarray(columns.T)
        at += count * kind.itemsize
    return arrays


def _planes(values: NDArray[np.generic]) -> bytes:
    flat = np.ascontiguousarray(values.T).reshape(-1)
    return np.ascontiguousarray(flat.view(np.uint8).reshape(len(flat), -1).T).tobytes()


def _steps(quads: Quads) -> NDArray[np.int32]:
    """(Q, 4): differences between consecutive numbers."""
    return np.diff(quads.reshape(-1), prepend=0).reshape(-1, 4)


def _stored(decimetres: Floats) -> NDArray[np.int16]:
    return np.rint(decimetres * UNIT).astype("<i2")
