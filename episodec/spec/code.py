"""A diagnostic's code: its name, its title and its explanation. The tables of codes are made of these."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class DiagnosticCode:
    """The meaning of one code."""

    code: str
    name: str
    title: str  # One line.
    explanation: str  # One paragraph, for `episodec explain` and the documentation.
    severity: Literal["error", "warning"] = "error"
    is_allowable: bool = False  # Whether an episode's `allow` can silence it. Invariant: every warning's can.


def error(code: str, name: str, title: str, explanation: str) -> DiagnosticCode:
    """The code of an error."""
    return DiagnosticCode(code, name, title, explanation)


def warning(code: str, name: str, title: str, explanation: str) -> DiagnosticCode:
    """The code of a warning, which an episode may allow."""
    return DiagnosticCode(code, name, title, explanation, severity="warning", is_allowable=True)
