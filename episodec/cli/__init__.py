"""The command line. This module is all that a build with nothing to do imports: no argparse, no dataclasses."""

import os
import sqlite3
import sys

from episodec.project import tree
from episodec.series import noop


def main(arguments: list[str] | None = None) -> int:
    """Run a command. Exit code: 0 ok, 1 findings or a failed build, 2 usage or internal, 3 partial, 130 interrupted."""
    words = sys.argv[1:] if arguments is None else arguments
    seen: dict[str, noop.Standing] = {}
    paths = _plain_build(words)
    if paths is not None:
        try:
            found = _all_current(paths, seen)
        except KeyboardInterrupt:
            return 130
        except (OSError, ValueError, sqlite3.Error):  # The long way meets it again, and has words for it.
            found = None
        if found is not None:
            count, noted = found
            told = f" · {noted} with notes, see `episodec status`" if noted else ""
            return _say(f"{count} episode{'' if count == 1 else 's'}: all current{told}\n", quiet="-q" in words)
    from episodec.cli.app import run

    return run(words, seen)


def _plain_build(words: list[str]) -> list[str] | None:
    """The paths of a `build` without options; None when the words are anything else."""
    if not words or words[0] != "build":
        return None
    paths = [word for word in words[1:] if word not in ("-q", "--quiet")]
    if all(not path.startswith("-") and os.path.isdir(path) for path in paths):  # noqa: PTH112 - pathlib costs 10 ms.
        return paths or ["."]
    return None


def _all_current(paths: list[str], seen: dict[str, noop.Standing]) -> tuple[int, int] | None:
    """How many episodes stand, when every episode of every series named by these folders does, and how many of them
    have notes; None otherwise.

    `seen` keeps how each series stands, so that the long way need not look again.
    """
    count = noted = 0
    for path in paths:
        here = tree.locate(path)
        for place in [here] if here is not None else tree.locate_below(path):
            folder = place.folder()
            if folder in seen:
                continue
            found = seen[folder] = noop.stale_specs(place, "", os.environ)
            whole = here is None or os.path.realpath(path) in (os.path.realpath(folder), place.root)
            if found.stale or found.gone or not found.specs or not whole:
                return None
            count += len(found.specs)
            noted += found.noted
    return (count, noted) if seen else None


def _say(text: str, *, quiet: bool) -> int:
    """The answer on stdout; a reader that has gone away is no failure of ours, a full disk is told."""
    if quiet:
        return 0
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # The interpreter flushes once more at its end.
        if not isinstance(error, BrokenPipeError):
            sys.stderr.write(f"error: stdout cannot be written: {error.strerror}\n")
            return 1
    return 0
