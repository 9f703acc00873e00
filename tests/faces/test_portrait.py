"""Which files are taken for a portrait."""

import io
import os
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from episodec.errors import BackendError
from episodec.faces.portrait import PortraitFacts, check_portrait


def picture(mode: str = "RGB", size: tuple[int, int] = (80, 64), kind: str = "PNG", **more: Any) -> bytes:
    file = io.BytesIO()
    Image.linear_gradient("L").resize(size).convert(mode).save(file, kind, **more)
    return file.getvalue()


def chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def png(width: int, height: int, bits: int, colour: int, data: bytes | None = None) -> bytes:
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(data or b"")) + chunk(b"IEND", b"")


def checked(root: Path, content: bytes) -> PortraitFacts:
    (root / "ref.png").write_bytes(content)
    return check_portrait(root / "ref.png")


PALETTE_WITH_ALPHA = picture("P", transparency=0)
RGB16 = png(64, 64, 16, 2, (b"\0" + b"\x80" * 64 * 6) * 64)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (picture(), PortraitFacts(80, 64, "RGB", 8, has_alpha=False, note=None)),
        (picture("RGBA"), PortraitFacts(80, 64, "RGBA", 8, has_alpha=True, note=None)),
        (picture("L"), PortraitFacts(80, 64, "L", 8, has_alpha=False, note="8-bit L is used as 8-bit RGB")),
        (picture("LA"), PortraitFacts(80, 64, "LA", 8, has_alpha=True, note="8-bit LA is used as 8-bit RGB")),
        (picture("1"), PortraitFacts(80, 64, "L", 1, has_alpha=False, note="1-bit L is used as 8-bit RGB")),
        (PALETTE_WITH_ALPHA, PortraitFacts(80, 64, "P", 8, has_alpha=True, note="8-bit P is used as 8-bit RGB")),
        (picture(kind="JPEG"), PortraitFacts(80, 64, "RGB", 8, has_alpha=False, note=None)),
        (picture(kind="WEBP"), PortraitFacts(80, 64, "RGB", 8, has_alpha=False, note=None)),
        (
            picture("L", kind="JPEG"),
            PortraitFacts(80, 64, "L", 8, has_alpha=False, note="8-bit L is used as 8-bit RGB"),
        ),
        (RGB16, PortraitFacts(64, 64, "RGB", 16, has_alpha=False, note="16-bit RGB is used as 8-bit RGB")),
    ],
)
def test_a_real_png_is_taken_and_described(tmp_path: Path, content: bytes, expected: PortraitFacts) -> None:
    assert checked(tmp_path, content) == expected


def flipped(content: bytes, at: int) -> bytes:
    return content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]


def animated(kind: str = "PNG") -> bytes:
    file = io.BytesIO()
    frames = [Image.new("RGB", (64, 64), colour) for colour in ("red", "blue")]
    frames[0].save(file, kind, save_all=True, append_images=frames[1:])
    return file.getvalue()


def wide_jpeg() -> bytes:
    """65 500 pixels a side by its header."""
    content = bytearray(picture(kind="JPEG"))
    at = content.index(b"\xff\xc0") + 5
    content[at : at + 4] = struct.pack(">HH", 65_500, 65_500)
    return bytes(content)


REJECTED = {
    "empty": (b"", "is not a PNG, JPEG or WebP"),
    "text": (b"portrait", "is not a PNG, JPEG or WebP"),
    "gif": (picture(kind="GIF"), "is a GIF, not a PNG"),
    "heic": (b"\0\0\0\x18ftypheic\0\0\0\0", "is a HEIC, not a PNG"),
    "cut jpeg": (picture(kind="JPEG")[:-200], "cannot be decoded"),
    "jpeg without a picture": (b"\xff\xd8\xff\xe0", "cannot be decoded"),
    "small jpeg": (picture(size=(63, 64), kind="JPEG"), "out of bounds"),
    "jpeg bomb": (wide_jpeg(), "out of bounds"),
    "cut webp": (picture(kind="WEBP")[:-60], "cannot be decoded"),
    "animated webp": (animated("WEBP"), "animated"),
    "signature only": (picture()[:8], "cut short"),
    "cut in the header": (picture()[:20], "cut short"),
    "cut in the data": (picture()[:-40], "cut short"),
    "no end": (picture()[:-12], "cut short"),
    "one bit of data": (flipped(picture(), 100), "checksum"),
    "one bit of the header": (flipped(picture(), 18), "checksum"),
    "bytes after the end": (picture() + b"#!/bin/sh", "after its end"),
    "animated": (animated(), "animated"),
    "too small": (picture(size=(63, 64)), "out of bounds"),
    "too wide": (png(8193, 64, 8, 2), "out of bounds"),
    "too many pixels": (png(8000, 8000, 8, 2), "out of bounds"),
    "bomb": (png(2**31 - 1, 2**31 - 1, 8, 6), "out of bounds"),
    "no pixels": (png(0, 0, 8, 2), "out of bounds"),
    "odd depth": (png(64, 64, 3, 2), "colour type"),
    "odd colours": (png(64, 64, 8, 5), "colour type"),
    "no data": (png(64, 64, 8, 2), "lacks rows"),
    "too little data": (png(64, 64, 8, 2, b"\0" * 100), "lacks rows"),
    "no header": (b"\x89PNG\r\n\x1a\n" + chunk(b"IEND", b""), "does not begin"),
    "wrong first chunk": (b"\x89PNG\r\n\x1a\n" + chunk(b"tEXt", b"a\0b") + picture()[8:], "does not begin"),
    "endless chunks": (picture()[:-12] + chunk(b"tEXt", b"") * 70_000, "too many chunks"),
}


@pytest.mark.parametrize("name", REJECTED)
def test_anything_else_is_refused(tmp_path: Path, name: str) -> None:
    content, sentence = REJECTED[name]
    with pytest.raises(BackendError, match=sentence) as caught:
        checked(tmp_path, content)
    assert caught.value.facts["file"] == "ref.png"


@pytest.mark.timeout(20)
@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir])
def test_what_is_no_file_is_refused_at_once(tmp_path: Path, make: Callable[[Path], None]) -> None:
    make(tmp_path / "ref.png")
    with pytest.raises(BackendError, match="the portrait is not a regular file"):
        check_portrait(tmp_path / "ref.png")


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BackendError, match="cannot be read"):
        check_portrait(tmp_path / "none.png")
