"""Signals while a build runs: one Ctrl-C lets what runs finish, a second stops it, and SIGTERM does so at once."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

from episodec.building.world import Stop
from episodec.engine.events import BuildFinished, BuildStarted, Event


@dataclass(slots=True)
class Watch:
    """Knows whether a run is under way: outside of one a signal ends the command where it stands."""

    stop: Stop
    running: bool = False
    has_come: bool = False  # Whether a signal came; something else may have asked the build to stop.

    def hear(self, event: Event) -> None:
        """Follow the build."""
        if isinstance(event, BuildStarted):
            self.running = True
        elif isinstance(event, BuildFinished):
            self.running = False

    def interrupt(self, number: int, _frame: FrameType | None) -> None:
        """A signal came."""
        before, self.has_come = self.stop.level, True
        self.stop.level = min(before + 1, 2) if number == signal.SIGINT else 2
        if not self.running or before > 1:
            raise KeyboardInterrupt


@contextmanager
def watched(stop: Stop) -> Iterator[Watch]:
    """Signals raise `stop.level` within the block. One that is ignored stays so: `nohup` means it."""
    watch = Watch(stop)
    numbers = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]
    before = {number: signal.getsignal(number) for number in numbers}
    kept = {number: old for number, old in before.items() if old is not signal.SIG_IGN}
    for number in kept:
        signal.signal(number, watch.interrupt)
    try:
        yield watch
    finally:
        for number, old in kept.items():
            signal.signal(number, old)
