"""Checks that a sound file holds as much as its header promises: libsndfile reads a truncated one silently. Decodes
nothing.

The layouts: RIFF and RIFX by "Multimedia Programming Interface and Data Specifications 1.0" (IBM, Microsoft, 1991);
RF64 by EBU Tech 3306; AIFF and AIFF-C by Apple (1989, 1991); Wave64 by Sony (2003); CAF by Apple (2011); AU by Sun
(1992).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal, NoReturn

from episodec.errors import BackendError

TAKEN = ("WAV", "RF64", "W64", "AIFF", "AU", "CAF", "FLAC", "Ogg", "MP3")
MAX_CHUNKS = 65_536

# Written by programs that cannot seek back, such as ffmpeg into a pipe.
_UNKNOWN = (0xFFFF_FFFF, 0xFFFF_FFFF_FFFF_FFFF)
_W64 = bytes.fromhex("726966662e91cf11a5d628db04c10000")
_BARE = (b"fLaC", b"OggS", b"ID3")  # Formats whose own frames say how long they are.
_PCM = (b"NONE", b"twos", b"sowt", b"raw ", b"in24", b"in32", b"fl32", b"fl64", b"FL32", b"FL64")  # AIFF-C.

Order = Literal["little", "big"]


@dataclass(frozen=True, slots=True)
class _ChunkLayout:
    """The layout of a file made of chunks."""

    start: int  # Offset of the first chunk.
    order: Order
    name: int = 4  # Bytes of a chunk's name.
    length: int = 4  # Bytes of its length.
    counts_head: bool = False  # Whether the length includes the name and itself.
    even: int = 2  # Chunks begin at multiples of this many bytes.
    data: bytes = b"data"  # Prefix of the name of the chunk with the samples.


@dataclass(frozen=True, slots=True)
class _FileChunk:
    name: bytes
    at: int  # Offset of its content.
    size: int


def check_promises(path: Path) -> None:
    """Check that a sound file is of a supported format and holds what its header promises.

    Raises:
        BackendError: the format is not supported, or the file is truncated.
        OSError: it cannot be read.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(28)
        layout = _layout(head)
        if layout is not None:
            _check_chunks(path, file, layout, size)
        elif head[:4] in (b".snd", b"dns."):
            order: Order = "big" if head[:1] == b"." else "little"
            start, length = (int.from_bytes(head[at : at + 4], order) for at in (4, 8))
            _check_room(path, length, size - start)
        elif not head.startswith(_BARE) and not (head[:1] == b"\xff" and head[1:2] >= b"\xe0"):  # MPEG frames.
            begins = head[:8].hex(" ") or "nothing"
            _refuse("this is not a supported sound file", path, begins=begins, taken=", ".join(TAKEN))


def _layout(head: bytes) -> _ChunkLayout | None:
    if head[:4] in (b"RIFF", b"RF64", b"BW64"):
        return _ChunkLayout(12, "little")
    if head[:4] == b"RIFX":
        return _ChunkLayout(12, "big")
    if head[:4] == b"FORM" and head[8:12] in (b"AIFF", b"AIFC"):
        return _ChunkLayout(12, "big", data=b"SSND")
    if head[:16] == _W64:
        return _ChunkLayout(40, "little", name=16, length=8, counts_head=True, even=8)
    return _ChunkLayout(8, "big", length=8, even=1) if head[:4] == b"caff" else None


def _check_chunks(path: Path, file: BinaryIO, layout: _ChunkLayout, size: int) -> None:
    long_size: int | None = None  # The length of the samples in RF64, whose data chunk cannot hold it.
    common = b""
    data: _FileChunk | None = None
    for chunk in _chunks(path, file, layout, size):
        if chunk.name == b"ds64":
            long_size = int.from_bytes(file.read(16)[8:], "little")
        elif chunk.name == b"COMM" and layout.data == b"SSND":
            common = file.read(min(chunk.size, 22))
        elif chunk.name.startswith(layout.data):
            promised = long_size if long_size is not None and chunk.size in _UNKNOWN else chunk.size
            _check_room(path, promised, size - chunk.at)
            data = chunk
            if layout.data != b"SSND":  # In AIFF, the chunk with the number of samples may come after them.
                return
    if data is None:
        _refuse("the sound file is cut short", path, promised="a chunk of samples", found="none")
    _check_frames(path, common, data.size - 8)


def _chunks(path: Path, file: BinaryIO, layout: _ChunkLayout, size: int) -> Iterator[_FileChunk]:
    """Each chunk, with the file positioned at its content; all but the chunk of samples must end inside the file."""
    at, head = layout.start, layout.name + layout.length
    for _ in range(MAX_CHUNKS):
        file.seek(at)
        if len(read := file.read(head)) < head:
            return
        length = int.from_bytes(read[layout.name :], layout.order)
        content = length - head if layout.counts_head else length
        if content < 0:
            _refuse("the sound file is damaged", path, chunk=read[:4].hex(" "), length=length)
        yield (chunk := _FileChunk(read[: layout.name], at + head, content))
        if content in _UNKNOWN:
            return
        if not chunk.name.startswith(layout.data):
            _check_room(path, content, size - chunk.at)
        at = -(-(chunk.at + content) // layout.even) * layout.even
    _refuse("the sound file has too many chunks", path, limit=f"{MAX_CHUNKS} chunks")


def _check_frames(path: Path, common: bytes, there: int) -> None:
    """AIFF stores the number of frames as well as the number of bytes; libsndfile trusts the bytes."""
    if common[18:22] not in (b"", *_PCM):
        return
    channels, frames, bits = (int.from_bytes(common[a:b], "big") for a, b in ((0, 2), (2, 6), (6, 8)))
    _check_room(path, channels * frames * -(-bits // 8), there)


def _check_room(path: Path, length: int, left: int) -> None:
    if length not in _UNKNOWN and length > left:
        _refuse("the sound file is cut short", path, promised=f"{length} bytes", found=f"{max(left, 0)} bytes")


def _refuse(sentence: str, path: Path, **facts: object) -> NoReturn:
    raise BackendError(sentence, facts={"file": path.name, **facts})
