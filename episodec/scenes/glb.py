"""Checks that a .glb holds what it promises before anything is built from it. Knows no mesh.

By glTF 2.0 (Khronos, 2021): 4.4 (the file's chunks), 3.6 (buffers, views, accessors), 3.5 (nodes are trees), 3.9
(images). A few hundred bytes can promise gigabytes; the memory for a file that passes here is bounded by its size.
"""

import base64
import binascii
import io
import json
from collections.abc import Mapping, Sequence
from typing import NoReturn, TypeVar

from episodec.errors import BackendError

MAX_TREE_BYTES = 64 << 20  # Of the JSON chunk; as Python objects it takes ten times as much.
MAX_NODES = 10_000
MAX_ENTRIES = 100_000  # Of every other list.
MAX_CORNERS = 30_000_000  # Of all nodes together, three per triangle.
MAX_SIDE = 8192  # Pixels of a texture.
MAX_PIXELS = 4 * MAX_SIDE**2  # Of all textures together.
SHARED = 8  # How often accessors may share bytes, in total; converted copies take as much again.
SMALL_BYTES = 1 << 20

_COMPONENT_BYTES = {5120: 1, 5121: 1, 5122: 2, 5123: 2, 5125: 4, 5126: 4}
_COMPONENTS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT2": 4, "MAT3": 9, "MAT4": 16}
_COMPRESSED = ("KHR_draco_mesh_compression", "EXT_meshopt_compression")
_PICTURES = ("PNG", "JPEG", "WEBP")  # For others, such as EPS, Pillow starts external programs.

Entry = Mapping[str, object]
T = TypeVar("T")


def check_glb(content: bytes) -> None:
    """Check that a .glb holds all that it promises, and is within the limits.

    Raises:
        BackendError: it is not a .glb 2.0, is truncated, refers to other files, is compressed, or promises missing
            bytes or too much.
    """
    tree, binary = _chunks(content)
    for name in _COMPRESSED:
        if name in _list(tree, "extensionsRequired", str):
            hint = "export it without compression"
            raise BackendError("compressed .glb files are not supported", facts={"extension": name}, hint=hint)
    buffers = _buffers(tree, binary)
    views = _views(tree, [len(one) for one in buffers])
    _check_accessors(tree, views, len(content))
    _check_nodes(tree)
    _check_images(tree, views, buffers)


def _chunks(content: bytes) -> tuple[Entry, bytes]:
    """The JSON chunk's object, and the binary chunk."""
    if content[:4] != b"glTF" or int.from_bytes(content[4:8], "little") != 2:
        _refuse("the file is not a .glb of glTF 2.0", begins=content[:8].hex(" ") or "nothing")
    at, chunks = 12, list[tuple[bytes, bytes]]()
    total = int.from_bytes(content[8:12], "little")
    if total > len(content):
        _refuse("the .glb is cut short", promised=f"{total} bytes", found=f"{len(content)} bytes")
    while at + 8 <= total:
        size, kind = int.from_bytes(content[at : at + 4], "little"), content[at + 4 : at + 8]
        if at + 8 + size > total:
            _refuse("the .glb is cut short", promised=f"{size} bytes", found=f"{total - at - 8} bytes")
        if kind == b"JSON" and size > MAX_TREE_BYTES:
            _refuse("the .glb's description is too large", bytes=size, limit=MAX_TREE_BYTES)
        chunks.append((kind, content[at + 8 : at + 8 + size]))
        at += 8 + size
    if not chunks or chunks[0][0] != b"JSON":
        _refuse("the .glb does not begin with its description")
    try:
        tree = json.loads(chunks[0][1])
    except (ValueError, RecursionError) as error:
        raise BackendError("the .glb's description is not valid JSON", facts={"error": error}) from error
    if not isinstance(tree, dict):
        _refuse("the .glb's description is not an object")
    return tree, next((piece for kind, piece in chunks[1:] if kind == b"BIN\0"), b"")


def _list(tree: Entry, name: str, kind: type[T], most: int = MAX_ENTRIES) -> Sequence[T]:
    members = tree.get(name, [])
    if not isinstance(members, list) or not all(isinstance(one, kind) for one in members):
        _refuse(f"the .glb's `{name}` is not a list of the right type")
    if len(members) > most:
        _refuse(f"the .glb has too many `{name}`", found=len(members), limit=most)
    return members


def _whole(entry: Entry, name: str, least: int = 0, default: int | None = None) -> int:
    number = entry.get(name, default)
    if type(number) is not int or number < least:
        _refuse("the .glb has a number that is out of range", name=name, found=repr(number)[:40])
    return number


def _buffers(tree: Entry, binary: bytes) -> list[bytes]:
    buffers = list[bytes]()
    for place, buffer in enumerate(_list(tree, "buffers", dict)):
        piece = _embedded(buffer, "buffers") if "uri" in buffer else binary if place == 0 else b""
        if (promised := _whole(buffer, "byteLength")) > len(piece):
            _refuse("the .glb promises bytes that are not there", buffer=place, promised=promised, found=len(piece))
        buffers.append(piece)
    return buffers


def _embedded(entry: Entry, name: str) -> bytes:
    """The bytes of a `data:` URI; any other would refer to a file that is not pinned by digest."""
    address = str(entry["uri"])
    if not address.startswith("data:"):
        facts = {name: address[:200]}
        raise BackendError("the .glb refers to other files", facts=facts, hint="export it with everything embedded")
    try:
        return base64.b64decode(address.partition(",")[2], validate=True)
    except binascii.Error as error:
        raise BackendError("the .glb has a URI without valid base64", facts={"error": error}) from error


def _views(tree: Entry, buffers: Sequence[int]) -> list[tuple[int, int, int, int]]:
    """For each view its buffer, its first byte, its length, and the stride of its elements (0: packed)."""
    views = list[tuple[int, int, int, int]]()
    for place, view in enumerate(_list(tree, "bufferViews", dict)):
        buffer, start = _whole(view, "buffer"), _whole(view, "byteOffset", default=0)
        length, stride = _whole(view, "byteLength"), _whole(view, "byteStride", default=0)
        if buffer >= len(buffers) or start + length > buffers[buffer]:
            _refuse("the .glb promises bytes that are not there", view=place, promised=start + length)
        views.append((buffer, start, length, stride))
    return views


def _check_accessors(tree: Entry, views: Sequence[tuple[int, int, int, int]], size: int) -> None:
    total = 0
    for place, accessor in enumerate(_list(tree, "accessors", dict)):
        count, kind = _whole(accessor, "count", 1), str(accessor.get("type"))
        component = _COMPONENT_BYTES.get(_whole(accessor, "componentType"))
        if component is None or kind not in _COMPONENTS:
            _refuse("the .glb has numbers of an unknown type", accessor=place, type=kind)
        element = component * _COMPONENTS[kind]
        total += element * count
        there = size  # Zeros without a view; `sparse` may change some of them.
        if "bufferView" in accessor:
            view, start = _whole(accessor, "bufferView"), _whole(accessor, "byteOffset", default=0)
            if view >= len(views):
                _refuse("the .glb refers to a missing view", accessor=place, view=view)
            there = views[view][2] - start
            element = max(element, views[view][3]) if count > 1 else element
        if (promised := element * (count - 1) + component * _COMPONENTS[kind]) > there:
            _refuse("the .glb promises bytes that are not there", accessor=place, promised=promised, found=there)
    if total > (limit := SHARED * size + SMALL_BYTES):
        _refuse("the .glb promises bytes that are not there", accessors="all", promised=total, limit=limit)


def _check_nodes(tree: Entry) -> None:
    """Check that nodes are trees, and that the scene they form is within the limits."""
    accessors, corners = _list(tree, "accessors", dict), list[int]()
    for mesh in _list(tree, "meshes", dict):
        corners.append(sum(_corners(one, accessors) for one in _list(mesh, "primitives", dict)))
    nodes = _list(tree, "nodes", dict, MAX_NODES)
    parent: dict[int, int] = {}
    total = 0
    for place, node in enumerate(nodes):
        for child in _list(node, "children", int):
            if not 0 <= child < len(nodes) or parent.setdefault(child, place) != place:
                _refuse("the .glb's nodes are not trees", node=place, child=child)
        if "mesh" in node:
            mesh_at = _whole(node, "mesh")
            if mesh_at >= len(corners):
                _refuse("the .glb refers to a missing mesh", node=place, mesh=mesh_at)
            total += corners[mesh_at]
    if total > MAX_CORNERS:
        _refuse("the .glb has too many triangles", corners=total, limit=MAX_CORNERS)
    for place in range(len(nodes)):
        _check_ends(place, parent)


def _check_ends(node: int, parent: dict[int, int]) -> None:
    """Check that the path up from a node ends; visited parts are removed, so that all paths together are short."""
    way = [node]
    while (above := parent.get(way[-1])) is not None:
        if above == node or len(way) > len(parent):
            _refuse("the .glb's nodes are not trees", node=node)
        way.append(above)
    for step in way[:-1]:
        parent.pop(step)


def _corners(primitive: Entry, accessors: Sequence[Entry]) -> int:
    """The greatest possible number of triangle corners of a primitive."""
    attributes = primitive.get("attributes", {})
    named = [primitive["indices"]] if "indices" in primitive else []
    if not isinstance(attributes, dict):
        _refuse("the .glb's `attributes` is not an object")
    named += [attributes["POSITION"]] if not named and "POSITION" in attributes else []
    for index in (*attributes.values(), *named):
        if type(index) is not int or not 0 <= index < len(accessors):
            _refuse("the .glb refers to a missing accessor", accessor=repr(index)[:40])
    count = sum(_whole(accessors[one], "count", 1) for one in named if isinstance(one, int))
    return count * 3 if primitive.get("mode", 4) in (5, 6) else count


def _check_images(tree: Entry, views: Sequence[tuple[int, int, int, int]], buffers: Sequence[bytes]) -> None:
    """Check the sizes of textures, by their headers."""
    from PIL import Image

    total = 0
    for place, image in enumerate(_list(tree, "images", dict)):
        if "uri" in image:
            piece = _embedded(image, "images")
        else:
            view = _whole(image, "bufferView")
            if view >= len(views):
                _refuse("the .glb refers to a missing view", image=place, view=view)
            buffer, start, length, _ = views[view]
            piece = buffers[buffer][start : start + length]
        try:
            with Image.open(io.BytesIO(piece), formats=_PICTURES) as picture:
                width, height = picture.size
        except Exception as error:  # Which error Pillow raises depends on the file.
            facts = {"image": place, "taken": "PNG, JPEG, WebP", "error": f"{type(error).__name__}: {error}"}
            raise BackendError("a texture of the .glb cannot be read", facts=facts) from error
        total += width * height
        if max(width, height) > MAX_SIDE or total > MAX_PIXELS:
            _refuse("the .glb's textures are too large", image=place, found=f"{width}x{height}", side=MAX_SIDE)


def _refuse(sentence: str, **facts: object) -> NoReturn:
    raise BackendError(sentence, facts=facts)
