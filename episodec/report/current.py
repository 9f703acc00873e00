"""The answers for series that are all current, found by the no-op check or by a full one. Light on imports."""

from collections.abc import Sequence

from episodec.report.paint import Paint
from episodec.text import count_text, escape

FEW = 100  # Up to this many episodes, `status` also lists the current ones.
_GREEN = "32"


def all_current(episodes: int, noted: int = 0) -> str:
    """The answer of a build or plan with nothing to do. `cli` prints the same line without importing this module."""
    return f"{count_text(episodes, 'episode')}: all current{noted_text(noted)}"


def noted_text(noted: int) -> str:
    """How many episodes have notes, and the command that lists them; empty if none has."""
    return f" · {noted} with notes, see `episodec status`" if noted else ""


def status_of_current(specs: Sequence[str], paint: Paint, *, verbose: bool) -> list[str]:
    """The answer of `status` for episodes that are all current."""
    listed = specs if verbose or len(specs) <= FEW else ()
    lines = [f"{paint('current', _GREEN)}  {escape(spec)}" for spec in listed]
    return [*lines, f"{count_text(len(specs), 'episode')}: {len(specs)} current"]
