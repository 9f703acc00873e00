"""Text that stays text in Markdown: it becomes neither markup nor HTML (CommonMark 0.31.2), and neither a link nor a
mention (GitHub Flavored Markdown 0.29, 6.9, and GitHub's own additions).
"""

import re

_MARKUP = re.compile(r"[\\`*\[\]|~$]")
# An underscore within a word is plain text, and file names read better without a backslash.
_UNDERSCORE = re.compile(r"(?<![^\W_])_|_(?![^\W_])")
# The starts of headings, lists, rules and heading underlines.
_START = re.compile(r"^(?:([#+=-])|(\d{1,9})([.)]))")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
# Text that becomes a link or a mention without any markup. Escapes do not prevent it, since links are looked for in the
# rendered text; an invisible character does.
_LINKED = re.compile(r"(?:https?|ftp|mailto|xmpp):|www(?=\.)|@|#(?=\d)|\bGH-(?=\d)", re.IGNORECASE)
_JOINER = "\u2060"
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


def inline(text: str) -> str:
    """One line of text, for use in a paragraph, a heading or a table cell."""
    line = " ".join(_CONTROLS.sub(" ", text).split())
    inert = _LINKED.sub(lambda found: found[0] + _JOINER, line)
    marked = _UNDERSCORE.sub(r"\\_", _MARKUP.sub(r"\\\g<0>", inert))
    escaped = "".join(_ENTITIES.get(letter, letter) for letter in marked)
    return _START.sub(lambda found: f"\\{found[1]}" if found[1] else f"{found[2]}\\{found[3]}", escaped)


def paragraphs(text: str) -> str:
    """Text of several paragraphs, with empty lines between them."""
    return "\n\n".join(inline(part) for part in re.split(r"\n\s*\n", text) if part.strip())


def table(head: tuple[str, str], rows: list[tuple[str, str]]) -> str:
    """A table of two columns (GitHub Flavored Markdown)."""
    lines = [head, ("---", "---"), *((inline(name), inline(value)) for name, value in rows)]
    return "\n".join(f"| {name} | {value} |" for name, value in lines)
