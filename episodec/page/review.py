"""The review page: each changed episode before and after, on one clock, and where its frames differ."""

from collections.abc import Sequence

from episodec.ownfile import own_file
from episodec.page.html import element, text
from episodec.page.review_film import film, section
from episodec.page.reviewed import Page
from episodec.page.shell import asset, page_head
from episodec.page.sides import patch

_STYLE = own_file(__file__, "review.css")
_SHARED = own_file(__file__, "index.css")
_SCRIPT = own_file(__file__, "review.js")

_KEYS = (
    ("Space", "play or stop"),
    ("← →", "back or forward one frame; with Shift, ten"),
    ("j k", "the next or the previous change"),
    ("1 2 3 4", "side by side, wipe, toggle, difference"),
    ("t", "the other version"),
    ("s", "the other sound"),
)


def review_page(page: Page) -> bytes:
    """The page; it needs no files outside its folder."""
    script, style = f"\n{asset(_SCRIPT)}", f"\n{asset(_SHARED)}{asset(_STYLE)}"
    parts = [
        "<!doctype html>",
        '<html lang="en">',
        page_head(f"Review · {page.title}", style, script),
        "<body>",
        _top(page),
        '<main id="episodes">',
        *map(film, page.films),
        *([_shared(page.texts)] if page.texts else []),
        "</main>",
        f"<script>{script}</script>",
        "</body>",
        "</html>",
    ]
    return ("\n".join(parts) + "\n").encode()


def _top(page: Page) -> str:
    before, after = page.versions
    skip = element("a", "To the episodes", class_="skip", href="#episodes")
    versions = element("p", element("code", text(before)), " → ", element("code", text(after)), class_="versions")
    head = element("div", element("h1", text(page.title)), versions, element("p", text(page.summary), class_="count"))
    notices = "".join(element("p", text(one), class_="notice") for one in page.notices)
    links = [
        element("li", element("a", text(one.title), href=f"#{one.name}"), " ", element("small", text(one.how)))
        for one in page.films
    ]
    listed = element("nav", element("ul", *links), aria_label="Episodes") if len(links) > 1 else ""
    keys = "".join(element("div", element("dt", text(key)), element("dd", text(does))) for key, does in _KEYS)
    help_ = element("details", element("summary", "Keys"), element("dl", keys), class_="keys")
    return f"{skip}\n{element('header', head, help_, class_='top')}\n{notices}{listed}"


def _shared(texts: Sequence[tuple[str, str, str]]) -> str:
    parts = [section(path, patch(before, after)) for path, before, after in texts]
    return element("article", element("h2", "What episodes share"), *parts, class_="reviewed shared", id="shared")
