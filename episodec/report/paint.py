"""Colours of a terminal. Light on imports."""

from collections.abc import Callable

Paint = Callable[[str, str], str]
"""From a text and a style: an SGR parameter of ECMA-48, or several with `;` between them."""


def plain(text: str, _style: str) -> str:
    """No colours."""
    return text


def ansi(text: str, style: str) -> str:
    """The text in an SGR style of ECMA-48."""
    return f"\x1b[{style}m{text}\x1b[0m"
