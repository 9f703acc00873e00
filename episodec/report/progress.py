"""Progress while a build runs: a live picture on a terminal, plain lines and a heartbeat everywhere else."""

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Protocol, TextIO

from episodec.engine.action import ActionId
from episodec.engine.events import (
    ActionFailed,
    ActionHit,
    ActionMade,
    ActionRetried,
    ActionSkipped,
    ActionStarted,
    BuildFinished,
    BuildStarted,
    Event,
)
from episodec.project.authoring import escape
from episodec.report.lines import Narrator
from episodec.report.words import seconds_text

HEARTBEAT_S = 10.0
REFRESH_A_SECOND = 8
ROWS_SHOWN = 12  # Running actions that a live picture names.


class Progress(Protocol):
    """Hears every event of a build."""

    def hear(self, event: Event) -> None:
        """Show an event."""
        ...

    def say(self, lines: Iterable[str]) -> None:
        """Show lines that are about no event."""
        ...

    def close(self) -> None:
        """Nothing more comes."""
        ...


@dataclass(slots=True)
class Tally:
    """How far a build is."""

    clock: Callable[[], float] = time.monotonic
    started: float = 0.0
    actions: int = 0
    misses: int = 0
    made: int = 0
    over: int = 0  # Made, hit, failed or skipped.
    predicted: float | None = None
    running: dict[ActionId, float] = field(default_factory=dict)  # With the moment of the start.

    def hear(self, event: Event) -> None:
        """Count an event."""
        match event:
            case BuildStarted(actions=actions, misses=misses, seconds_predicted=predicted):
                self.started, self.actions, self.misses = self.clock(), actions, misses
                self.made, self.over, self.predicted = 0, 0, predicted
            case ActionStarted(id=name):
                self.running[name] = self.clock()
            case ActionRetried(id=name):
                self.running.pop(name, None)
            case ActionMade(id=name):
                self.running.pop(name, None)
                self.made += 1
                self.over += 1
            case ActionFailed(id=name) | ActionHit(id=name) | ActionSkipped(id=name):
                self.running.pop(name, None)
                self.over += 1
            case _:
                pass

    def elapsed(self) -> float:
        """Seconds since the build began."""
        return self.clock() - self.started

    def left(self) -> float | None:
        """Predicted seconds to the end; None when nothing like it ran before, or it takes longer than it ever did."""
        if self.predicted is None or self.predicted <= self.elapsed():
            return None
        return self.predicted - self.elapsed()

    def text(self) -> str:
        """`12 of 30 actions · 4.2 s · about 8 s left`."""
        left = self.left()
        parts = [f"{self.over} of {self.actions} actions", seconds_text(self.elapsed())]
        return " · ".join([*parts, f"about {seconds_text(left)} left"] if left is not None else parts)


class PlainProgress:
    """Lines as they come. After a silence of `HEARTBEAT_S` a line says that work goes on, and on what."""

    def __init__(self, out: TextIO, narrator: Narrator, *, every_s: float = HEARTBEAT_S) -> None:
        self._out = out
        self._narrator = narrator
        self._every_s = every_s
        self._tally = Tally()
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._told = time.monotonic()
        self._heart: threading.Thread | None = None

    def hear(self, event: Event) -> None:
        """Show an event, when there is something to say of it."""
        with self._lock:
            self._tally.hear(event)
        if isinstance(event, BuildStarted) and event.actions:
            self._beat()
        if isinstance(event, BuildFinished):
            self._rest()
        self.say(self._narrator.lines(event))

    def say(self, lines: Iterable[str]) -> None:
        """Show lines, in one write."""
        text = "".join(f"{line}\n" for line in lines)
        if text:
            with self._lock:
                self._told = time.monotonic()
                self._out.write(text)
                self._out.flush()

    def close(self) -> None:
        """Stop the heartbeat."""
        self._rest()

    def _beat(self) -> None:
        self._rest()
        self._over.clear()
        self._told = time.monotonic()
        self._heart = threading.Thread(target=self._live, name="heartbeat", daemon=True)
        self._heart.start()

    def _rest(self) -> None:
        self._over.set()
        if self._heart is not None:
            self._heart.join()
            self._heart = None

    def _live(self) -> None:
        while not self._over.wait(min(self._every_s, 1.0)):
            if time.monotonic() - self._told >= self._every_s:
                with self._lock:
                    running = list(self._tally.running.items())
                    line = f"at work · {self._tally.text()}{_named(running, self._tally.clock())}"
                try:
                    self.say([line])
                except (OSError, ValueError):  # Nobody listens any more; the main thread will notice, too.
                    return


def _named(running: list[tuple[ActionId, float]], now: float) -> str:
    names = [f"{escape(name)} ({seconds_text(now - since)})" for name, since in running[:3]]
    more = f" and {len(running) - 3} more" if len(running) > 3 else ""
    return f" · {', '.join(names)}{more}" if names else ""


class LiveProgress:
    """Lines above a picture that moves: one row a running action, and the totals. Text from specs is never markup."""

    def __init__(self, out: TextIO, narrator: Narrator) -> None:
        from rich.console import Console
        from rich.live import Live

        self._narrator = narrator
        self._tally = Tally()
        self._lock = threading.Lock()
        self._console = Console(file=out, markup=False, highlight=False, emoji=False, soft_wrap=True)
        self._live = Live(
            get_renderable=self._picture, console=self._console, refresh_per_second=REFRESH_A_SECOND, transient=True
        )

    def hear(self, event: Event) -> None:
        """Show an event above the picture, and in it."""
        with self._lock:
            self._tally.hear(event)
        if isinstance(event, BuildStarted) and event.actions:
            self._live.start()
        if isinstance(event, BuildFinished):
            self._live.stop()
        self.say(self._narrator.lines(event))

    def say(self, lines: Iterable[str]) -> None:
        """Show lines above the picture."""
        from rich.text import Text

        for line in lines:
            self._console.print(Text.from_ansi(line))

    def close(self) -> None:
        """Take the picture away."""
        self._live.stop()

    def _picture(self) -> Any:
        from rich.spinner import Spinner
        from rich.table import Table
        from rich.text import Text

        with self._lock:
            now = self._tally.clock()
            running = list(self._tally.running.items())
            text = self._tally.text()
        grid = Table.grid(padding=(0, 2))
        for name, since in running[:ROWS_SHOWN]:
            reason = self._narrator.reasons.get(name, "")
            grid.add_row(Text(" " + escape(name)), Text(seconds_text(now - since), justify="right"), Text(reason))
        if len(running) > ROWS_SHOWN:
            grid.add_row(Text(f" and {len(running) - ROWS_SHOWN} more"), Text(""), Text(""))
        outer = Table.grid()
        outer.add_row(grid)
        # A spinner by the clock, so that it moves while nothing else does.
        spinner = Spinner("line", text=Text(text))
        spinner.start_time = 0.0
        outer.add_row(spinner)
        return outer
