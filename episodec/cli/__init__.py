"""The command line. A build with nothing to do imports this module alone: no argparse, no dataclasses."""

import os
import sqlite3
import sys

from episodec.project import tree
from episodec.series import noop


def main(arguments: list[str] | None = None) -> int:
    """Run a command. Exit code: 0 ok, 1 findings or a failed build, 2 usage or internal, 3 partial, 130 interrupted."""
    words = sys.argv[1:] if arguments is None else arguments
    states: dict[str, noop.SeriesState] = {}
    try:
        text = answer_at_once(words, states)
    except KeyboardInterrupt:
        return 130
    if text is not None:
        return _say(text)
    from episodec.cli.app import run

    return run(words, states)


def answer_at_once(words: list[str], states: dict[str, noop.SeriesState]) -> str | None:
    """The answer of a command that needs no spec read, parsed or lowered; None for any other command.

    `seen` collects the state of each series, which the full command line then reuses.
    """
    if words in (["-h"], ["--help"]):
        from episodec.cli.commands import parser

        return parser(()).format_help()
    if words in (["version"], ["--version"]):
        from episodec import __version__

        return f"episodec {__version__}\n"
    paths = _plain_paths(words)
    if paths is None:
        return None
    try:
        specs = _all_current(paths, states, is_build=words[0] == "build")
    except (OSError, ValueError, sqlite3.Error):  # The full command line meets it again and reports it.
        return None
    noted = sum(one.noted for one in states.values())
    if specs is None or (noted and words[0] == "status"):  # It lists them.
        return None
    return _current_text(words, specs, noted, states)


_PLAIN = {
    "build": ("-q", "--quiet"),
    "plan": ("-q", "--quiet", "-v", "--verbose"),
    "status": ("-q", "--quiet", "-v", "--verbose"),
}
"""Commands that can be answered as soon as all episodes are known to be current, with the options that allow it."""


def _plain_paths(words: list[str]) -> list[str] | None:
    """The folders given to one of these commands; None for any other command line."""
    if not words or words[0] not in _PLAIN:
        return None
    paths = [word for word in words[1:] if word not in _PLAIN[words[0]]]
    if all(not path.startswith("-") and os.path.isdir(path) for path in paths):  # noqa: PTH112 - pathlib costs 10 ms.
        return paths or ["."]
    return None


def _all_current(paths: list[str], states: dict[str, noop.SeriesState], *, is_build: bool) -> list[str] | None:
    """The specs of every series in these folders if all are current, else None.

    Skipped links (except in a build) and strays, which may be misnamed specs, also give None: the full command line
    reports them.
    """
    specs: list[str] = []
    for path in paths:
        here = tree.locate(path)
        for place in [here] if here is not None else tree.locate_below(path):
            folder = place.folder()
            if folder in states:
                continue
            state = states[folder] = noop.series_state(place, "", os.environ)
            whole = here is None or os.path.realpath(path) in (os.path.realpath(folder), place.root)
            if state.stale or state.gone or state.strays or not state.specs or not whole:
                return None
            if state.skipped_links and not is_build:
                return None
            specs += state.specs
    return specs if states else None


def _current_text(words: list[str], specs: list[str], noted: int, states: dict[str, noop.SeriesState]) -> str:
    """The answer of the command for episodes that are all current."""
    if words[0] == "build" and not {"-q", "--quiet"}.isdisjoint(words):
        return ""
    if words[0] != "status":
        suffix = f" · {noted} with notes, see `episodec status`" if noted and words[0] == "build" else ""
        line = f"{len(specs)} episode{'' if len(specs) == 1 else 's'}: all current{suffix}\n"
        return line + _results(states) if words[0] == "build" else line
    from episodec.cli.screen import Screen
    from episodec.report.current import status_of_current

    screen = Screen("auto", os.environ, quiet=False, verbose=not {"-v", "--verbose"}.isdisjoint(words))
    return "".join(f"{line}\n" for line in status_of_current(specs, screen.paint(), verbose=screen.verbose))


def _results(states: dict[str, noop.SeriesState]) -> str:
    """The lines that name the films of these series, all of them current."""
    from episodec.cli import results

    paths = [path for one in states.values() for path in results.of_current(one.root, one.specs)]
    has_links = sys.stdout is not None and sys.stdout.isatty() and results.knows_links(os.environ)
    return "".join(f"{line}\n" for line in results.lines(paths, has_links=has_links))


def _say(text: str) -> int:
    """Write the answer to stdout and return the exit code: 1 on a full disk, 0 if the reader has closed the pipe."""
    if sys.stdout is None:  # The process was started without one (`>&-`).
        return 0
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # The interpreter flushes once more at its end.
        if not isinstance(error, BrokenPipeError):
            from episodec.cli.screen import unwritten

            sys.stderr.write(f"error: {unwritten(error)}\n")
            return 1
    return 0
