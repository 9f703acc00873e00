"""Whether a sound file holds what its header promises: libsndfile reads a cut one without a word. Decodes nothing.

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

_UNKNOWN = (0xFFFF_FFFF, 0xFFFF_FFFF_FFFF_FFFF)  # What programs write that cannot seek back: ffmpeg into a pipe.
_W64 = bytes.fromhex("726966662e91cf11a5d628db04c10000")
_BARE = (b"fLaC", b"OggS", b"ID3")  # Containers that are counted by their own frames.
_PCM = (b"NONE", b"twos", b"sowt", b"raw ", b"in24", b"in32", b"fl32", b"fl64", b"FL32", b"FL64")  # Of AIFF-C.

Order = Literal["little", "big"]


@dataclass(frozen=True, slots=True)
class _Layout:
    """Of a file that is a row of chunks."""

    start: int  # The first chunk's first byte.
    order: Order
    name: int = 4  # Bytes of a chunk's name.
    length: int = 4  # Bytes of its length.
    counts_head: bool = False  # Whether the length has the name's and its own bytes in it.
    even: int = 2  # The next chunk begins at a multiple of so many bytes.
    data: bytes = b"data"  # How the name of the chunk with the samples begins.


@dataclass(frozen=True, slots=True)
class _Chunk:
    name: bytes
    at: int  # Its content's first byte.
    size: int


def check_promises(path: Path) -> None:
    """Nothing, where a sound file is of a kind that is taken and holds what its header promises.

    Raises:
        BackendError: it is none, or is cut short.
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
        elif not head.startswith(_BARE) and not (head[:1] == b"\xff" and head[1:2] >= b"\xe0"):  # MPEG's frames.
            begins = head[:8].hex(" ") or "nothing"
            _refuse("this is no sound file we can read", path, begins=begins, taken=", ".join(TAKEN))


def _layout(head: bytes) -> _Layout | None:
    if head[:4] in (b"RIFF", b"RF64", b"BW64"):
        return _Layout(12, "little")
    if head[:4] == b"RIFX":
        return _Layout(12, "big")
    if head[:4] == b"FORM" and head[8:12] in (b"AIFF", b"AIFC"):
        return _Layout(12, "big", data=b"SSND")
    if head[:16] == _W64:
        return _Layout(40, "little", name=16, length=8, counts_head=True, even=8)
    return _Layout(8, "big", length=8, even=1) if head[:4] == b"caff" else None


def _check_chunks(path: Path, file: BinaryIO, layout: _Layout, size: int) -> None:
    long_size: int | None = None  # Of the samples, in RF64, whose own chunk cannot say it.
    common = b""
    data: _Chunk | None = None
    for one in _chunks(path, file, layout, size):
        if one.name == b"ds64":
            long_size = int.from_bytes(file.read(16)[8:], "little")
        elif one.name == b"COMM" and layout.data == b"SSND":
            common = file.read(min(one.size, 22))
        elif one.name.startswith(layout.data):
            promised = long_size if long_size is not None and one.size in _UNKNOWN else one.size
            _check_room(path, promised, size - one.at)
            data = one
            if layout.data != b"SSND":  # Of AIFF, what tells how many samples there are may come behind them.
                return
    if data is None:
        _refuse("the sound file is cut short", path, promised="a chunk of samples", found="none")
    _check_frames(path, common, data.size - 8)


def _chunks(path: Path, file: BinaryIO, layout: _Layout, size: int) -> Iterator[_Chunk]:
    """Each chunk, the file standing at its content; all but those of samples end inside the file."""
    at, head = layout.start, layout.name + layout.length
    for _ in range(MAX_CHUNKS):
        file.seek(at)
        if len(read := file.read(head)) < head:
            return
        length = int.from_bytes(read[layout.name :], layout.order)
        content = length - head if layout.counts_head else length
        if content < 0:
            _refuse("the sound file is damaged", path, chunk=read[:4].hex(" "), length=length)
        yield (one := _Chunk(read[: layout.name], at + head, content))
        if content in _UNKNOWN:
            return
        if not one.name.startswith(layout.data):
            _check_room(path, content, size - one.at)
        at = -(-(one.at + content) // layout.even) * layout.even
    _refuse("the sound file has too many parts", path, limit=f"{MAX_CHUNKS} chunks")


def _check_frames(path: Path, common: bytes, there: int) -> None:
    """AIFF tells how many frames there are besides how many bytes; libsndfile believes the bytes."""
    if common[18:22] not in (b"", *_PCM):
        return
    channels, frames, bits = (int.from_bytes(common[a:b], "big") for a, b in ((0, 2), (2, 6), (6, 8)))
    _check_room(path, channels * frames * -(-bits // 8), there)


def _check_room(path: Path, length: int, left: int) -> None:
    if length not in _UNKNOWN and length > left:
        _refuse("the sound file is cut short", path, promised=f"{length} bytes", found=f"{max(left, 0)} bytes")


def _refuse(sentence: str, path: Path, **facts: object) -> NoReturn:
    raise BackendError(sentence, facts={"file": path.name, **facts})
