"""Episode names from a series' naming template: a few names in braces, and never Python's own format language.

`str.format` would let a hostile template walk the attributes of its arguments (`{number.__class__}`).
"""

import re

PLACEHOLDERS = ("character", "season", "number")
MAX_LENGTH = 100
DIST_FOLDERS = frozenset(
    {"audio", "captions", "check", "checks", "manifest", "page", "pages", "picture", "pictures", "plan", "post"}
    | {"scene", "static", "video"}
)
"""Folders of deliverables in dist/: those of the default profile are beside the folders of the other profiles."""

DIST_PAGE = "index.html"
"""The default profile's index page, beside them."""

_PLACEHOLDER = re.compile(r"\{(character|season|number)(?::(0?[1-9]))?\}")
_SAFE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
_RESERVED = re.compile(r"(?i:con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?")


def expand(template: str, *, character: str, season: str, number: int) -> str:
    """The template with its placeholders filled in: `{number:03}` is `072`.

    Raises:
        ValueError: a brace that belongs to no placeholder, or a width on anything but the number.
    """
    values = {"character": character, "season": season, "number": number}

    def fill(match: re.Match[str]) -> str:
        name, width = match[1], match[2]
        if width and name != "number":
            raise ValueError(f"`{match[0]}`: only `number` may have a width")
        return format(values[name], width or "")

    rest = _PLACEHOLDER.sub("", template)
    if "{" in rest or "}" in rest:
        wrong = re.search(r"\{[^{}]*\}?|\}", rest)
        raise ValueError(f"`{wrong[0] if wrong else rest}` is not a placeholder")
    return _PLACEHOLDER.sub(fill, template)


def uses(template: str, placeholder: str) -> bool:
    """Whether the template uses this placeholder."""
    return any(found[1] == placeholder for found in _PLACEHOLDER.finditer(template))


def complain(name: str) -> str | None:
    """Why a name is not a safe file name on every system; None when it is one."""
    if not name:
        return "it is empty"
    if len(name) > MAX_LENGTH:
        return f"it has {len(name)} characters, at most {MAX_LENGTH} are allowed"
    if name[0] in ".-":
        return f"it starts with `{name[0]}`"
    if not _SAFE.fullmatch(name):
        wrong = next(character for character in name if not _SAFE.fullmatch(f"_{character}"))
        return f"it holds {wrong!r}; letters a to z, digits, dot, underscore and hyphen are safe"
    if name.endswith("."):
        return "it ends with a dot"
    return "it is reserved on Windows" if _RESERVED.fullmatch(name) else None
