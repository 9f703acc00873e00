"""Reads the .obj with one texture that Hunyuan3D's painter writes, as triangles. Other forms of .obj are refused.

A general reader accepts a truncated file as a smaller mesh; here every number is counted.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from episodec.errors import BackendError
from episodec.splat.surfels import Triangles

MAX_BYTES = 1 << 30


def read_painted(obj: Path, texture: Path) -> Triangles:
    """Vertices with their texture coordinates: y is up, the face looks towards +z.

    Raises:
        BackendError: the mesh is incomplete or has another form, or the texture is not a picture.
    """
    places, corners, faces = _tables(obj)
    if not len(faces) or faces[..., 0].max() >= len(places) or faces[..., 1].max() >= len(corners) or faces.min() < 0:
        facts = {"corners": len(places), "texture corners": len(corners), "triangles": len(faces)}
        raise BackendError("a painted mesh has no corners, or refers to missing ones", facts=facts)
    unused = len(places) - len(np.unique(faces[..., 0]))
    if unused > len(places) // 2:
        facts = {"corners": len(places), "without a triangle": unused}
        raise BackendError("a painted mesh is truncated", facts=facts)
    white = np.full((len(faces), 3, 3), 255.0)
    return Triangles(places[faces[..., 0]], white, corners[faces[..., 1]], _texture(texture))


def _tables(path: Path) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
    """(V, 3) positions, (U, 2) texture coordinates, (T, 3, 2) faces: indices into both, from 0."""
    if path.stat().st_size > MAX_BYTES:
        raise BackendError("a painted mesh is too large", facts={"bytes": path.stat().st_size, "limit": MAX_BYTES})
    rows: dict[str, list[str]] = {"v": [], "vt": [], "f": []}
    content = path.read_text("utf-8", "replace")
    if not content.endswith("\n"):
        raise BackendError("a painted mesh is truncated", facts={"file": path.name, "bytes": len(content)})
    for line in content.splitlines():
        kind, _, rest = line.partition(" ")
        if kind in rows:
            rows[kind].append(rest)
    try:
        places = np.array(" ".join(rows["v"]).split(), np.float64).reshape(len(rows["v"]), 3)
        corners = np.array(" ".join(rows["vt"]).split(), np.float64).reshape(len(rows["vt"]), 2)
        named = " ".join(rows["f"]).replace("/", " ").split()
        faces = np.array(named, np.int64).reshape(len(rows["f"]), 3, 2) - 1
    except ValueError as error:
        raise BackendError("a painted mesh has another form", facts={"file": path.name, "error": error}) from error
    if not (np.isfinite(places).all() and np.isfinite(corners).all()):
        raise BackendError("a painted mesh has a corner that is not finite", facts={"file": path.name})
    return places, corners, faces


def _texture(path: Path) -> NDArray[np.uint8]:
    from PIL import Image

    try:
        with Image.open(path) as image:
            return np.asarray(image.convert("RGB"))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise BackendError("cannot read a texture", facts={"file": path.name, "error": error}) from error
