"""What is wrong with a track, as values: which segment, which field of it, why."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

Kind = Literal["direction", "value", "file"]
"""`direction`: a camera that looks nowhere or straight up; `value`: a number out of its range; `file`: a path file."""


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing that is wrong, at its field."""

    path: tuple[str | int, ...]  # ("camera", 1, "keys", 0, "position"); within a segment, without its first two steps.
    sentence: str
    hint: str
    kind: Kind = "value"

    def within(self, *path: str | int) -> "Flaw":
        """The same, seen from further out."""
        return replace(self, path=(*path, *self.path))


class BadTrack(Exception):
    """A track that gives no frames. Not an EpisodecError: whoever lowers turns its flaws into diagnostics."""

    def __init__(self, flaws: Iterable[Flaw]) -> None:
        self.flaws = tuple(flaws)
        super().__init__("; ".join(f"{'.'.join(map(str, one.path))}: {one.sentence}" for one in self.flaws))


def refuse(path: tuple[str | int, ...], sentence: str, hint: str, kind: Kind = "value") -> BadTrack:
    """An error of one flaw, to be raised."""
    return BadTrack([Flaw(path, sentence, hint, kind)])
