"""Reasons, parts of keys and errors as text for the command line, without control characters."""

from collections.abc import Iterable

from episodec.engine.plan import Changed, Forced, Lost, NeverMade, NotApproved, Reason, Remade
from episodec.errors import EpisodecError
from episodec.text import escape, text_lines

PARTS_SHOWN = 3  # Changed parts that one reason names; `why` names them all.


def reason_text(reason: Reason, backend: str) -> str:
    """The reason why an action is made, as a phrase."""
    match reason:
        case NeverMade():
            return "never made"
        case Lost():
            return "its result is no longer in the cache"
        case Forced():
            return "forced (-B)"
        case Remade():
            return "another result requested (--remake)"
        case NotApproved(sentence=sentence):
            return escape(sentence)
        case Changed(parts=parts):
            return changed_text(parts, backend)


def changed_text(parts: Iterable[str], backend: str) -> str:
    """The changed parts of a key: `text changed`, `recording.wav changed`, `backend espeak's tool changed`."""
    words = [part_text(part, backend) for part in parts]
    listed = ", ".join(words[:PARTS_SHOWN])
    more = len(words) - PARTS_SHOWN
    return f"{listed} and {more} more changed" if more > 0 else f"{listed} changed"


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
            return "key version"
        case _:
            return escape(section)


def error_lines(error: BaseException) -> list[str]:
    """An error as escaped lines: a sentence, aligned facts, a hint."""
    if isinstance(error, EpisodecError):
        return text_lines(str(error))
    return text_lines(f"{type(error).__name__}: {error}")
