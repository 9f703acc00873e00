"""The whole command line: finds the command, runs it, and turns what went wrong into words and an exit code."""

import argparse
import os
import sys
import time
import traceback
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

from episodec.cli.commands import module_of, parsed
from episodec.cli.options import Context
from episodec.cli.screen import Screen
from episodec.errors import EpisodecError, GraphError, UnhashableValue, UsageError
from episodec.extras import told
from episodec.project import tree
from episodec.series import noop
from episodec.series.request import Request
from episodec.shortage import shortage

OK, FINDINGS, USAGE, INTERRUPTED = 0, 1, 2, 130


class Command(Protocol):
    """What each command's module offers."""

    def add(self, parser: argparse.ArgumentParser) -> None:
        """Its own options."""
        ...

    def run(self, context: Context) -> int:
        """Do it; gives the exit code."""
        ...


def run(words: Sequence[str], seen: Mapping[str, noop.Standing] | None = None, base: Request | None = None) -> int:
    """Run a command line. `base` is what its request starts from: tests bring backends of their own."""
    environment = os.environ if base is None else base.environment
    screen = Screen("auto", environment, quiet=False, verbose="-v" in words or "--verbose" in words)
    try:
        given = parsed(words)
        chosen = vars(given)
        screen = Screen(
            chosen.get("color", "auto"),
            environment,
            quiet=chosen.get("quiet", False),
            verbose=chosen.get("verbose", False),
        )
        seen = _go_to(chosen.get("directory"), seen or {})
        code = _command(given.command).run(Context(given, base or Request(), screen, seen, tuple(words)))
        screen.check_out()
    except SystemExit as leaving:  # argparse has said why.
        return leaving.code if isinstance(leaving.code, int) else USAGE
    except KeyboardInterrupt:
        screen.tell(["interrupted"])
        return INTERRUPTED
    except EpisodecError as error:
        return _told(_short(error) or error, screen)
    except Exception as error:  # noqa: BLE001 - the last resort: whatever is left is a bug of ours, and is told as one.
        known = _of_the_place(error)
        return _apologized(error, screen) if known is None else _told(known, screen)
    return code


def _of_the_place(error: Exception) -> EpisodecError | None:
    """What the process was started in, where that is to blame: a folder that is gone, a locale without letters, a
    machine without memory, an environment without an extra.
    """
    if isinstance(error, FileNotFoundError) and _is_nowhere():
        hint = "another program removed it: go to a folder that is there"
        return UsageError("the working folder is gone", hint=hint)
    if isinstance(error, UnicodeEncodeError) and sys.getfilesystemencoding() != "utf-8":
        facts = {"name": error.object, "encoding": sys.getfilesystemencoding()}
        hint = "set LC_ALL=C.UTF-8, or leave PYTHONUTF8 to Python"
        return UsageError("a file cannot be named in this locale", facts=facts, hint=hint)
    return _short(error) or told(error)


def _short(error: Exception) -> EpisodecError | None:
    """What the machine had too little of, where that is the reason."""
    short = shortage(error)
    return None if short is None else EpisodecError(short.sentence, hint=short.hint)


def _is_nowhere() -> bool:
    """Whether the working folder was removed."""
    try:
        Path.cwd()
    except FileNotFoundError:
        return True
    return False


def _command(name: str) -> Command:
    return cast("Command", import_module(module_of(name)))


def _go_to(folder: str | None, seen: Mapping[str, noop.Standing]) -> Mapping[str, noop.Standing]:
    if folder is None:
        return seen
    try:
        os.chdir(folder)
    except OSError as error:
        raise UsageError("-C names no folder", facts={"folder": folder, "reason": error.strerror or error}) from error
    return {}


def _told(error: EpisodecError, screen: Screen) -> int:
    from episodec.report.words import error_lines

    first, *rest = error_lines(error) or [type(error).__name__]
    screen.tell([f"error: {first}", *rest])
    if isinstance(error, GraphError | UnhashableValue):
        screen.tell(["  this is a bug of episodec, not of your files"])
    return error.exit_code


def _apologized(error: Exception, screen: Screen) -> int:
    """A bug of ours, told as one: never dressed as the user's fault."""
    from episodec.report.words import error_lines

    text = "".join(traceback.format_exception(error))
    screen.tell(["episodec has made a mistake; your files are not the cause:", *_indented(error_lines(error)[:3])])
    file = None if screen.verbose else _kept(text)
    if file is None:
        screen.write(screen.err, text)
    else:
        screen.tell([f"  traceback  {file}", "  help: please report it with this file"])
    return USAGE


def _indented(lines: Sequence[str]) -> list[str]:
    return [f"  {line}" for line in lines]


def _kept(text: str) -> str | None:
    """The file in cache/ where a traceback was put; None when there is no cache to put it in."""
    here = tree.locate(".")
    for place in [here] if here is not None else tree.locate_below("."):
        folder = Path(place.cache(), "runs")
        if folder.is_dir():
            file = folder / f"mistake-{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}-{os.getpid()}.txt"
            try:
                file.write_text(f"{sys.argv}\n{sys.version}\n\n{text}", encoding="utf-8", errors="backslashreplace")
            except OSError:
                return None
            return str(file)
    return None
