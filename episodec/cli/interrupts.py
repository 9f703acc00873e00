"""Signals during a build: the first Ctrl-C lets running actions finish, a second Ctrl-C or a SIGTERM stops them."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

from episodec.building.run_context import Stop
from episodec.engine.events import BuildFinished, BuildStarted, Event


@dataclass(slots=True)
class InterruptWatch:
    """Turns signals into stop levels during a run; outside of a run a signal ends the command immediately."""

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
        """Handle a signal."""
        before, self.has_come = self.stop.level, True
        self.stop.level = min(before + 1, 2) if number == signal.SIGINT else 2
        if not self.running or before > 1:
            raise KeyboardInterrupt


@contextmanager
def watched(stop: Stop) -> Iterator[InterruptWatch]:
    """Make signals raise `stop.level` within the block. Ignored signals stay ignored, as under `nohup`."""
    watch = InterruptWatch(stop)
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
