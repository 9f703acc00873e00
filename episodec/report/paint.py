"""Terminal colours. Light on imports."""

from collections.abc import Callable

Paint = Callable[[str, str], str]
"""Colours a text in a style: one or more SGR parameters of ECMA-48, separated by `;`."""


def plain(text: str, _style: str) -> str:
    """The text without colours."""
    return text


def ansi(text: str, style: str) -> str:
    """The text in an SGR style of ECMA-48."""
    return f"\x1b[{style}m{text}\x1b[0m"
