"""The last line of a running action's log. Knows nothing about actions and prints nothing."""

import re
from pathlib import Path

from episodec.text import escape

REACH = 4096  # Bytes read from the end; of a longer line only the end is shown.

# Control sequences (ECMA-48, 5.4) and those of operating systems: a tool that believes it has a terminal.
_SEQUENCE = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)")


class LogTail:
    """A log from its present end on: output of an earlier attempt is ignored."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._start = path.stat().st_size
        except OSError:  # Not there yet.
            self._start = 0

    def line(self) -> str:
        """The last line that is not blank, without control sequences; empty while there is none. A line that a tool
        rewrites, such as a progress bar, counts in its present form.
        """
        try:
            with self._path.open("rb") as file:
                end = file.seek(0, 2)
                file.seek(max(self._start, end - REACH))
                text = file.read(REACH).decode("utf-8", "replace")
        except OSError:
            return ""
        lines = (one.strip() for one in reversed(re.split(r"[\r\n]+", _SEQUENCE.sub("", text))))
        return escape(next(filter(None, lines), ""))
