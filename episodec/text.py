"""Text for people: safe on a terminal, aligned in its cells, with readable numbers and sizes."""

import re
import unicodedata
from collections.abc import Iterable, Mapping

TAB = "    "

_SGR = re.compile(r"\x1b\[[0-9;]*m")


def escape(text: str) -> str:
    r"""The text with anything that could drive a terminal or reorder a line made visible: `\x1b`, `\u202e`."""
    return "".join(map(_escape_character, text))


def cells(text: str) -> int:
    """The number of terminal cells that the text takes, ignoring colours: wide characters two, combining ones none."""
    text = _SGR.sub("", text)
    if text.isascii():
        return len(text)
    return sum(_cells(character) for character in text)


def _cells(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _escape_character(character: str) -> str:
    if character == "\t":
        return TAB
    if character.isprintable() or unicodedata.category(character) == "Zs":
        return character
    code = ord(character)
    if character == "\u200d":  # A zero-width joiner holds emoji and Indic letters together.
        return character
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def seconds_text(seconds: float) -> str:
    """A duration for people: `0.4 s`, `12 s`, `3 min 20 s`, `2 h 05 min`."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02} min"


def size_text(size: int) -> str:
    """A number of bytes in decimal units, as disks are sold."""
    amount = float(size)
    for unit in ("B", "kB", "MB", "GB"):
        number = f"{amount:.0f}" if unit == "B" else f"{amount:.1f}"
        if float(number) < 1000:
            return f"{number} {unit}"
        amount /= 1000
    return f"{amount:.1f} TB"


def count_text(number: int, word: str) -> str:
    """`1 episode`, `2 episodes`."""
    return f"{number} {word}{'' if number == 1 else 's'}"


def text_lines(text: str) -> list[str]:
    """Foreign text as lines that cannot drive a terminal."""
    return [escape(line).rstrip() for line in text.splitlines()]


def table(rows: Iterable[Iterable[str]], indent: str = "") -> list[str]:
    """Rows of cells aligned in columns, two spaces apart; the last column is not padded."""
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
    """The text padded with spaces to this many terminal cells."""
    return text + " " * (width - cells(text))


def facts_lines(facts: Mapping[str, str], indent: str = "  ") -> list[str]:
    """Names and values, aligned; names without a value are left out."""
    return table(([name, escape(value)] for name, value in facts.items() if value), indent)
