"""The head of a page that opens from disk: one style and one script; the policy lets nothing else run or load."""

from base64 import b64encode
from functools import cache
from pathlib import Path

from episodec.page.html import element, single, text

BESIDE = "img-src 'self' file:; media-src 'self' file: data:"
"""The content policy of a page that shows files beside it."""


def policy(style: str, script: str, loads: str = BESIDE) -> str:
    """The content policy of a page with this style and script (Content-Security-Policy) that may load this."""
    # If a text were ever let through as markup, it could neither run nor load anything. `self` is the page's folder on
    # a server; a page opened as a file has no such origin, hence the scheme `file:`.
    return (
        f"default-src 'none'; {loads}; base-uri 'none'; form-action 'none'; "
        f"style-src '{_hash(style)}'; script-src '{_hash(script)}'"
    )


def page_head(title: str, style: str, script: str, loads: str = BESIDE) -> str:
    """The head of a page with this style and script, each exactly as it stands between its tags, that may load this."""
    return "\n".join(
        (
            "<head>",
            single("meta", charset="utf-8"),
            single("meta", http_equiv="Content-Security-Policy", content=policy(style, script, loads)),
            single("meta", name="viewport", content="width=device-width, initial-scale=1"),
            single("meta", name="generator", content="episodec"),
            element("title", text(title)),
            f"<style>{style}</style>",
            "</head>",
        )
    )


@cache
def asset(file: Path) -> str:
    """The text of a bundled style sheet or script."""
    return file.read_text(encoding="utf-8")


def _hash(inner: str) -> str:
    from hashlib import sha256  # Loads OpenSSL, which a build that writes no page does not need.

    return f"sha256-{b64encode(sha256(inner.encode()).digest()).decode()}"
