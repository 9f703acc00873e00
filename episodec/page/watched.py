"""The page beside `build --watch --serve`: the state of the build, errors in specs, and the newest film.

Its script receives the state as JSON from the address `events` beside it, and puts texts in as text.
"""

from episodec.ownfile import own_file
from episodec.page.html import element, single, text
from episodec.page.shell import asset, page_head, policy

_STYLE = own_file(__file__, "watched.css")
_SHARED = own_file(__file__, "index.css")
_SCRIPT = own_file(__file__, "watched.js")
_ICON = single("link", rel="icon", href="icon.svg", type="image/svg+xml")  # Else a browser asks for one elsewhere.
_SERVED = "img-src 'self'; media-src 'self'; connect-src 'self'; frame-src 'self'"


def watched_page(title: str) -> bytes:
    """The page of a series. It reads `events` and `dist/` beside it, and nothing else."""
    style, script = _parts()
    state = element("p", "connecting", class_="count", id="state", role="status")
    head = element("div", element("h1", text(title)), state)
    film = element("video", id="film", controls="", preload="metadata", playsinline="", hidden="")
    parts = [
        "<!doctype html>",
        '<html lang="en">',
        page_head(f"Watching · {title}", style, script, _SERVED).replace("</head>", f"{_ICON}\n</head>"),
        "<body>",
        element("header", head, class_="top"),
        "<main>",
        element("section", id="problems", aria_label="Problems", hidden=""),
        element("nav", id="results", aria_label="Results", hidden=""),
        element("figure", film, element("figcaption", id="name"), id="player", hidden=""),
        element("iframe", id="page", title="The index page", hidden=""),
        "</main>",
        f"<script>{script}</script>",
        "</body>",
        "</html>",
    ]
    return ("\n".join(parts) + "\n").encode()


def watched_icon() -> bytes:
    """Its icon beside it, `icon.svg`."""
    triangle = '<path fill="#1f5f9f" d="M4 2l10 6-10 6z"/>'
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">{triangle}</svg>\n'.encode()


def watched_policy() -> str:
    """Its policy, for the header of its answer, where it may also say that no other page shows it in a frame."""
    return policy(*_parts(), f"{_SERVED}; frame-ancestors 'none'")


def _parts() -> tuple[str, str]:
    """Style and script."""
    return f"\n{asset(_SHARED)}{asset(_STYLE)}", f"\n{asset(_SCRIPT)}"
