"""The log of one run in cache/runs/: every event with its time, the host and the versions.

Data that vary from run to run are written here and nowhere else.
"""

import os
import platform
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TextIO

from episodec import __version__
from episodec.engine.events import BuildFinished, BuildStarted, Event
from episodec.report import stream

KEPT = 50  # Runs whose logs are kept.


class RunLog:
    """Writes events as JSON lines. The file is created by the first action: a build with nothing to do leaves none."""

    def __init__(self, folder: Path, command: Sequence[str]) -> None:
        self.path = folder / f"{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}-{os.getpid()}.jsonl"
        self._command = list(command)
        self._file: TextIO | None = None
        self._broken = False
        self._early: list[stream.Plain] = []  # The start of a build that has done nothing yet.

    def __call__(self, event: Event) -> None:
        """Keep an event."""
        event_row = stream.event_to_plain(event, time.time())
        if self._file is None and isinstance(event, BuildStarted | BuildFinished):
            self._early = [event_row] if isinstance(event, BuildStarted) else []
            return
        for plain in [*self._early, event_row]:
            self.write(plain)
        self._early = []

    def write(self, plain: stream.Plain) -> None:
        """Write a line. A log that cannot be written (a full disk) does not stop the build."""
        if self._broken:
            return
        try:
            if self._file is None:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                self._file = self.path.open("w", encoding="utf-8")
                self._file.write(stream.line(self._head()))
            self._file.write(stream.line(plain))
            self._file.flush()
        except OSError:
            self._broken = True

    def close(self) -> None:
        """Close the log and remove old ones."""
        if self._file is not None:
            with suppress(OSError):  # Closing tries once more to write what did not fit.
                self._file.close()
            logs = sorted(self.path.parent.glob("*.jsonl"))
            for old in logs[:-KEPT]:
                old.unlink(missing_ok=True)

    def _head(self) -> stream.Plain:
        return {
            "event": "run-started",
            "time": round(time.time(), 3),
            "version": stream.VERSION,
            "command": self._command,
            "host": platform.node(),
            "system": platform.platform(),
            "processors": os.cpu_count(),
            "python": sys.version.split()[0],
            "episodec": __version__,
            "pid": os.getpid(),
        }
