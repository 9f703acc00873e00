"""Errors and warnings in an author's file, with their places: the values that checks return and `render` turns into
text.

Knows nothing of presentation; the table of codes is in `codes`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from episodec.spec.codes import CODES

MAX_SHOWN = 100  # Of one file.

Severity = Literal["error", "warning"]


class Span(NamedTuple):
    """A place in a text: lines and columns count from 1, columns in characters, the end is exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


class Related(NamedTuple):
    """Another place that the reader must see to understand a diagnostic."""

    path: str
    span: Span | None
    text: str


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One thing that the author should know, at its place."""

    code: str  # A key of `codes.CODES`.
    severity: Severity
    message: str  # One sentence without a full stop.
    path: str
    span: Span | None = None  # None: the file as a whole.
    help: str | None = None  # How to fix it.
    related: tuple[Related, ...] = ()


def diagnose(
    code: str,
    message: str,
    path: str,
    span: Span | None = None,
    *,
    hint: str | None = None,
    related: Iterable[Related] = (),
) -> Diagnostic:
    """A diagnostic of the severity that the table gives this code."""
    return Diagnostic(code, CODES[code].severity, message, path, span, hint, tuple(related))


def in_order(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Sorted by path, line, column and code, without duplicates; a file as a whole comes before its lines."""
    return sorted(dict.fromkeys(diagnostics), key=_place)


def bounded(diagnostics: Sequence[Diagnostic]) -> list[Diagnostic]:
    """The first diagnostics of one file, errors before warnings, and the number of the others."""
    if len(diagnostics) <= MAX_SHOWN:
        return list(diagnostics)
    ordered = sorted(in_order(diagnostics), key=lambda one: one.severity != "error")
    listed, first = ordered[:MAX_SHOWN], ordered[MAX_SHOWN]
    rest = len(ordered) - MAX_SHOWN
    return (
        [*listed, replace(first, message=f"{first.message}; and {rest - 1} more in this file")] if rest > 1 else ordered
    )


def has_errors(diagnostics: Iterable[Diagnostic]) -> bool:
    """Whether any of them rejects its file."""
    return any(one.severity == "error" for one in diagnostics)


def _place(diagnostic: Diagnostic) -> tuple[object, ...]:
    line, column = (diagnostic.span.line, diagnostic.span.column) if diagnostic.span else (0, 0)
    return diagnostic.path, line, column, diagnostic.code, diagnostic.message
