"""A spec as plain values, and where each of them stands in its text."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from episodec.spec.diagnostic import Span

Path = tuple[str | int, ...]  # The way from the root to a value: ("camera", 0, "frames").


class Spans(Mapping[Path, Span]):
    """Places by path, worked out when asked for: a valid spec never asks."""

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
    """A spec as plain values, and where each of them stands."""

    path: str
    text: str  # Without a byte-order mark.
    tree: Mapping[str, object]  # Text in NFC.
    value_marks: Mapping[Path, tuple[Any, Any]] = field(default_factory=dict, repr=False)
    key_marks: Mapping[Path, tuple[Any, Any]] = field(default_factory=dict, repr=False)
    unreadable: frozenset[Path] = frozenset()  # Values that the reader has complained about: None stands for them.

    @cached_property
    def lines(self) -> list[str]:
        """The text's lines, without their ends."""
        return split_lines(self.text)

    @property
    def spans(self) -> Mapping[Path, Span]:
        """Where each value stands."""
        return Spans(lambda: self.lines, self.value_marks)

    @property
    def key_spans(self) -> Mapping[Path, Span]:
        """Where the key of each value in a mapping stands."""
        return Spans(lambda: self.lines, self.key_marks)

    def span(self, *path: str | int) -> Span | None:
        """Where this value stands, or the nearest value above it that the text has."""
        return self._nearest(self.spans, path)

    def key_span(self, *path: str | int) -> Span | None:
        """Where the key of this value stands, or the nearest above it that the text has."""
        return self._nearest(self.key_spans, path)

    def _nearest(self, spans: Mapping[Path, Span], path: Path) -> Span | None:
        for length in range(len(path), 0, -1):
            for places in (spans, self.spans):
                if path[:length] in places:
                    return places[path[:length]]
        return None


def split_lines(text: str) -> list[str]:
    """Lines as the reader counts them: ended by LF or CR LF and by nothing else."""
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
