"""The index page: every episode's entry on one page that needs nothing but the files it links to.

Its last line holds the digest of everything before it, which marks the page as episodec's.
"""

import re
from collections.abc import Iterable, Sequence
from itertools import groupby

from episodec.digest import digest_bytes
from episodec.ownfile import own_file
from episodec.page.entry import EntryHead, head
from episodec.page.html import attribute, element, single, text
from episodec.page.labels import EN, Labels, labels
from episodec.page.shell import asset, page_head

_STYLE = own_file(__file__, "index.css")
_SCRIPT = own_file(__file__, "index.js")

_SEAL = re.compile(rb"<!-- episodec (xxh3-128:[0-9a-f]{32}) -->\n")


def index_page(entries: Iterable[str], profile: str | None = None) -> bytes:
    """The page with these entries, series by series, ordered by name. `profile`: its name, if it is not the
    default one.
    """
    known = sorted(
        ((entry_head, entry) for entry in entries if (entry_head := head(entry))), key=lambda pair: _order(pair[0])
    )
    heads = [found for found, _ in known]
    titles = list(dict.fromkeys(found.series for found in heads))
    title = " · ".join([*titles, *([profile] if profile else [])])
    tables = {labels(found.language) for found in heads}
    words = tables.pop() if len(tables) == 1 else EN
    languages = {found.language for found in heads}
    language = languages.pop() if len(languages) == 1 else words.language
    script = f"\n{asset(_SCRIPT)}"
    parts = [
        "<!doctype html>",
        f"<html{attribute('lang', language)}>",
        page_head(title, f"\n{asset(_STYLE)}", script),
        "<body>",
        _top(title, len(heads), words),
        '<main id="episodes">',
        *(_series(name, [entry for _, entry in some], len(titles)) for name, some in _grouped(known)),
        "</main>",
        element("p", text(words.nothing_found), class_="nothing", hidden=""),
        f"<script>{script}</script>",
        "</body>",
        "</html>",
    ]
    page = ("\n".join(parts) + "\n").encode()
    return page + f"<!-- episodec {digest_bytes(page)} -->\n".encode()


def is_ours(page: bytes) -> bool:
    """Whether this is an index page that episodec wrote and nobody changed."""
    before, _, _ = page.rstrip(b"\n").rpartition(b"\n")
    match = _SEAL.fullmatch(page[len(before) + 1 :])
    return match is not None and digest_bytes(page[: len(before) + 1]) == match[1].decode()


def _grouped(known: Sequence[tuple[EntryHead, str]]) -> Iterable[tuple[str, Iterable[tuple[EntryHead, str]]]]:
    return groupby(known, key=lambda pair: pair[0].series)


def _series(name: str, entries: Sequence[str], series: int) -> str:
    """The entries of one series, under its title if there are several series."""
    body = "".join(entries)
    if series == 1:
        return body.rstrip("\n")
    return f"<section>\n{element('h2', text(name), class_='series')}\n{body}</section>"


def _order(entry_head: EntryHead) -> tuple[object, ...]:
    """The sort key: series, then name; digits compare as numbers, so that episode 9 comes before episode 10."""
    parts = re.split(r"([0-9]+)", entry_head.name)
    return entry_head.series, [int(part) if place % 2 else part for place, part in enumerate(parts)], entry_head.name


def _top(title: str, count: int, words: Labels) -> str:
    """The page's title, the number of episodes, and the search form, which the script unhides."""
    counter = element(
        "p", text(words.match_count.format(count=count)), class_="count", role="status", data_found=words.match_count
    )
    field = element("label", element("span", text(words.find)), single("input", type_="search", autocomplete="off"))
    form = element("form", field, class_="find", role="search", hidden="")
    skip = element("a", text(words.to_content), class_="skip", href="#episodes")
    return f"{skip}\n{element('header', element('div', element('h1', text(title)), counter), form, class_='top')}"
