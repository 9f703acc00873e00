"""The whole command line: finds the command, runs it, and turns errors into messages and an exit code."""

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
from episodec.extras import missing_extra_error
from episodec.project import tree
from episodec.series import noop
from episodec.series.request import Request
from episodec.shortage import shortage

OK, FINDINGS, USAGE, INTERRUPTED = 0, 1, 2, 130


class Command(Protocol):
    """The interface of a command's module."""

    def add(self, parser: argparse.ArgumentParser) -> None:
        """Add the options of the command."""
        ...

    def run(self, context: Context) -> int:
        """Run the command and return its exit code."""
        ...


def run(words: Sequence[str], states: Mapping[str, noop.SeriesState] | None = None, base: Request | None = None) -> int:
    """Run a command line and return its exit code. `base`: the initial request, in which tests pass backends."""
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
        states = _go_to(chosen.get("directory"), states or {})
        code = _command(given.command).run(Context(given, base or Request(), screen, states, tuple(words)))
        screen.check_out()
    except SystemExit as leaving:  # argparse has printed the reason.
        return leaving.code if isinstance(leaving.code, int) else USAGE
    except KeyboardInterrupt:
        screen.tell(["interrupted"])
        return INTERRUPTED
    except EpisodecError as error:
        return _report_error(_short(error) or error, screen)
    except Exception as error:  # noqa: BLE001 - the last resort: anything else is a bug in episodec, and is reported as one.
        known = _of_the_place(error)
        return _apologized(error, screen) if known is None else _report_error(known, screen)
    return code


def _of_the_place(error: Exception) -> EpisodecError | None:
    """The error in terms of the process's surroundings if they caused it: a removed folder, a locale that cannot
    encode a name, too little memory, a missing extra.
    """
    if isinstance(error, FileNotFoundError) and _is_nowhere():
        hint = "another program removed it; change to an existing folder"
        return UsageError("the working folder is gone", hint=hint)
    if isinstance(error, UnicodeEncodeError) and sys.getfilesystemencoding() != "utf-8":
        facts = {"name": error.object, "encoding": sys.getfilesystemencoding()}
        hint = "set LC_ALL=C.UTF-8, or unset PYTHONUTF8"
        return UsageError("a file cannot be named in this locale", facts=facts, hint=hint)
    return _short(error) or missing_extra_error(error)


def _short(error: Exception) -> EpisodecError | None:
    """The error in terms of the resource that the machine ran out of; None if that is not the cause."""
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


def _go_to(folder: str | None, states: Mapping[str, noop.SeriesState]) -> Mapping[str, noop.SeriesState]:
    if folder is None:
        return states
    try:
        os.chdir(folder)
    except OSError as error:
        raise UsageError(
            "cannot change to the folder given with -C", facts={"folder": folder, "reason": error.strerror or error}
        ) from error
    return {}


def _report_error(error: EpisodecError, screen: Screen) -> int:
    from episodec.report.words import error_lines

    first, *rest = error_lines(error) or [type(error).__name__]
    screen.tell([f"error: {first}", *rest])
    if isinstance(error, GraphError | UnhashableValue):
        screen.tell(["  this is a bug in episodec, not in your files"])
    return error.exit_code


def _apologized(error: Exception, screen: Screen) -> int:
    """Report an internal error as a bug in episodec, never as the user's fault."""
    from episodec.report.words import error_lines

    text = "".join(traceback.format_exception(error))
    screen.tell(["internal error in episodec (not caused by your files):", *_indented(error_lines(error)[:3])])
    file = None if screen.verbose else _kept(text)
    if file is None:
        screen.write(screen.err, text)
    else:
        screen.tell([f"  traceback  {file}", "  help: please report it with this file"])
    return USAGE


def _indented(lines: Sequence[str]) -> list[str]:
    return [f"  {line}" for line in lines]


def _kept(text: str) -> str | None:
    """Write a traceback to cache/runs/ and return the file; None if there is no such folder or it cannot be written."""
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
