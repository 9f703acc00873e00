"""Two texts as HTML: side by side, or line by line like `diff -u`. Every text goes through `html.text`."""

import re
from collections.abc import Iterator
from difflib import SequenceMatcher, unified_diff

from episodec.page.html import element, text

CONTEXT = 3  # Lines around a change.
_WORDS = re.compile(r"\s+|\S+")
_CLASSES = {"+": "added", "-": "removed", "@": "place"}


def word_sides(before: str, after: str) -> tuple[str, str]:
    """Both texts, with words marked that only one of them has."""
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    gone, come = list[str](), list[str]()
    for tag, start, end, new_start, new_end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        sides = text("".join(old[start:end])), text("".join(new[new_start:new_end]))
        gone.append(sides[0] if tag == "equal" or not sides[0] else element("del", sides[0]))
        come.append(sides[1] if tag == "equal" or not sides[1] else element("ins", sides[1]))
    return "".join(gone), "".join(come)


def patch(before: str, after: str) -> str:
    """The lines that differ, with some context."""
    return element("pre", *_lines(before, after), class_="patch")


def _lines(before: str, after: str) -> Iterator[str]:
    lines = unified_diff(before.splitlines(), after.splitlines(), n=CONTEXT, lineterm="")
    for line in list(lines)[2:]:  # Its first two lines name files.
        yield element("span", text(line), "\n", class_=_CLASSES.get(line[:1]))
