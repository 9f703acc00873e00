"""The first line of a viewer's page, which names its episode."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from html import unescape
from typing import TypeVar

from episodec.page.html import attribute

Viewer = TypeVar("Viewer")

HEAD_BYTES = 2048  # The first line is within as many.
_HEAD = re.compile(
    r'<!doctype html>\n<html lang="[^"]*" data-character="([^"/]+)" data-season="([^"]*)" data-number="(\d+)">'
)


@dataclass(frozen=True, slots=True)
class ViewerHead:
    """The episode that a viewer plays."""

    character: str
    season: str
    number: int

    @property
    def order(self) -> tuple[list[str | int], int]:
        """Grows with the age of the series: `d9` is before `d13`. Even places hold text, odd ones numbers."""
        parts = re.split(r"(\d+)", self.season)
        return [int(part) if place % 2 else part for place, part in enumerate(parts)], self.number


def viewer_head(start: bytes) -> ViewerHead | None:
    """The episode of a page that starts with these bytes; None if it is not a viewer."""
    match = _HEAD.match(start.decode("utf-8", "replace"))
    return None if match is None else ViewerHead(unescape(match[1]), unescape(match[2]), int(match[3]))


def newest_of(viewers: Iterable[tuple[ViewerHead, Viewer]]) -> dict[str, Viewer]:
    """The viewer of each character's newest episode, by the character's name."""
    newest: dict[str, tuple[ViewerHead, Viewer]] = {}
    for head, viewer in viewers:
        if head.character not in newest or newest[head.character][0].order < head.order:
            newest[head.character] = head, viewer
    return {character: viewer for character, (_, viewer) in newest.items()}


def head_line(language: str, head: ViewerHead) -> str:
    """The opening tag of the page."""
    values = {"lang": language, "data-character": head.character, "data-season": head.season}
    return f'<html{"".join(attribute(name, value) for name, value in values.items())} data-number="{head.number}">'
