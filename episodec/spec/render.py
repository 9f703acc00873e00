"""Diagnostics as text: for people (in the manner of rustc and ruff), for programs and for GitHub's annotations.

Knows nothing of terminals: the caller decides whether to colour. Text of a spec is shown with its control characters
escaped, so that a hostile file cannot drive the terminal.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Literal

from episodec.spec.diagnostic import Diagnostic, Related, Span, in_order
from episodec.text import cells, escape

OutputFormat = Literal["full", "concise", "json", "github"]

MAX_WIDTH = 160  # Cells of a source line that are shown.

_BOLD, _RED, _YELLOW, _BLUE, _CYAN = "1", "1;31", "1;33", "1;34", "1;36"
_COLOUR = {"error": _RED, "warning": _YELLOW}

Paint = Callable[[str, str], str]


def render(
    diagnostics: Iterable[Diagnostic],
    sources: Mapping[str, str],
    output_format: OutputFormat = "full",
    *,
    color: bool = False,
) -> str:
    """All diagnostics in order of their places; an empty text when there are none (an empty list as JSON).

    `sources` holds the texts by path: a place in a missing text is shown without its line.
    """
    ordered = in_order(diagnostics)
    match output_format:
        case "full":
            paint = _paint if color else _plain
            lines = {
                path: text.split("\n") for path, text in sources.items() if any(path in _paths(d) for d in ordered)
            }
            return "\n".join(_full(one, lines, paint) for one in ordered)
        case "concise":
            paint = _paint if color else _plain
            return "".join(_concise(one, paint) for one in ordered)
        case "json":
            return _escape_json(json.dumps([to_json(one) for one in ordered], ensure_ascii=False, indent=2)) + "\n"
        case "github":
            return "".join(map(_github, ordered))


def summarize(diagnostics: Sequence[Diagnostic], files: int) -> str:
    """One line: Found 3 errors and 1 warning in 2 files."""
    errors = sum(one.severity == "error" for one in diagnostics)
    warnings = len(diagnostics) - errors
    counts = [_count(number, word) for number, word in ((errors, "error"), (warnings, "warning")) if number]
    if not counts:
        return f"{_count(files, 'file')} checked: no errors."
    return f"Found {' and '.join(counts)} in {_count(len({one.path for one in diagnostics}), 'file')}."


def to_json(diagnostic: Diagnostic) -> dict[str, object]:
    """A diagnostic as plain data: an element of `--output-format json`."""
    return {
        "code": diagnostic.code,
        "severity": diagnostic.severity,
        "message": diagnostic.message,
        "path": diagnostic.path,
        "span": _span_to_json(diagnostic.span),
        "help": diagnostic.help,
        "related": [{"path": r.path, "span": _span_to_json(r.span), "text": r.text} for r in diagnostic.related],
    }


def _escape_json(text: str) -> str:
    """The JSON with unpaired surrogates and anything that could drive a terminal as equivalent JSON escapes."""
    characters = (one if one.isprintable() or one in "\n\u200d" else json.dumps(one)[1:-1] for one in text)
    return text if text.isascii() and "\x7f" not in text else "".join(characters)


def _paths(diagnostic: Diagnostic) -> set[str]:
    return {diagnostic.path, *(related.path for related in diagnostic.related)}


def _plain(text: str, _style: str) -> str:
    return text


def _paint(text: str, style: str) -> str:
    return f"\x1b[{style}m{text}\x1b[0m"


def _place(path: str, span: Span | None) -> str:
    return escape(path) + (f":{span.line}:{span.column}" if span else "")


def _full(diagnostic: Diagnostic, sources: Mapping[str, Sequence[str]], paint: Paint) -> str:
    colour = _COLOUR[diagnostic.severity]
    head = paint(f"{diagnostic.severity}[{diagnostic.code}]", colour) + paint(f": {escape(diagnostic.message)}", _BOLD)
    spans = [diagnostic.span, *(related.span for related in diagnostic.related)]
    gutter = max([len(str(span.line)) for span in spans if span], default=1)
    excerpt = _Excerpt(sources, gutter, paint)
    lines = [head, *excerpt.show("-->", diagnostic.path, diagnostic.span, "^", colour)]
    for related in diagnostic.related:
        lines += excerpt.show_related(related)
    if diagnostic.help:
        lines.append(f"{' ' * gutter} {paint('=', _BLUE)} {paint('help', _CYAN)}: {escape(diagnostic.help)}")
    return "\n".join(lines) + "\n"


class _Excerpt:
    """Lines of the sources, with a gutter of one width."""

    def __init__(self, sources: Mapping[str, Sequence[str]], gutter: int, paint: Paint) -> None:
        self.sources = sources
        self.gutter = gutter
        self.paint = paint

    def show(self, arrow: str, path: str, span: Span | None, mark: str, colour: str, label: str = "") -> list[str]:
        """The place, its first line and the underline."""
        pad = " " * self.gutter
        lines = [f"{pad}{self.paint(arrow, _BLUE)} {_place(path, span)}"]
        source = self.sources.get(path)
        if span is None or source is None or not 0 < span.line <= len(source):
            return lines if not label else [*lines, f"{pad} {self.paint('=', _BLUE)} note: {label}"]
        text, skip, length = _window(source[span.line - 1].removesuffix("\r"), span)
        bar = self.paint("|", _BLUE)
        number = self.paint(f"{span.line:>{self.gutter}}", _BLUE)
        underline = " " * skip + self.paint(mark * length + (f" {label}" if label else ""), colour)
        return [*lines, f"{pad} {bar}", f"{number} {bar} {text}".rstrip(), f"{pad} {bar} {underline}"]

    def show_related(self, related: Related) -> list[str]:
        """A related place, with its label."""
        return self.show(":::", related.path, related.span, "-", _BLUE, escape(related.text))


def _window(line: str, span: Span) -> tuple[str, int, int]:
    """The visible part of a line, the cells before the underline, and the width of the underline."""
    start = min(span.column - 1, len(line))
    end = min(span.end_column - 1, len(line)) if span.end_line == span.line else len(line.rstrip())
    first = max(0, start - MAX_WIDTH)  # A line may have a million characters: only those near the place are processed.
    if first or cells(escape(line[:start])) > MAX_WIDTH // 2:
        first = max(0, start - MAX_WIDTH // 4)
    before, marked = escape(line[first:start]), escape(line[start : min(end, start + MAX_WIDTH)])
    after = escape(line[end : end + MAX_WIDTH])
    before = ("…" if first else "") + before
    excerpt = before + marked + after
    if cells(excerpt) > MAX_WIDTH:
        excerpt = excerpt[:MAX_WIDTH] + "…"
    width = min(cells(marked), max(1, MAX_WIDTH - cells(before)))
    return excerpt, cells(before), max(1, width)


def _concise(diagnostic: Diagnostic, paint: Paint) -> str:
    hint = f" ({escape(diagnostic.help)})" if diagnostic.help else ""
    code = paint(f"{diagnostic.severity}[{diagnostic.code}]", _COLOUR[diagnostic.severity])
    return f"{_place(diagnostic.path, diagnostic.span)}: {code} {escape(diagnostic.message)}{hint}\n"


def _github(diagnostic: Diagnostic) -> str:
    """A workflow command: github.com/actions/toolkit, packages/core/src/command.ts."""
    properties = {"file": escape(diagnostic.path), "title": f"{diagnostic.code}: {diagnostic.severity}"}
    if diagnostic.span:
        properties |= {
            "line": str(diagnostic.span.line),
            "endLine": str(diagnostic.span.end_line),
            "col": str(diagnostic.span.column),
        }
        if diagnostic.span.line == diagnostic.span.end_line:
            properties["endColumn"] = str(diagnostic.span.end_column)
    listed = ",".join(f"{name}={_github_property(value)}" for name, value in properties.items())
    text = diagnostic.message + (f"\nhelp: {diagnostic.help}" if diagnostic.help else "")
    escaped = "\n".join(map(escape, text.split("\n")))
    return f"::{diagnostic.severity} {listed}::{_github_text(escaped)}\n"


def _github_text(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _github_property(text: str) -> str:
    return _github_text(text).replace(":", "%3A").replace(",", "%2C")


def _span_to_json(span: Span | None) -> dict[str, int] | None:
    return span._asdict() if span else None


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"
