"""A spec's text as its author laid it out: entries in order, the style of values, comments with their owners.

Knows nothing of the language. ruamel.yaml keeps comments too, but attaches each to the value before it: after sorting
keys, the comment above a key would be above another one.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from yaml.events import MappingEndEvent, MappingStartEvent, ScalarEvent, SequenceEndEvent

_GAP = re.compile(r"#[^\n]*|\n[ \t]*(?=\n)")  # In a gap between tokens: a comment, or the start of a blank line.

BLANK = ""  # Among comments: a blank line.


@dataclass(slots=True)
class Scalar:
    """A value, and how it was written."""

    value: str  # In NFC.
    source: str
    is_plain: bool
    style: str | None  # | > ' " or None.


@dataclass(slots=True)
class LayoutEntry:
    """One entry of a mapping or a list, with the comments that belong to it."""

    key: Scalar | None  # None in a list.
    lead: list[str]  # Comments above it; BLANK for blank lines.
    value: "Scalar | Collection | None" = None  # None only while reading.
    trail: str | None = None  # The comment after it on its line.


@dataclass(slots=True)
class Collection:
    """A mapping or a list."""

    is_mapping: bool
    is_flow: bool
    column: int
    entries: list[LayoutEntry] = field(default_factory=list)
    tail: list[str] = field(default_factory=list)  # Comments after the last entry.

    def comments(self) -> Iterator[str]:
        """All comments inside, in order."""
        for entry in self.entries:
            yield from filter(None, entry.lead)
            if entry.trail and not isinstance(entry.value, Collection):
                yield entry.trail
            if isinstance(entry.value, Collection):
                yield from filter(None, [entry.trail])
                yield from entry.value.comments()
        yield from filter(None, self.tail)


def lay_out(text: str) -> Collection:
    """The layout of a text that `reader.read` accepted, with LF line ends."""
    from yaml.cyaml import CParser  # type: ignore[attr-defined]  # Its stubs do not name it.

    return _LayoutReader(text, CParser(text.encode()).get_event).read()


class _LayoutReader:
    """The state of one pass over the events."""

    def __init__(self, text: str, get_event: Any) -> None:
        self.text = text
        self.next = get_event
        self.position = 0  # Gaps up to here were searched for comments.
        self.pending: list[tuple[int, str]] = []  # Columns and comments that belong to no entry yet.
        self.owners: dict[int, LayoutEntry] = {}  # The last entry on each line, by the index where the line starts.

    def read(self) -> Collection:
        self.next()
        self.next()
        root = self._collection(self.next(), None)
        self._advance(len(self.text))
        while self.pending:
            first = next((index for index, one in enumerate(self.pending) if one[1]), None)
            if first is None:
                break
            _last_at(root, self.pending[first][0]).tail += [comment for _, comment in self.pending[: first + 1]]
            self.pending = self.pending[first + 1 :]
        return root

    def _collection(self, start: Any, parent: LayoutEntry | None) -> Collection:
        column = start.start_mark.column
        collection = Collection(type(start) is MappingStartEvent, bool(start.flow_style), column)
        if collection.is_flow:
            self._advance(start.start_mark.index)
            self.position = start.end_mark.index
        while type(event := self.next()) not in {MappingEndEvent, SequenceEndEvent}:
            self._advance(event.start_mark.index)
            entry = LayoutEntry(None, self._lead(collection))
            self._own(event.start_mark.index, entry)
            if collection.is_mapping:
                entry.key = self._scalar(event)
                event = self.next()
                self._advance(event.start_mark.index)
                if type(event) is ScalarEvent or event.flow_style:  # A block starts on its own line.
                    self._own(event.start_mark.index, entry)
            entry.value = self._value(event, entry)
            collection.entries.append(entry)
        if collection.is_flow:
            self._end_flow(event, collection, parent)
        return collection

    def _end_flow(self, event: Any, collection: Collection, parent: LayoutEntry | None) -> None:
        self._advance(event.start_mark.index)
        collection.tail = [comment for _, comment in self.pending if comment]
        self.pending = []
        self.position = event.end_mark.index
        if parent is not None:
            self._own(event.start_mark.index, parent)

    def _value(self, event: Any, entry: LayoutEntry) -> Scalar | Collection:
        if type(event) is not ScalarEvent:
            return self._collection(event, entry)
        scalar = self._scalar(event)
        self._own(self.position, entry)
        if scalar.style in {"|", ">"} and "#" in (header := scalar.source.partition("\n")[0]):
            entry.trail = header[header.index("#") :].rstrip()
        return scalar

    def _scalar(self, event: Any) -> Scalar:
        start, end = event.start_mark.index, event.end_mark.index
        source = self.text[start:end]
        if event.style in {"|", ">"} and "+" not in source.partition("\n")[0].partition("#")[0]:
            end = start + len(source.rstrip())  # Blank lines after the block do not belong to it.
        self.position = max(self.position, end)
        value = unicodedata.normalize("NFC", event.value)
        return Scalar(value, source, bool(event.implicit[0]), None if event.implicit[0] else event.style)

    def _line(self, index: int) -> int:
        return self.text.rfind("\n", 0, index) + 1

    def _own(self, index: int, entry: LayoutEntry) -> None:
        self.owners[self._line(index)] = entry

    def _advance(self, end: int) -> None:
        """Give the comments between two tokens to their owners, or keep them for the next entry."""
        for gap in _GAP.finditer(self.text, self.position, end):
            comment = gap[0].rstrip() if gap[0].startswith("#") else BLANK
            line = self._line(gap.start())
            before = self.text[line : gap.start()]
            owner = self.owners.get(line) if comment and before.strip() else None
            if owner is not None and owner.trail is None:
                owner.trail = comment
            elif comment or not self.pending or self.pending[-1][1]:
                self.pending.append((gap.start() - line, comment))
        self.position = max(self.position, end)

    def _lead(self, collection: Collection) -> list[str]:
        """The comments above the next entry; those indented deeper stay with the entry before."""
        pending, self.pending = self.pending, []
        if collection.is_flow:
            return [comment for _, comment in pending if comment]
        while pending and collection.entries:
            column, comment = next((one for one in pending if one[1]), (0, BLANK))
            owner = _last_at(collection, column)
            if column <= collection.column or owner is collection:
                break
            first = pending.index((column, comment))
            owner.tail += [comment for _, comment in pending[: first + 1]]
            pending = pending[first + 1 :]
        return [comment for _, comment in pending]


def _last_at(root: Collection, column: int) -> Collection:
    """The deepest open block collection to which a comment at this column can belong."""
    innermost = root
    while innermost.entries:
        value = innermost.entries[-1].value
        if not isinstance(value, Collection) or value.is_flow or value.column > column:
            break
        innermost = value
    return innermost
