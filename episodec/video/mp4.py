"""The tables of an mp4 file as stored: clocks, lengths, times and sizes of samples, edit lists.

By ISO/IEC 14496-12, section 8. Knows no codec, reads no sample, and does not support fragmented files.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate, chain, repeat
from pathlib import Path

from episodec.errors import BackendError

_HEAD = 8  # Bytes of a box's header: its length and its name.


@dataclass(frozen=True, slots=True)
class Edit:
    """One entry of an edit list (elst)."""

    lasts_s: Fraction
    start: int  # Ticks of the track's clock; -1: nothing is shown.
    speed: Fraction


@dataclass(frozen=True, slots=True)
class Mp4Track:
    """The tables of one track."""

    kind: str  # Handler type (hdlr): vide, soun, sbtl, text.
    clock: int  # Ticks a second (mdhd).
    ticks: int  # Length (mdhd).
    lasts_s: Fraction  # Length with the edits (tkhd).
    steps: tuple[tuple[int, int], ...]  # Runs of samples with the ticks to the next sample (stts).
    offsets: tuple[tuple[int, int], ...]  # Runs of samples, ticks from decoding to display (ctts); may be empty.
    samples: int  # The number of sample sizes (stsz).
    edits: tuple[Edit, ...]

    def decoded(self) -> list[int]:
        """The decode time of each sample, in ticks, from 0."""
        return list(accumulate(chain.from_iterable(repeat(step, count) for count, step in self.steps), initial=0))[:-1]

    def presentation_times(self) -> list[int]:
        """The display time of each sample, in ticks, before the edits; in decode order."""
        offsets = chain(chain.from_iterable(repeat(offset, count) for count, offset in self.offsets), repeat(0))
        return [moment + offset for moment, offset in zip(self.decoded(), offsets, strict=False)]


@dataclass(frozen=True, slots=True)
class Movie:
    """The tables of a file."""

    boxes: tuple[str, ...]  # Top-level boxes in order, without free space.
    lasts_s: Fraction  # mvhd
    tracks: tuple[Mp4Track, ...]

    def first(self, kind: str) -> Mp4Track | None:
        """The first track of this kind."""
        return next((track for track in self.tracks if track.kind == kind), None)


def read_movie(path: Path) -> Movie:
    """The tables of an mp4 file.

    Raises:
        BackendError: a box is missing or cut short.
    """
    boxes, movie = [], b""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            at = 0
            while at + _HEAD <= size:
                file.seek(at)
                start = file.read(2 * _HEAD)
                name, head, length = _box(start, 0, size - at)
                boxes.append(name)
                if name == "moov":
                    file.seek(at + head)
                    movie = file.read(length - head)
                at += length
        return _movie(tuple(name for name in boxes if name not in ("free", "skip")), movie)
    except (OSError, _CutError) as error:
        raise BackendError("the tables of the mp4 file cannot be read", facts={"error": error}) from error


class _CutError(Exception):
    """A box is missing, or ends before its content."""


def _movie(boxes: tuple[str, ...], movie: bytes) -> Movie:
    header = _content(movie, "mvhd")
    clock, length = _clock(header)
    tracks = tuple(_track(content, clock) for name, content in _boxes(movie) if name == "trak")
    return Movie(boxes, Fraction(length, clock), tracks)


def _track(track: bytes, movie_clock: int) -> Mp4Track:
    media = _content(track, "mdia")
    table = _content(_content(media, "minf"), "stbl")
    header = _content(track, "tkhd")
    length = _whole(header, 28, 8) if header[:1] == b"\1" else _whole(header, 20, 4)
    clock, ticks = _clock(_content(media, "mdhd"))
    offsets = _content(table, "ctts", missing=b"\0" * 8)
    return Mp4Track(
        kind=_content(media, "hdlr")[8:12].decode("latin-1"),
        clock=clock,
        ticks=ticks,
        lasts_s=Fraction(length, movie_clock),
        steps=tuple(_runs(_content(table, "stts"), signed=False)),
        offsets=tuple(_runs(offsets, signed=True)),
        samples=_whole(_content(table, "stsz"), 8, 4),
        edits=tuple(_edits(_content(track, "edts", missing=b""), movie_clock)),
    )


def _clock(header: bytes) -> tuple[int, int]:
    """Ticks a second, and the length in ticks, of an mvhd or an mdhd."""
    is_long = header[:1] == b"\1"
    clock, length = (
        (_whole(header, 20, 4), _whole(header, 24, 8))
        if is_long
        else (
            _whole(header, 12, 4),
            _whole(header, 16, 4),
        )
    )
    if clock == 0:
        raise _CutError("a clock with 0 ticks a second")
    return clock, length


def _runs(table: bytes, *, signed: bool) -> Iterator[tuple[int, int]]:
    """Pairs of sample count and value; FFmpeg treats offsets as signed in both versions of the box."""
    for entry in range(_whole(table, 4, 4)):
        yield _whole(table, 8 + 8 * entry, 4), _whole(table, 12 + 8 * entry, 4, signed=signed)


def _edits(edits: bytes, movie_clock: int) -> Iterator[Edit]:
    table = _content(edits, "elst", missing=b"\0" * 8)
    wide = 8 if table[:1] == b"\1" else 4
    for entry in range(_whole(table, 4, 4)):
        at = 8 + entry * (2 * wide + 4)
        lasts, start = _whole(table, at, wide), _whole(table, at + wide, wide, signed=True)
        speed = Fraction(_whole(table, at + 2 * wide, 4, signed=True), 1 << 16)
        yield Edit(Fraction(lasts, movie_clock), start, speed)


def _content(boxes: bytes, box_name: str, missing: bytes | None = None) -> bytes:
    """The content of the first box of this name."""
    content = next((content for name, content in _boxes(boxes) if name == box_name), missing)
    if content is None:
        raise _CutError(f"box {box_name} is missing")
    return content


def _boxes(content: bytes) -> Iterator[tuple[str, bytes]]:
    at = 0
    while at + _HEAD <= len(content):
        name, head, length = _box(content, at, len(content) - at)
        yield name, content[at + head : at + length]
        at += length


def _box(content: bytes, at: int, room: int) -> tuple[str, int, int]:
    """A box's name, the length of its header, and its whole length, at most `room`."""
    head, length, name = _HEAD, _whole(content, at, 4), content[at + 4 : at + 8].decode("latin-1")
    if length == 1:
        head, length = 2 * _HEAD, _whole(content, at + 8, 8)
    elif length == 0:  # To the end.
        length = room
    if not head <= length <= room:
        raise _CutError(f"box {name} is cut short")
    return name, head, length


def _whole(content: bytes, at: int, size: int, *, signed: bool = False) -> int:
    """The integer of `size` bytes at an offset."""
    number = content[at : at + size]
    if len(number) < size:
        raise _CutError("a table is cut short")
    return int.from_bytes(number, "big", signed=signed)
