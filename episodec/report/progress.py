"""Progress of a build: a live display on a terminal; otherwise plain lines and a heartbeat."""

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
from episodec.report.lines import Narrator
from episodec.report.tail import LogTail
from episodec.text import escape, seconds_text

HEARTBEAT_S = 10.0
REFRESH_A_SECOND = 8
ROWS_SHOWN = 12  # Running actions listed in the live display.
SAYS_AFTER_S = 2.0  # An action that runs longer is shown with its last line of output.


class ProgressListener(Protocol):
    """Shows the events of a build."""

    def begin(self, doing: str) -> None:
        """Start to show progress, with `doing` as its text until the first event."""
        ...

    def hear(self, event: Event) -> None:
        """Show an event."""
        ...

    def say(self, lines: Iterable[str]) -> None:
        """Show lines that belong to no event."""
        ...

    def close(self) -> None:
        """Stop showing progress."""
        ...


@dataclass(frozen=True, slots=True)
class RunningRow:
    """An action that is being made."""

    id: ActionId
    since: float  # By the tally's clock.
    log: LogTail

    def says(self, now: float) -> str:
        """Its last line of output; empty if it has just begun."""
        return self.log.line() if now - self.since >= SAYS_AFTER_S else ""


@dataclass(slots=True)
class Tally:
    """The counts and times of a build so far."""

    clock: Callable[[], float] = time.monotonic
    doing: str = "reading the series"  # Until the actions are known.
    started: float = 0.0
    actions: int = 0
    misses: int = 0
    made_count: int = 0
    over: int = 0  # Made, hit, failed or skipped.
    predicted: float | None = None
    running: dict[ActionId, RunningRow] = field(default_factory=dict)

    def begin(self, doing: str) -> None:
        """Reset the counts and start the clock."""
        self.started, self.doing = self.clock(), doing
        self.actions = self.misses = self.made_count = self.over = 0
        self.predicted = None

    def hear(self, event: Event) -> None:
        """Count an event."""
        match event:
            case BuildStarted(actions=actions, misses=misses, seconds_predicted=predicted):
                self.started, self.actions, self.misses = self.clock(), actions, misses
                self.made_count, self.over, self.predicted = 0, 0, predicted
            case ActionStarted(id=name, log=log):
                self.running[name] = RunningRow(name, self.clock(), LogTail(log))
            case ActionRetried(id=name):
                self.running.pop(name, None)
            case ActionMade(id=name):
                self.running.pop(name, None)
                self.made_count += 1
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
        """Predicted seconds to the end; None without a prediction or when it is exceeded."""
        if self.predicted is None or self.predicted <= self.elapsed():
            return None
        return self.predicted - self.elapsed()

    def text(self) -> str:
        """`12 of 30 actions · 4.2 s · about 8 s left`."""
        left = self.left()
        done = f"{self.over} of {self.actions} actions" if self.actions else self.doing
        parts = [done, seconds_text(self.elapsed())]
        return " · ".join([*parts, f"about {seconds_text(left)} left"] if left is not None else parts)


class PlainProgress:
    """Plain lines, and a heartbeat that names the running actions after `HEARTBEAT_S` without other output."""

    def __init__(
        self,
        out: TextIO,
        narrator: Narrator,
        *,
        every_s: float = HEARTBEAT_S,
        clock: Callable[[], float] = time.monotonic,  # Of the durations in the lines.
    ) -> None:
        self._out = out
        self._narrator = narrator
        self._every_s = every_s
        self._tally = Tally(clock)
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._last_line_s = time.monotonic()
        self._heart: threading.Thread | None = None

    def begin(self, doing: str) -> None:
        """Start the heartbeat."""
        with self._lock:
            self._tally.begin(doing)
        self._beat()

    def hear(self, event: Event) -> None:
        """Show the lines about an event, if there are any."""
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
                self._last_line_s = time.monotonic()
                self._out.write(text)
                self._out.flush()

    def close(self) -> None:
        """Stop the heartbeat."""
        self._rest()

    def _beat(self) -> None:
        self._rest()
        self._over.clear()
        self._last_line_s = time.monotonic()
        self._heart = threading.Thread(target=self._live, name="heartbeat", daemon=True)
        self._heart.start()

    def _rest(self) -> None:
        self._over.set()
        if self._heart is not None:
            self._heart.join()
            self._heart = None

    def _live(self) -> None:
        # Wait at most a second at a time: other output moves the next beat.
        while not self._over.wait(min(1.0, max(0.01, self._last_line_s + self._every_s - time.monotonic()))):
            if time.monotonic() - self._last_line_s >= self._every_s:
                with self._lock:
                    running, text, now = list(self._tally.running.values()), self._tally.text(), self._tally.clock()
                try:
                    self.say([f"at work · {text}{_named(running, now)}"])
                except (OSError, ValueError):  # The stream is closed; the main thread will notice, too.
                    return


def _named(running: list[RunningRow], now: float) -> str:
    names = []
    for action in running[:3]:
        progress = action.says(now)
        names.append(f"{escape(action.id)} ({seconds_text(now - action.since)}{f': {progress}' if progress else ''})")
    more = f" and {len(running) - 3} more" if len(running) > 3 else ""
    return f" · {', '.join(names)}{more}" if names else ""


class LiveProgress:
    """Lines above a live display that has one row per running action, with its last line of output once it takes long,
    and the totals. Text from specs and tools is never interpreted as markup.
    """

    def __init__(self, out: TextIO, narrator: Narrator, *, clock: Callable[[], float] = time.monotonic) -> None:
        from rich.console import Console
        from rich.live import Live

        self._narrator = narrator
        self._tally = Tally(clock)
        self._lock = threading.Lock()
        self._console = Console(file=out, markup=False, highlight=False, emoji=False, soft_wrap=True)
        self._live = Live(
            get_renderable=self._picture, console=self._console, refresh_per_second=REFRESH_A_SECOND, transient=True
        )

    def begin(self, doing: str) -> None:
        """Start the display, without rows."""
        with self._lock:
            self._tally.begin(doing)
        self._live.start()

    def hear(self, event: Event) -> None:
        """Show an event above the display and update the display."""
        with self._lock:
            self._tally.hear(event)
        if isinstance(event, BuildStarted) and event.actions:
            self._live.start()
        if isinstance(event, BuildFinished):
            self._live.stop()
        self.say(self._narrator.lines(event))

    def say(self, lines: Iterable[str]) -> None:
        """Show lines above the display."""
        from rich.text import Text

        for line in lines:
            self._console.print(Text.from_ansi(line))

    def close(self) -> None:
        """Remove the display."""
        self._live.stop()

    def _picture(self) -> Any:
        from rich.spinner import Spinner
        from rich.table import Table
        from rich.text import Text

        with self._lock:
            now = self._tally.clock()
            running = list(self._tally.running.values())
            text = self._tally.text()
        grid = Table.grid(padding=(0, 2))
        for action in running[:ROWS_SHOWN]:
            progress = action.says(now) or self._narrator.reasons.get(action.id, "")
            elapsed = Text(seconds_text(now - action.since), justify="right")
            # Every row is one line: rows that wrap would make the display jump.
            grid.add_row(Text(" " + escape(action.id)), elapsed, Text(progress, no_wrap=True, overflow="ellipsis"))
        if len(running) > ROWS_SHOWN:
            grid.add_row(Text(f" and {len(running) - ROWS_SHOWN} more"), Text(""), Text(""))
        outer = Table.grid()
        outer.add_row(grid)
        # The spinner follows the clock, so it moves even without events.
        spinner = Spinner("line", text=Text(text))
        spinner.start_time = 0.0
        outer.add_row(spinner)
        return outer
