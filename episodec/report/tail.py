"""What a running action says of itself: the last line of its log. Knows nothing of actions and prints nothing."""

import re
from pathlib import Path

from episodec.text import escape

REACH = 4096  # Bytes from the end that are looked at: a line that is longer is shown by its end.

# Control sequences (ECMA-48, 5.4) and those of operating systems: a tool that believes it has a terminal.
_SEQUENCE = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)")


class LogTail:
    """A log from where it ends now: what an earlier attempt said is over."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._start = path.stat().st_size
        except OSError:  # Not there yet.
            self._start = 0

    def line(self) -> str:
        """The last line that says something, harmless on a terminal; nothing while there is none. One that a tool
        writes over and over, as progress bars are, counts as it stands.
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
