"""Small pieces of HTML in which text stays text: every value goes through `text` or `attribute`."""

import html
import re
from collections.abc import Iterable

# Characters that HTML must not contain, and those that reorder the words around them.
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufffe\uffff]")


def text(value: object) -> str:
    """Text escaped for use between tags or in a quoted attribute."""
    return html.escape(_CONTROLS.sub("\ufffd", str(value)), quote=True)


def attribute(name: str, value: object | None) -> str:
    """` name="value"`; nothing for None."""
    return "" if value is None else f' {name}="{text(value)}"'


def element(tag: str, *inner: str, **attributes: object | None) -> str:
    """An element around HTML. In attribute names, a trailing underscore is dropped and other underscores
    become hyphens.
    """
    attribute_text = "".join(attribute(name.rstrip("_").replace("_", "-"), value) for name, value in attributes.items())
    return f"<{tag}{attribute_text}>{''.join(inner)}</{tag}>"


def single(tag: str, **attributes: object | None) -> str:
    """An element without content or end tag."""
    return element(tag, **attributes).removesuffix(f"</{tag}>")


def link(path: str, *inner: str, **attributes: object | None) -> str:
    """A link."""
    return element("a", *inner, href=path, **attributes)


def rows(body: Iterable[tuple[str, str]]) -> str:
    """A table of texts, each with its name in front."""
    cells = ((element("th", text(name), scope="row"), element("td", text(value))) for name, value in body)
    return element("table", *(element("tr", *pair) for pair in cells))
