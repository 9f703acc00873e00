"""Paths of films and pages, as the last lines of a build. Light on imports: a no-op build prints them, too."""

import os
from collections.abc import Mapping, Sequence

from episodec.project import tree
from episodec.store import delivered

SHOWN = 6  # Films listed one by one; beyond that only their folder is listed.
PAGE = "index.html"


def of_current(root: str, specs: Sequence[str]) -> list[str]:
    """The films and the index page of a current series built with its default profile. With many episodes the index is
    not queried.
    """
    films: Sequence[str] = ()
    if len(specs) <= SHOWN:
        films = delivered.delivered_films(os.path.join(tree.Place(root, "").cache(), "index.db"), "dist", specs)
    return result_paths(root, "dist", films, len(specs))


def result_paths(root: str, folder: str, films: Sequence[str], episodes: int) -> list[str]:
    """Paths of the films and the index page, relative to the working folder; missing files are left out.

    If there are many episodes, their folder stands for the films.
    """
    inside = films if episodes <= SHOWN else [f"{folder}/video/"]
    paths = [os.path.join(root, path) for path in (*inside, f"{folder}/{PAGE}")]
    return [from_here(path) for path in paths if os.path.lexists(path)]


def from_here(path: str) -> str:
    """The path relative to the working folder; a trailing slash is kept."""
    return os.path.relpath(path) + ("/" if path.endswith("/") else "")


def lines(paths: Sequence[str], *, has_links: bool) -> list[str]:
    """One line per path, each a link if the terminal supports links."""
    return [f"{_word(path)} {linked(path) if has_links else _visible(path)}" for path in paths]


def _word(path: str) -> str:
    if path.endswith("/"):
        return "films  "
    word = {".mp4": "film", ".html": "page"}.get(os.path.splitext(path)[1], "sound")
    return f"{word:<7}"


def _visible(path: str) -> str:
    if path.isprintable():
        return path
    from episodec.text import escape

    return escape(path)


def linked(path: str) -> str:
    """The path as a link to the file that it names (OSC 8)."""
    whole = os.fsencode(os.path.abspath(path))
    address = "".join(chr(one) if chr(one) in _PLAIN else f"%{one:02X}" for one in whole)
    return f"\x1b]8;;file://{address}\x1b\\{_visible(path)}\x1b]8;;\x1b\\"


_PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/-._~")  # RFC 3986, and the slash.

_PROGRAMS = ("Hyper", "WezTerm", "ghostty", "iTerm.app", "rio", "vscode")
_TERMS = ("alacritty", "contour", "foot", "xterm-ghostty", "xterm-kitty", "wezterm")
_MARKS = ("DOMTERM", "KITTY_WINDOW_ID", "KONSOLE_VERSION", "WT_SESSION")
VTE = 5000  # The first version of VTE (GNOME's terminal) that supports links.


def knows_links(environment: Mapping[str, str]) -> bool:
    """Whether the terminal is known to support links; others might print the escape sequences."""
    vte, term = environment.get("VTE_VERSION", ""), environment.get("TERM", "")
    return term != "dumb" and (
        environment.get("TERM_PROGRAM") in _PROGRAMS
        or term.startswith(_TERMS)
        or any(environment.get(name) for name in _MARKS)
        or (vte.isdigit() and int(vte) >= VTE)
    )
