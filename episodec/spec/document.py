"""A spec as plain values, with the place of each in its text."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from episodec.spec.diagnostic import Span

Path = tuple[str | int, ...]  # The way from the root to a value: ("camera", 0, "frames").


class Spans(Mapping[Path, Span]):
    """Places by path, computed on demand: a valid spec never needs them."""

    def __init__(self, lines: Callable[[], list[str]], marks: Mapping[Path, tuple[Any, Any]]) -> None:
        self._lines = lines
        self._marks = marks

    def __getitem__(self, path: Path) -> Span:
        start, end = self._marks[path]
        return trimmed(self._lines(), Span(start.line + 1, start.column + 1, end.line + 1, end.column + 1))

    def __iter__(self) -> Iterator[Path]:
        return iter(self._marks)

    def __len__(self) -> int:
        return len(self._marks)


@dataclass(frozen=True)
class Document:
    """A spec as plain values, with the place of each."""

    path: str
    text: str  # Without a byte-order mark.
    tree: Mapping[str, object]  # Text in NFC.
    value_marks: Mapping[Path, tuple[Any, Any]] = field(default_factory=dict, repr=False)
    key_marks: Mapping[Path, tuple[Any, Any]] = field(default_factory=dict, repr=False)
    unreadable: frozenset[Path] = frozenset()  # Values already reported as wrong: None in the tree.

    @cached_property
    def lines(self) -> list[str]:
        """The text's lines, without line ends."""
        return split_lines(self.text)

    @property
    def spans(self) -> Mapping[Path, Span]:
        """The place of each value."""
        return Spans(lambda: self.lines, self.value_marks)

    @property
    def key_spans(self) -> Mapping[Path, Span]:
        """The place of the key of each value in a mapping."""
        return Spans(lambda: self.lines, self.key_marks)

    def span(self, *path: str | int) -> Span | None:
        """The place of this value, or of the nearest value above it that is in the text."""
        return self._nearest(self.spans, path)

    def key_span(self, *path: str | int) -> Span | None:
        """The place of this value's key, or of the nearest key above it that is in the text."""
        return self._nearest(self.key_spans, path)

    def _nearest(self, spans: Mapping[Path, Span], path: Path) -> Span | None:
        for length in range(len(path), 0, -1):
            for places in (spans, self.spans):
                if path[:length] in places:
                    return places[path[:length]]
        return None


def split_lines(text: str) -> list[str]:
    """Lines as the reader counts them: ended by LF or CR LF and nothing else."""
    return [line.removesuffix("\r") for line in text.split("\n")]


def trimmed(lines: list[str], span: Span) -> Span:
    """The same place without the blank lines and comments that libyaml counts to the end of a block."""
    line, column = min(span.end_line, len(lines)), span.end_column
    while line > span.line and not lines[line - 1][: column - 1].split("#")[0].strip():
        line -= 1
        column = len(lines[line - 1]) + 1
    if line != span.end_line:
        column = len(lines[line - 1].rstrip()) + 1
    return Span(span.line, span.column, line, max(column, span.column + 1) if line == span.line else column)
