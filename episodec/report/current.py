"""The answers where all is current, seen at once or after a look at everything. Light on imports."""

from collections.abc import Sequence

from episodec.report.paint import Paint
from episodec.text import count_text, escape

FEW = 100  # Up to so many episodes, `status` also lists those that are current.
_GREEN = "32"


def all_current(episodes: int, noted: int = 0) -> str:
    """What a build or a plan says with nothing to do; `cli` says the same of a build without this module."""
    return f"{count_text(episodes, 'episode')}: all current{noted_text(noted)}"


def noted_text(noted: int) -> str:
    """How many episodes have notes, and who lists them; nothing where none has."""
    return f" · {noted} with notes, see `episodec status`" if noted else ""


def status_of_current(specs: Sequence[str], paint: Paint, *, verbose: bool) -> list[str]:
    """What `status` says of these episodes, all of them current."""
    shown = specs if verbose or len(specs) <= FEW else ()
    lines = [f"{paint('current', _GREEN)}  {escape(spec)}" for spec in shown]
    return [*lines, f"{count_text(len(specs), 'episode')}: {len(specs)} current"]
