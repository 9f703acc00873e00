"""Meshes of .glb and .obj files as triangles with colours, through trimesh. Knows no scene."""

import io
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from episodec.errors import BackendError
from episodec.scenes.glb import check_glb
from episodec.splat.surfels import Triangles

MAX_BYTES = 1 << 30
MAX_TRIANGLES = 10_000_000
GREY = (160, 160, 160)  # The colour of uncoloured surfaces.


def read_mesh(path: Path) -> tuple[Triangles, ...]:
    """All triangles of a file, transformed by its own tree of nodes, in its units.

    Colours are taken as sRGB.

    Raises:
        BackendError: the file is not such a mesh, has no triangles or too many, or refers to other files.
    """
    content = _content(path)
    import trimesh

    try:
        scene = trimesh.load_scene(io.BytesIO(content), file_type=path.suffix.lower().removeprefix("."))
        meshes = [mesh for mesh in scene.dump() if isinstance(mesh, trimesh.Trimesh) and len(mesh.faces)]
        count = sum(len(mesh.faces) for mesh in meshes)
        parts = tuple(map(_part, meshes)) if count <= MAX_TRIANGLES else ()
    except Exception as error:  # KeyError, ValueError, struct.error, …: it depends on the file.
        facts = {"file": path.name, "error": f"{type(error).__name__}: {error}"}
        raise BackendError("the mesh cannot be read", facts=facts) from error
    if not 0 < count <= MAX_TRIANGLES:
        limits = {"file": path.name, "triangles": count, "limit": MAX_TRIANGLES}
        raise BackendError("the mesh has no triangles, or too many", facts=limits)
    if not all(np.isfinite(part.corners).all() for part in parts):
        raise BackendError("the mesh has a corner that is not finite", facts={"file": path.name})
    return parts


def _content(path: Path) -> bytes:
    if path.stat().st_size > MAX_BYTES:
        raise BackendError("the mesh is too large", facts={"bytes": path.stat().st_size, "limit": MAX_BYTES})
    content, kind = path.read_bytes(), path.suffix.lower()
    # Only this file is pinned by digest: files that it refers to could change during the build.
    if kind == ".obj" and any(line.lstrip().startswith(b"mtllib") for line in content.splitlines()):
        hint = "export it as .glb, which holds its textures"
        raise BackendError("the .obj takes its colours from other files", facts={"file": path.name}, hint=hint)
    if kind == ".glb":
        check_glb(content)
    return content


def _part(mesh: Any) -> Triangles:
    corners = np.asarray(mesh.triangles, np.float64)
    visual, faces = mesh.visual, np.asarray(mesh.faces)
    plain = np.full((len(faces), 3, 3), GREY, np.float64)
    if visual.kind == "texture":
        image, factor = _material(visual.material)
        uv = None if visual.uv is None else np.asarray(visual.uv, np.float64)
        if image is not None and uv is not None:
            return Triangles(corners, np.broadcast_to(factor, plain.shape), uv[faces], image)
        return Triangles(corners, np.broadcast_to(factor, plain.shape))
    if visual.kind == "vertex":
        return Triangles(corners, np.asarray(visual.vertex_colors, np.float64)[faces][..., :3])
    if visual.kind == "face":
        return Triangles(corners, np.repeat(np.asarray(visual.face_colors, np.float64)[:, None, :3], 3, axis=1))
    return Triangles(corners, plain)


def _material(material: Any) -> tuple[NDArray[np.uint8] | None, NDArray[np.float64]]:
    """The texture of a material's own colour, and the factor it is multiplied by."""
    image = getattr(material, "baseColorTexture", None) or getattr(material, "image", None)
    factor = getattr(material, "baseColorFactor", None)
    if factor is None and image is None:
        factor = getattr(material, "main_color", None)
    colour = np.full(3, 255.0) if factor is None else np.asarray(factor, np.float64).ravel()[:3]
    return None if image is None else np.asarray(image.convert("RGB")), colour
