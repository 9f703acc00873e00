"""Small changes that turn a good file into a hostile one, each named in the table of cases."""

import io
import json
import struct
import zipfile
import zlib
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from tests.corpus.bases import base, glb

Change = Callable[..., bytes]


def changed(name: str, changes: Sequence[Sequence[Any]]) -> bytes:
    """The good file of this name after these changes, each a word and its values."""
    content = base(name) if not changes or changes[0][0] not in ("text", "hex", "base") else b""
    for word, *values in changes:
        content = CHANGES[word](content, *values)
    return content


def _place(content: bytes, where: int | str) -> int:
    """A number, from the end where it is below zero, or behind a text that must be there."""
    if isinstance(where, str):
        return content.index(where.encode("latin-1")) + len(where)
    return where if where >= 0 else len(content) + where


def _poke(content: bytes, where: int | str, kind: str, value: Any) -> bytes:
    packed = bytearray(content)
    struct.pack_into(kind, packed, _place(content, where), value)
    return bytes(packed)


def _swap(content: bytes, old: str, new: str) -> bytes:
    assert old.encode("latin-1") in content, old
    return content.replace(old.encode("latin-1"), new.encode(), 1)


def _in_tree(tree: Any, path: str, value: Any) -> Any:
    """The tree with a value at `a.0.b`; None removes what is there."""
    if not path:
        return value
    *way, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    where = tree
    for part in way:
        where = where[part]
    if value is None:
        del where[last]
    else:
        where[last] = value
    return tree


def _json(content: bytes, path: str, value: Any) -> bytes:
    return json.dumps(_in_tree(json.loads(content), path, value)).encode()


def _glb(content: bytes, path: str, value: Any) -> bytes:
    length = int.from_bytes(content[12:16], "little")
    return glb(_in_tree(json.loads(content[20 : 20 + length]), path, value), content[28 + length :])


def _many(content: bytes, path: str, count: int) -> bytes:
    """A .glb with the first entry of a list so many times."""
    length = int.from_bytes(content[12:16], "little")
    tree = json.loads(content[20 : 20 + length])
    tree[path] = tree[path][:1] * count
    if path == "nodes":
        tree["scenes"][0]["nodes"] = list(range(count))
    return glb(tree, content[28 + length :])


def _member(content: bytes, name: str, text: str | None) -> bytes:
    """A zip with another content of a file, or without it."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w") as new:
        for each in old.namelist():
            if each != name:
                new.writestr(each, old.read(each))
        if text is not None:
            new.writestr(name, text)
    return file.getvalue()


def _bomb(content: bytes, mib: int) -> bytes:
    """A zip with a file of so many MiB of zeros beside."""
    file = io.BytesIO(content)
    with (
        zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as archive,
        archive.open("zeros", "w", force_zip64=True) as first,
    ):
        for _ in range(mib):
            first.write(bytes(1 << 20))
    return file.getvalue()


def _chunk(content: bytes, name: str, text: str, count: int = 1) -> bytes:
    """A PNG with a chunk behind its header, its checksum right."""
    piece = text.encode("latin-1")
    body = name.encode() + piece
    built = len(piece).to_bytes(4, "big") + body + zlib.crc32(body).to_bytes(4, "big")
    return content[:33] + built * count + content[33:]


def _header(content: bytes, at: int, kind: str, value: int) -> bytes:
    """A PNG with another number in its header, its checksum right."""
    head = bytearray(content[12:29])
    struct.pack_into(kind, head, at + 4, value)
    return content[:12] + bytes(head) + zlib.crc32(head).to_bytes(4, "big") + content[33:]


def _noise(content: bytes, seed: int, count: int, start: int = 0, end: int | None = None) -> bytes:
    """So many bytes of a part overwritten."""
    random, noisy = Random(seed), bytearray(content)
    for _ in range(count):
        noisy[random.randrange(start, len(content) if end is None else _place(content, end))] = random.randrange(256)
    return bytes(noisy)


CHANGES: dict[str, Change] = {
    "base": lambda _, name: base(name),
    "text": lambda _, text: text.encode(),
    "hex": lambda _, digits: bytes.fromhex(digits),
    "more": lambda content, text, count=1: content + text.encode() * count,
    "bytes": lambda content, digits, count=1: content + bytes.fromhex(digits) * count,
    "before": lambda content, text, count=1: text.encode("latin-1") * count + content,
    "cut": lambda content, length: content[:length],
    "drop": lambda content, start: content[start:],
    "fill": lambda content, where, text, count: (
        content[: _place(content, where)] + text.encode() * count + content[_place(content, where) :]
    ),
    "code": lambda content, name: content.decode().encode(name),
    "poke": _poke,
    "swap": _swap,
    "json": _json,
    "glb": _glb,
    "many": _many,
    "member": _member,
    "bomb": _bomb,
    "chunk": _chunk,
    "header": _header,
    "noise": _noise,
}
