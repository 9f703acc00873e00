"""Errors in a track, as values: the segment, its field and the reason."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

Kind = Literal["direction", "value", "file"]
"""`direction`: a camera at its target or looking straight up or down; `value`: a number out of range; `file`: a path
file.
"""


@dataclass(frozen=True, slots=True)
class TrackError:
    """One error, at its field."""

    path: tuple[str | int, ...]  # ("camera", 1, "keys", 0, "position"); inside a segment, without the first two steps.
    sentence: str
    hint: str
    kind: Kind = "value"

    def within(self, *path: str | int) -> "TrackError":
        """The same error, with this prefix on its path."""
        return replace(self, path=(*path, *self.path))


class BadTrack(Exception):
    """A track that gives no frames. Not an EpisodecError: lowering turns its errors into diagnostics."""

    def __init__(self, flaws: Iterable[TrackError]) -> None:
        self.flaws = tuple(flaws)
        super().__init__("; ".join(f"{'.'.join(map(str, one.path))}: {one.sentence}" for one in self.flaws))


def refuse(path: tuple[str | int, ...], sentence: str, hint: str, kind: Kind = "value") -> BadTrack:
    """An error with one cause, to be raised."""
    return BadTrack([TrackError(path, sentence, hint, kind)])
