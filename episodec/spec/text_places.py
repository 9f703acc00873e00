"""The place in a spec of a part of one of its texts."""

import re
import unicodedata

from episodec.spec.diagnostic import Span
from episodec.spec.document import Document, Path


def place_in_text(document: Document, path: Path, text: str, start: int, end: int) -> Span | None:
    """The place in the spec of a range of this text, found by searching for its first line.

    The whole value where that line is not written literally: after an escape, or across the end of a folded line.
    """
    if path not in document.value_marks:
        return document.span(*path)
    begin, end_mark = document.value_marks[path]  # Not the span, which ends before lines that look like comments.
    piece = text[start:end].splitlines()[0]
    lines = document.lines[begin.line : end_mark.line + 1]
    lines[-1] = lines[-1][: end_mark.column]
    is_block = document.lines[begin.line][begin.column : begin.column + 1] in {"|", ">"}
    lines[0] = "" if is_block else " " * begin.column + lines[0][begin.column :]
    before = len(_all(text[: start + len(piece)], piece)) - 1
    match = [
        (row, column) for row, line in enumerate(lines) for column in _all(unicodedata.normalize("NFC", line), piece)
    ]
    if before >= len(match):
        return document.span(*path)
    row, column = match[before]
    line = begin.line + 1 + row
    return Span(line, column + 1, line, column + len(piece) + 1)


def _all(text: str, piece: str) -> list[int]:
    """The places of all occurrences that do not overlap."""
    return [match.start() for match in re.finditer(re.escape(piece), text)]
