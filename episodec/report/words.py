"""The words of the command line: reasons, verdicts, times and sizes. Values in, text without control characters out."""

import re
import unicodedata
from collections.abc import Iterable, Mapping

from episodec.engine.plan import Changed, Forced, Lost, NeverMade, Reason
from episodec.errors import EpisodecError
from episodec.project.authoring import escape

_SGR = re.compile(r"\x1b\[[0-9;]*m")

PARTS_SHOWN = 3  # Changed parts that one reason names; `why` names them all.


def seconds_text(seconds: float) -> str:
    """A duration as people read it: `0.4 s`, `12 s`, `3 min 20 s`, `2 h 05 min`."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02} min"


def size_text(size: int) -> str:
    """Bytes in decimal units, as disks are sold."""
    amount = float(size)
    for unit in ("B", "kB", "MB", "GB"):
        if amount < 1000:
            return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.1f} TB"


def count_text(number: int, word: str) -> str:
    """`1 episode`, `2 episodes`."""
    return f"{number} {word}{'' if number == 1 else 's'}"


def reason_text(reason: Reason, backend: str) -> str:
    """Why an action is made, in the user's words."""
    match reason:
        case NeverMade():
            return "never made"
        case Lost():
            return "its result is no longer in the cache"
        case Forced():
            return "asked to (-B)"
        case Changed(parts=parts):
            return changed_text(parts, backend)


def changed_text(parts: Iterable[str], backend: str) -> str:
    """The parts of a key that differ: `text changed`, `recording.wav changed`, `backend espeak's tool changed`."""
    words = [part_text(part, backend) for part in parts]
    shown = ", ".join(words[:PARTS_SHOWN])
    more = len(words) - PARTS_SHOWN
    return f"{shown} and {more} more changed" if more > 0 else f"{shown} changed"


def part_text(part: str, backend: str) -> str:
    """One part of a key: `params.text` is the text, `fingerprint.tool` is the backend's tool."""
    section, _, name = part.partition(".")
    match section:
        case "params" | "inputs" if name:
            return escape(name)
        case "fingerprint" if name:
            return f"backend {escape(backend)}'s {escape(name)}"
        case "fingerprint":
            return f"backend {escape(backend)}"
        case "version":
            return "the version of keys"
        case _:
            return escape(section)


def error_lines(error: BaseException) -> list[str]:
    """An error as escaped lines: a sentence, aligned facts, a hint."""
    if isinstance(error, EpisodecError):
        return text_lines(str(error))
    return text_lines(f"{type(error).__name__}: {error}")


def text_lines(text: str) -> list[str]:
    """Foreign text as lines that cannot drive a terminal."""
    return [escape(line).rstrip() for line in text.splitlines()]


def table(rows: Iterable[Iterable[str]], indent: str = "") -> list[str]:
    """Rows of cells aligned in columns, two spaces apart; the last column is as wide as it is."""
    kept = [list(row) for row in rows]
    widths: list[int] = []
    for row in kept:
        for place, cell in enumerate(row[:-1]):
            if place == len(widths):
                widths.append(0)
            widths[place] = max(widths[place], cells(cell))
    return [
        (indent + "  ".join([*(pad(cell, widths[at]) for at, cell in enumerate(row[:-1])), row[-1]])).rstrip()
        for row in kept
    ]


def pad(text: str, width: int) -> str:
    """The text with spaces up to this many cells of a terminal."""
    return text + " " * (width - cells(text))


def cells(text: str) -> int:
    """How many cells of a terminal the text takes, colours aside."""
    text = _SGR.sub("", text)
    if text.isascii():
        return len(text)
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def facts_lines(facts: Mapping[str, str], indent: str = "  ") -> list[str]:
    """Names and values, aligned; those without a value are left out."""
    return table(([name, escape(value)] for name, value in facts.items() if value), indent)
