"""A character's portrait, `alpha-ref.png`: a whole, real PNG of sane size, judged by its header, then decoded."""

import io
import stat
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from episodec.errors import BackendError

MIN_SIDE = 64  # pixels
MAX_SIDE = 8192  # pixels
MAX_PIXELS = 32_000_000
MAX_BYTES = 128 << 20
MAX_CHUNKS = 65_536  # Encoders write 8 KiB a chunk or more.

_SIGNATURE = b"\x89PNG\r\n\x1a\n"

# Colour type to Pillow's mode and the bit depths it may have: PNG specification (third edition), 11.2.1.
_COLOURS = {
    0: ("L", (1, 2, 4, 8, 16)),
    2: ("RGB", (8, 16)),
    3: ("P", (1, 2, 4, 8)),
    4: ("LA", (8, 16)),
    6: ("RGBA", (8, 16)),
}


@dataclass(frozen=True, slots=True)
class PortraitFacts:
    """What the header of a sound portrait says."""

    width: int
    height: int
    mode: str  # L, LA, P, RGB, RGBA.
    bits: int  # A sample.
    has_alpha: bool
    note: str | None  # What its author should know: the picture is used in 8 bits and RGB.

    @property
    def notes(self) -> tuple[tuple[str, str], ...]:
        """The same as a backend tells it: code and sentence."""
        return () if self.note is None else (("portrait-reduced", f"the portrait's {self.note}"),)


def check_portrait(path: Path) -> PortraitFacts:
    """The facts of a portrait that is fit for use.

    Raises:
        BackendError: it is no plain file or no PNG, is damaged, cut short or animated, or its sides are out of bounds.
    """
    content = _content(path)
    chunks = list(_chunks(path, content))
    facts = _header(path, chunks)
    _decode(path, content)
    return facts


def portrait_size(path: Path) -> tuple[int, int]:
    """Width and height, by the header of a portrait that `check_portrait` has passed."""
    with path.open("rb") as file:
        width, height = struct.unpack_from(">II", file.read(24), 16)
    return width, height


def _content(path: Path) -> bytes:
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # To open a pipe would be to wait for who writes into it.
            _refuse(path, "the portrait is not a plain file")
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise BackendError("the portrait cannot be read", facts={"file": path.name, "error": error}) from error
    if len(content) > MAX_BYTES:
        _refuse(path, "the portrait is too large", limit=f"{MAX_BYTES} bytes")
    if not content.startswith(_SIGNATURE):
        begins = content[:8].hex(" ") or "nothing"
        _refuse(path, "the portrait is not a PNG", begins=begins, hint="convert it; a new suffix is not enough")
    return content


def _chunks(path: Path, content: bytes) -> Iterator[tuple[bytes, memoryview]]:
    """Names and contents up to IEND, which must be the end of the file, every checksum compared."""
    at, count, name = len(_SIGNATURE), 0, b""
    view = memoryview(content)
    while name != b"IEND":
        if at + 12 > len(content):
            _refuse(path, "the portrait is cut short", bytes=len(content))
        if (count := count + 1) > MAX_CHUNKS:
            _refuse(path, "the portrait has too many parts", limit=f"{MAX_CHUNKS} chunks")
        length, name = struct.unpack_from(">I4s", content, at)
        end = at + 12 + length
        if end > len(content):
            left = len(content) - at - 12
            _refuse(path, "the portrait is cut short", chunk=_shown(name), promised=length, found=left)
        if zlib.crc32(view[at + 4 : end - 4]) != int.from_bytes(content[end - 4 : end], "big"):
            _refuse(path, "the portrait is damaged: a checksum is wrong", chunk=_shown(name), at=f"byte {at}")
        yield name, view[at + 8 : end - 4]
        at = end
    if at != len(content):
        _refuse(path, "the portrait has bytes after its end", extra=len(content) - at)


def _header(path: Path, chunks: list[tuple[bytes, memoryview]]) -> PortraitFacts:
    name, head = chunks[0]
    if name != b"IHDR" or len(head) != 13:
        _refuse(path, "the portrait does not begin with a PNG header", chunk=_shown(name))
    width, height, bits, colour = struct.unpack_from(">IIBB", head)
    mode, depths = _COLOURS.get(colour, ("", ()))
    if bits not in depths:
        _refuse(path, "the portrait has no colours that PNG knows", colour_type=colour, bits=bits)
    if not (MIN_SIDE <= width <= MAX_SIDE and MIN_SIDE <= height <= MAX_SIDE and width * height <= MAX_PIXELS):
        limits = f"{MIN_SIDE} to {MAX_SIDE} pixels a side, {MAX_PIXELS // 1_000_000} megapixels"
        _refuse(path, "the portrait's size is out of bounds", found=f"{width}x{height}", limits=limits)
    names = {name for name, _ in chunks}
    if b"acTL" in names:
        _refuse(path, "the portrait is animated", hint="keep one picture of it")
    has_alpha = mode in ("LA", "RGBA") or b"tRNS" in names
    is_plain = mode in ("RGB", "RGBA") and bits == 8
    note = None if is_plain else f"{bits}-bit {mode} is used as 8-bit RGB"
    return PortraitFacts(width, height, mode, bits, has_alpha, note)


def _decode(path: Path, content: bytes) -> None:
    """Decode all of it once: a header and good checksums do not prove a picture."""
    from PIL import Image

    try:
        with Image.open(io.BytesIO(content), formats=["PNG"]) as image:
            image.load()
    except Exception as error:  # OSError, ValueError, SyntaxError, zlib.error, struct.error: by the file's whim.
        facts = {"file": path.name, "error": f"{type(error).__name__}: {error}"}
        raise BackendError("the portrait cannot be decoded", facts=facts) from error


def _shown(name: bytes) -> str:
    return name.decode("ascii", errors="backslashreplace")


def _refuse(path: Path, sentence: str, *, hint: str | None = None, **facts: object) -> NoReturn:
    raise BackendError(sentence, facts={"file": path.name, **facts}, hint=hint)
