"""`episodec fmt`: write specs in canonical form, for reviews that show nothing but the changes."""

import argparse
import difflib
import os
from collections.abc import Iterator
from pathlib import Path

from episodec.cli.options import Context
from episodec.errors import ProjectError, UsageError
from episodec.project import tree
from episodec.project.authoring import Diagnostic, Formatted, canonical, kind_of, render
from episodec.text import count_text, escape
from episodec.wholefile import write_whole


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument("paths", nargs="*", metavar="PATH", help="files or folders (default: the series here)")
    parser.add_argument("--check", action="store_true", help="write nothing, list what differs, and exit with 1")
    parser.add_argument("--diff", action="store_true", help="write nothing, show what would change")


def run(context: Context) -> int:
    """Format; the exit code is 1 if a file cannot be read, or differs under --check."""
    screen, given = context.screen, context.options
    wrong: list[Diagnostic] = []
    texts: dict[str, str] = {}
    differing = files = 0
    for path in _files(given.paths):
        formatted = canonical(path, kind_of(path) or "episode")
        files += 1
        wrong += formatted.diagnostics
        texts[path] = formatted.before.decode("utf-8", "replace")
        if formatted.differs:
            differing += 1
            if given.diff:
                screen.answer(_diff(formatted))
            elif given.check:
                screen.answer([escape(path)])
            else:
                _replace(formatted)
    screen.write(screen.err, render(wrong, texts, "full", color=screen.err_color))
    word = "would be" if given.check or given.diff else "was" if differing == 1 else "were"
    screen.tell([] if screen.quiet else [f"{count_text(files, 'file')}: {differing} {word} rewritten"])
    return int(bool(wrong) or (given.check and differing > 0))


def _files(paths: list[str]) -> Iterator[str]:
    """Every file of the language at or below these paths, as the user names them."""
    for path in paths or _here():
        if Path(path).is_dir():
            for folder, below, names in os.walk(path):
                below[:] = sorted(name for name in below if not name.startswith(".") and name not in ("cache", "dist"))
                yield from (os.path.normpath(Path(folder, name)) for name in sorted(names) if kind_of(name))
        elif kind_of(path):
            yield path
        elif Path(path).exists():
            raise UsageError(
                "this is not a spec", facts={"file": path}, hint="*.episode.yaml, series.yaml, character.yaml"
            )
        else:
            raise UsageError("there is no such file or folder", facts={"path": path})


def _here() -> list[str]:
    here = tree.locate(".")
    places = [here] if here is not None else tree.locate_below(".")
    if not places:
        raise UsageError("no series found here", hint="name files or folders")
    return [os.path.relpath(place.folder()) for place in places]


def _replace(formatted: Formatted) -> None:
    """Replace the file with its canonical form atomically, keeping its mode and following links."""
    target = Path(os.path.realpath(formatted.path))
    assert formatted.after is not None
    try:
        write_whole(target, formatted.after.encode(), target.stat().st_mode & 0o7777)
    except OSError as error:
        facts = {"file": formatted.path, "reason": error.strerror or error}
        raise ProjectError("a file cannot be written", facts=facts) from error


def _diff(formatted: Formatted) -> Iterator[str]:
    before, after = formatted.before.decode("utf-8", "replace").splitlines(), (formatted.after or "").splitlines()
    yield from map(escape, difflib.unified_diff(before, after, formatted.path, formatted.path, lineterm=""))
