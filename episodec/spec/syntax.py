"""YAML syntax errors for authors: the place, the cause in words, and a hint."""

import re

from yaml.error import Mark, MarkedYAMLError

from episodec.spec.diagnostic import Diagnostic, Related, Span, diagnose

_COLON_IN_TEXT = re.compile(r"^[^'\"#]*?:\s+[^'\"#\[{|>].*:(\s|$)")
_NO_SPACE_AFTER_COLON = re.compile(r"^\s*(-\s+)?[\w.-]+:[^\s:/]")
_INDICATOR = re.compile(r"(^|:\s+|-\s+)[@`%]")

# Fragments of libyaml's messages, each with our words.
_WORDS = (
    ("mapping values are not allowed", "a second `:` in one line"),
    ("could not find expected ':'", "a line without a colon, where `field: value` is expected"),
    ("did not find expected key", "a line that is not indented like its neighbours, or a bracket that is not closed"),
    ("did not find expected '-' indicator", "a line that is not part of the list around it"),
    ("did not find expected ',' or ']'", "a list in brackets is not closed, or lacks a comma"),
    ("did not find expected ',' or '}'", "a mapping in braces is not closed, or lacks a comma"),
    ("unexpected end of stream", "a quote is not closed"),
    ("cannot start any token", "a character that cannot start a value"),
    ("did not find expected node content", "a value is expected here"),
    ("unknown escape character", "an unknown escape in double quotes"),
    ("invalid Unicode character escape code", "an escape that is not a character: half of a surrogate pair"),
    ("did not find expected hexdecimal number", "an escape that lacks hexadecimal digits"),
    ("indentation", "wrong indentation"),
    (
        "alphabetic or numeric character",
        "text that starts with `&` or `*` needs quotes",
    ),
)


def explain_syntax(error: MarkedYAMLError, path: str, lines: list[str]) -> Diagnostic:
    """The diagnostic of a syntax error, at the place where the parser stopped."""
    problem = str(error.problem or error.context or "the text is not YAML")
    message = next((ours for theirs, ours in _WORDS if theirs in problem), problem)
    mark = error.problem_mark or error.context_mark
    span = _place(mark, lines)
    related = []
    if error.context and error.context_mark and mark and error.context_mark.line != mark.line:
        related.append(Related(path, _place(error.context_mark, lines), "the value being read starts here"))
    return diagnose("Y006", message, path, span, hint=_advise(problem, span, lines), related=related)


def _place(mark: Mark | None, lines: list[str]) -> Span | None:
    if mark is None:
        return None
    line = min(mark.line, len(lines) - 1)
    while line > 0 and not lines[line].strip():  # The end of the file: the last line that is not blank.
        line -= 1
    column = mark.column if line == mark.line else len(lines[line])
    return Span(line + 1, column + 1, line + 1, column + 2)


def _advise(problem: str, span: Span | None, lines: list[str]) -> str | None:
    if span is None:
        return None
    near = [lines[number] for number in (span.line - 1, span.line - 2) if 0 <= number < len(lines)]
    if "escape" in problem:
        return "write `\\\\` for a backslash, or use single quotes"
    if any("\t" in line[: len(line) - len(line.lstrip())] or line.startswith("\t") for line in near):
        return "indent with spaces: YAML allows no tabs there"
    if _COLON_IN_TEXT.search(near[0]) or "mapping values" in problem:
        return "put quotes around text that contains `: `, or write it as a block after `|`"
    if any(_NO_SPACE_AFTER_COLON.search(line) for line in near):
        return "put a space after the colon"
    starts = _INDICATOR.search(near[0])
    return "put quotes around text that starts with `@`, `%` or a backtick" if starts else None
