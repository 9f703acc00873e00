"""The lines of an episode's parts in its spec: sentences, camera segments, segments of time.

A manifest stores them with git's object name of the spec, so that a film can be traced to the lines of the spec that it
was built from. Knows nothing of commits.
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
"""The first and the last line, both included, counted from 1."""

TRACKS = ("camera", "time")
_TEXT = ("voice", "text")
_MARK = re.compile(r"\[[^\]\n]*\]")


@dataclass(frozen=True, slots=True)
class SpecSource:
    """The spec that an episode was lowered from."""

    blob: str  # Git's object name of its bytes (SHA-1), the same in every repository.
    lines: Mapping[str, tuple[Lines, ...]]  # Of `voice` by sentence; of `camera` and `time` by segment.

    def plain(self) -> dict[str, Canonical]:
        """The value stored in a manifest."""
        return {"blob": self.blob, "lines": {name: [list(one) for one in some] for name, some in self.lines.items()}}


def git_blob(content: bytes) -> str:
    """The object name of these bytes in a git repository with SHA-1 objects."""
    return sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def source_of(blob: str, document: Document, lowered: Lowered) -> SpecSource:
    """The lines of everything that was lowered."""
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
    sentences: list[list[str]] = []
    for action in lowered.actions:
        if action.stage == "voice":
            recorded, words = action.params.get("sentences"), action.params.get("words")
            if isinstance(recorded, list):
                sentences += [[str(word) for word in one] for one in recorded if isinstance(one, list)]
            elif isinstance(words, list):
                sentences.append([str(one[0]) for one in words if isinstance(one, list)])
    return sentences


def _spoken(document: Document, sentences: Sequence[Sequence[str]]) -> Iterator[Lines]:
    """The lines of each sentence, whose words are looked for in order; all lines of the text if it is not written as it
    is read (escapes).
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
