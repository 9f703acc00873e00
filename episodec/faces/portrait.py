"""Checks a character's portrait, `alpha-ref.png`: a complete PNG, JPEG or WebP of sane size, judged by its header, then
decoded. The content decides which of them it is, not the name.
"""

import io
import stat
import struct
import warnings
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NoReturn

from episodec.errors import BackendError
from episodec.faces.png_rows import missing_share
from episodec.pointers import stand_in

MIN_SIDE = 64  # Pixels.
MAX_SIDE = 8192  # Pixels.
MAX_PIXELS = 32_000_000
MAX_BYTES = 128 << 20
MAX_CHUNKS = 65_536  # Encoders write chunks of 8 KiB or more.

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_SRGB_CICP = b"\x01\x0d\x00\x01"  # ITU-T H.273: primaries and transfer of sRGB, no matrix, full range.

# How other picture formats begin, to name them in messages.
_OTHERS = (
    (0, b"GIF8", "a GIF"),
    (0, b"BM", "a BMP"),
    (0, b"II*\0", "a TIFF"),
    (0, b"MM\0*", "a TIFF"),
    (0, b"8BPS", "a Photoshop file"),
    (0, b"gimp xcf", "a GIMP file"),
    (0, b"\xff\x0a", "a JPEG XL"),
    (0, b"\0\0\0\x0cJXL ", "a JPEG XL"),
    (0, b"\0\0\0\x0cjP  ", "a JPEG 2000"),
    (4, b"ftypavif", "an AVIF"),
    (4, b"ftypavis", "an AVIF"),
    (4, b"ftyphei", "a HEIC"),
    (4, b"ftyphev", "a HEIC"),
    (4, b"ftypmif1", "a HEIC"),
    (0, b"<svg", "an SVG"),
    (0, b"<?xml", "an SVG"),
    (0, b"%PDF", "a PDF"),
)

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
    """The properties of a valid portrait."""

    width: int  # As displayed: after the EXIF rotation.
    height: int
    mode: str  # L, LA, P, RGB, RGBA, CMYK.
    bits: int  # Per sample.
    has_alpha: bool
    note: str | None  # For the author: converted to 8-bit RGB, or what of the file is not followed.

    @property
    def notes(self) -> tuple[tuple[str, str], ...]:
        """The same as a backend's notes: code and sentence."""
        return () if self.note is None else (("portrait-reduced", f"the portrait's {self.note}"),)


def check_portrait(path: Path) -> PortraitFacts:
    """The properties of a portrait that can be used.

    Raises:
        BackendError: it is not a regular file or not one of these formats, is damaged, truncated or animated, or its
            size is out of bounds.
    """
    content = _content(path)
    if content.startswith(_SIGNATURE):
        facts = _header(path, list(_chunks(path, content)))
        if missing := missing_share(content):
            _refuse(path, "the portrait lacks rows that its header promises", missing=f"{missing:.1%}")
    else:
        facts = _photograph(path, content)
    return _decoded(path, facts)


def portrait_size(path: Path) -> tuple[int, int]:
    """The displayed width and height of a portrait that `check_portrait` accepted."""
    from episodec.faces.decode import decoded_size

    return decoded_size(path)


def is_png(path: Path) -> bool:
    """Whether a picture's content is PNG."""
    with path.open("rb") as file:
        return file.read(len(_SIGNATURE)) == _SIGNATURE


def as_png(path: Path) -> bytes:
    """A checked portrait as a PNG: its own bytes if it is one, else its displayed pixels."""
    from PIL import Image

    from episodec.faces.decode import decode_picture

    if is_png(path):
        return path.read_bytes()
    rgba = decode_picture(path).rgba
    file = io.BytesIO()
    Image.fromarray(rgba if rgba[..., 3].min() < 255 else rgba[..., :3]).save(file, "PNG")
    return file.getvalue()


def _content(path: Path) -> bytes:
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # Opening a pipe would block until it has a writer.
            _refuse(path, "the portrait is not a regular file")
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise BackendError("the portrait cannot be read", facts={"file": path.name, "error": error}) from error
    if len(content) > MAX_BYTES:
        _refuse(path, "the portrait is too large", limit=f"{MAX_BYTES} bytes")
    if (pointer := stand_in(str(path))) is not None:
        _refuse(path, f"the portrait is {pointer[0]}", hint=f"`{pointer[1]}` fetches it")
    if not content.startswith((_SIGNATURE, b"\xff\xd8\xff")) and content[8:12] != b"WEBP":
        other = next((name for at, sign, name in _OTHERS if content.startswith(sign, at)), None)
        begins = {} if other else {"begins": content[:8].hex(" ") or "nothing"}
        called = f"{other}, " if other else ""
        _refuse(
            path,
            f"the portrait is {called}not a PNG, JPEG or WebP",
            **begins,
            hint="convert it; renaming the file is not enough",
        )
    return content


def _chunks(path: Path, content: bytes) -> Iterator[tuple[bytes, memoryview]]:
    """The names and contents of chunks up to IEND, which must end the file; every checksum is verified."""
    at, count, name = len(_SIGNATURE), 0, b""
    view = memoryview(content)
    while name != b"IEND":
        if at + 12 > len(content):
            _refuse(path, "the portrait is cut short", bytes=len(content))
        if (count := count + 1) > MAX_CHUNKS:
            _refuse(path, "the portrait has too many chunks", limit=f"{MAX_CHUNKS} chunks")
        length, name = struct.unpack_from(">I4s", content, at)
        end = at + 12 + length
        if end > len(content):
            left = len(content) - at - 12
            _refuse(path, "the portrait is cut short", chunk=_printable(name), promised=length, found=left)
        if zlib.crc32(view[at + 4 : end - 4]) != int.from_bytes(content[end - 4 : end], "big"):
            _refuse(path, "the portrait is damaged: a checksum is wrong", chunk=_printable(name), at=f"byte {at}")
        yield name, view[at + 8 : end - 4]
        at = end
    if at != len(content):
        _refuse(path, "the portrait has bytes after its end", extra=len(content) - at)


def _header(path: Path, chunks: list[tuple[bytes, memoryview]]) -> PortraitFacts:
    name, head = chunks[0]
    if name != b"IHDR" or len(head) != 13:
        _refuse(path, "the portrait does not begin with a PNG header", chunk=_printable(name))
    width, height, bits, colour = struct.unpack_from(">IIBB", head)
    mode, depths = _COLOURS.get(colour, ("", ()))
    if bits not in depths:
        _refuse(path, "the portrait's colour type is not a valid PNG one", colour_type=colour, bits=bits)
    _check_sides(path, width, height)
    named = {name: bytes(part[:4]) for name, part in chunks if name in (b"acTL", b"tRNS", b"cICP")}
    if b"acTL" in named:
        _refuse(path, "the portrait is animated", hint="use a single frame of it")
    has_alpha = mode in ("LA", "RGBA") or b"tRNS" in named
    notes = [] if mode in ("RGB", "RGBA") and bits == 8 else [f"{bits}-bit {mode} is used as 8-bit RGB"]
    if named.get(b"cICP", _SRGB_CICP) != _SRGB_CICP:
        notes.append("cICP chunk names other colours than sRGB, which are not followed")
    return PortraitFacts(width, height, mode, bits, has_alpha, "; its ".join(notes) or None)


def _check_sides(path: Path, width: int, height: int) -> None:
    if not (MIN_SIDE <= width <= MAX_SIDE and MIN_SIDE <= height <= MAX_SIDE and width * height <= MAX_PIXELS):
        limits = f"{MIN_SIDE} to {MAX_SIDE} pixels a side, {MAX_PIXELS // 1_000_000} megapixels"
        _refuse(path, "the portrait's size is out of bounds", found=f"{width}x{height}", limits=limits)


def _photograph(path: Path, content: bytes) -> PortraitFacts:
    """A JPEG or WebP, by its header. Telephones put several pictures into a JPEG; the first one is used."""
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # Sizes are checked here.
            with Image.open(io.BytesIO(content), formats=["JPEG", "WEBP"]) as image:
                (width, height), mode = image.size, image.mode
                is_animated = image.format == "WEBP" and bool(getattr(image, "is_animated", False))
    except Image.DecompressionBombError as error:
        _refuse(path, "the portrait's size is out of bounds", error=error)
    except Exception as error:  # Any error, as in `_decoded`.
        raise _undecodable(path, error) from error
    _check_sides(path, width, height)
    if is_animated:
        _refuse(path, "the portrait is animated", hint="use a single frame of it")
    note = None if mode in ("RGB", "RGBA") else f"8-bit {mode} is used as 8-bit RGB"
    return PortraitFacts(width, height, mode, 8, mode == "RGBA", note)


def _decoded(path: Path, facts: PortraitFacts) -> PortraitFacts:
    """The facts of a picture, after decoding all of it: header and checksums alone prove nothing. The size is as
    displayed.
    """
    from episodec.faces.decode import decode_picture

    try:
        decoded = decode_picture(path)
    except Exception as error:  # OSError, ValueError, SyntaxError, zlib.error, struct.error: it depends on the file.
        raise _undecodable(path, error) from error
    notes = filter(None, (facts.note, *decoded.notes))
    height, width = decoded.rgba.shape[:2]
    return replace(facts, width=width, height=height, note="; its ".join(notes) or None)


def _undecodable(path: Path, error: Exception) -> BackendError:
    facts = {"file": path.name, "error": f"{type(error).__name__}: {error}"}
    return BackendError("the portrait cannot be decoded", facts=facts)


def _printable(name: bytes) -> str:
    return name.decode("ascii", errors="backslashreplace")


def _refuse(path: Path, sentence: str, *, hint: str | None = None, **facts: object) -> NoReturn:
    raise BackendError(sentence, facts={"file": path.name, **facts}, hint=hint)
