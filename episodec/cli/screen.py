"""stdout for the answer and stderr for everything else, their colours, and streams whose reader is gone."""

import os
import sys
from collections.abc import Iterable, Mapping
from typing import Any, TextIO, cast

from episodec.errors import EpisodecError
from episodec.report.paint import Paint, ansi, plain


class UnbreakableStream:
    """A text stream that drops its output once its reader is gone: work continues and the exit code stays correct.

    Output is also dropped after a failed write, such as on a full disk; `lost` then holds the error.
    """

    def __init__(self, stream: TextIO | None) -> None:
        # A process may be started without stdout or stderr (`>&-`).
        self._stream = stream if stream is not None else open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115
        self._is_open = True
        self.lost: OSError | None = None
        if hasattr(self._stream, "reconfigure"):
            self._stream.reconfigure(errors="backslashreplace")  # An ASCII-only terminal must not fail.

    def write(self, text: str) -> int:
        """Write the text, unless the stream is silenced."""
        if self._is_open:
            try:
                self._stream.write(text)
            except OSError as error:
                self._silence(error)
        return len(text)

    def flush(self) -> None:
        """Flush, unless the stream is silenced."""
        if self._is_open:
            try:
                self._stream.flush()
            except OSError as error:
                self._silence(error)

    def _silence(self, error: OSError) -> None:
        self._is_open = False
        if not isinstance(error, BrokenPipeError):
            self.lost = error
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, self._stream.fileno())  # The interpreter flushes once more at its end.
        os.close(nothing)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


class Screen:
    """The output of a command: stdout, stderr and their colours."""

    def __init__(self, color: str, environment: Mapping[str, str], *, quiet: bool, verbose: bool) -> None:
        self.out = cast("TextIO", UnbreakableStream(sys.stdout))
        self.err = cast("TextIO", UnbreakableStream(sys.stderr))
        self.quiet = quiet
        self.verbose = verbose
        self._environment = environment
        self.out_color = wants_color(color, environment, self.out)
        self.err_color = wants_color(color, environment, self.err)

    @property
    def is_live(self) -> bool:
        """Whether stderr can show a live display: it is a terminal and not a dumb one."""
        return _is_terminal(self.err) and self._environment.get("TERM") != "dumb"

    @property
    def has_links(self) -> bool:
        """Whether stdout is a terminal that supports links."""
        from episodec.cli.results import knows_links  # `status` prints no links.

        return _is_terminal(self.out) and knows_links(self._environment)

    def paint(self) -> Paint:
        """Colours for stdout."""
        return ansi if self.out_color else plain

    def check_out(self) -> None:
        """Raises: EpisodecError, if the answer could not be written; a closed pipe is not an error."""
        lost = cast("UnbreakableStream", self.out).lost
        if lost is not None:
            raise unwritten(lost)

    def answer(self, lines: Iterable[str]) -> None:
        """Write the answer to stdout."""
        self.write(self.out, "".join(f"{line}\n" for line in lines))

    def summary(self, lines: Iterable[str]) -> None:
        """Write the summary to stdout, unless --quiet."""
        if not self.quiet:
            self.answer(lines)

    def tell(self, lines: Iterable[str]) -> None:
        """Write to stderr whatever is not the answer."""
        self.write(self.err, "".join(f"{line}\n" for line in lines))

    def write(self, stream: TextIO, text: str) -> None:
        """Write text unchanged and flush."""
        if text:
            stream.write(text)
            stream.flush()


def unwritten(lost: OSError) -> EpisodecError:
    """The error of an answer that could not be written."""
    hint = "the work is done; only its report is lost"
    return EpisodecError("stdout cannot be written", facts={"reason": lost.strerror or lost}, hint=hint)


def wants_color(choice: str, environment: Mapping[str, str], stream: TextIO) -> bool:
    """The flag decides, then NO_COLOR (no-color.org), then FORCE_COLOR (force-color.org), then the terminal."""
    if choice != "auto":
        return choice == "always"
    if environment.get("NO_COLOR"):
        return False
    if environment.get("FORCE_COLOR", "0") not in ("", "0"):
        return True
    return _is_terminal(stream) and environment.get("TERM") != "dumb"


def _is_terminal(stream: TextIO) -> bool:
    try:
        return stream.isatty()
    except ValueError:  # It was closed.
        return False
