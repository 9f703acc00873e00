"""Where the parts of an episode stand in its spec: which lines say a sentence, a camera segment, a segment of time.

A manifest keeps this with the name that git has for the spec's bytes, so that a film can be traced to lines of the
spec that it was built from. Knows nothing of commits.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha1

from episodec.digest import Canonical
from episodec.spec.document import Document
from episodec.stages import Lowered

Lines = tuple[int, int]
"""The first and the last line, counted from 1."""

TRACKS = ("camera", "time")
_TEXT = ("voice", "text")
_MARK = re.compile(r"\[[^\]\n]*\]")


@dataclass(frozen=True, slots=True)
class SpecSource:
    """The spec that an episode was lowered from."""

    blob: str  # The name that git has for its bytes (SHA-1), in whatever repository.
    lines: Mapping[str, tuple[Lines, ...]]  # Of `voice` by sentence; of `camera` and `time` by segment.

    def plain(self) -> dict[str, Canonical]:
        """As a manifest has it."""
        return {"blob": self.blob, "lines": {name: [list(one) for one in some] for name, some in self.lines.items()}}


def git_blob(content: bytes) -> str:
    """The name of these bytes in a git repository of SHA-1 objects."""
    return sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def source_of(blob: str, document: Document, lowered: Lowered) -> SpecSource:
    """Where what was lowered stands."""
    lines = {name: tuple(_segments(document, name)) for name in TRACKS if isinstance(document.tree.get(name), list)}
    sentences = sentences_of(lowered)
    if sentences and _TEXT in document.value_marks:
        lines = {"voice": tuple(_spoken(document, sentences)), **lines}
    return SpecSource(blob, lines)


def _segments(document: Document, name: str) -> Iterator[Lines]:
    track = document.tree[name]
    assert isinstance(track, list)
    for index in range(len(track)):
        span = document.span(name, index)
        if span is not None:
            yield span.line, span.end_line


def sentences_of(lowered: Lowered) -> list[list[str]]:
    """The written words of each sentence."""
    found: list[list[str]] = []
    for action in lowered.actions:
        if action.stage == "voice":
            recorded, said = action.params.get("sentences"), action.params.get("words")
            if isinstance(recorded, list):
                found += [[str(word) for word in one] for one in recorded if isinstance(one, list)]
            elif isinstance(said, list):
                found.append([str(one[0]) for one in said if isinstance(one, list)])
    return found


def _spoken(document: Document, sentences: Sequence[Sequence[str]]) -> Iterator[Lines]:
    """The lines of each sentence, its words looked for one after the other; of a text that is not written as it is read
    (escapes), the lines of all of it.
    """
    begin, end = document.value_marks[_TEXT]
    last = end.line if end.column == 0 else end.line + 1
    rows = document.lines[begin.line : last]
    rows = [" " * begin.column + rows[0][begin.column :], *rows[1:]]
    text = _MARK.sub(lambda match: " " * len(match[0]), unicodedata.normalize("NFC", "\n".join(rows)))
    whole, cursor = (begin.line + 1, begin.line + len(rows)), 0
    for words in sentences:
        places = []
        for word in words:
            place = text.find(word, cursor) if cursor >= 0 else -1
            places.append(place)
            cursor = place + len(word) if place >= 0 else -1
        if not places or places[-1] < 0:
            yield whole
        else:
            first, behind = text.count("\n", 0, places[0]), text.count("\n", 0, places[-1])
            yield begin.line + 1 + first, begin.line + 1 + behind
