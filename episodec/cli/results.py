"""Where films lie: the last lines of a build. Light on imports: a build with nothing to do says them, too."""

import os
from collections.abc import Mapping, Sequence

from episodec.project import tree
from episodec.store import traces

SHOWN = 6  # Films that are named one by one; of more, their folder is.
PAGE = "index.html"


def of_current(root: str, specs: Sequence[str]) -> list[str]:
    """Of a series that stands, built as its series.yaml says, what there is to be seen; of many episodes nothing is
    looked up.
    """
    films: Sequence[str] = ()
    if len(specs) <= SHOWN:
        films = traces.delivered_films(os.path.join(tree.Place(root, "").cache(), "index.db"), "dist", specs)
    return found(root, "dist", films, len(specs))


def found(root: str, folder: str, films: Sequence[str], episodes: int) -> list[str]:
    """These films of so many episodes, or their folder where they are many, and the index page; as paths from where the
    process is.
    """
    inside = films if episodes <= SHOWN else [f"{folder}/video/"]
    paths = [os.path.join(root, path) for path in (*inside, f"{folder}/{PAGE}")]
    return [from_here(path) for path in paths if os.path.lexists(path)]


def from_here(path: str) -> str:
    """The path from where the process is, a folder's with its slash."""
    return os.path.relpath(path) + ("/" if path.endswith("/") else "")


def lines(paths: Sequence[str], *, has_links: bool) -> list[str]:
    """A line a path, each a link where the terminal knows links."""
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
VTE = 5000  # The version of VTE (GNOME's terminal) from which on it knows links.


def knows_links(environment: Mapping[str, str]) -> bool:
    """Whether the terminal is one that is known to show links; others could show their control signs."""
    vte, term = environment.get("VTE_VERSION", ""), environment.get("TERM", "")
    return term != "dumb" and (
        environment.get("TERM_PROGRAM") in _PROGRAMS
        or term.startswith(_TERMS)
        or any(environment.get(name) for name in _MARKS)
        or (vte.isdigit() and int(vte) >= VTE)
    )
