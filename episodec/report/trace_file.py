"""A build as a trace for Perfetto and chrome://tracing: one bar per action, one lane per action running in parallel.

Format: the JSON of Chrome's trace events ("Trace Event Format"), complete events (`X`) and instant ones (`i`), times in
microseconds from the first event.
"""

import json
import time
from collections.abc import Callable, Sequence

from episodec.engine.action import ActionId
from episodec.engine.events import (
    ActionFailed,
    ActionHit,
    ActionMade,
    ActionRetried,
    ActionStarted,
    BuildReported,
    BuildStarted,
    EpisodePublished,
    Event,
    PagePublished,
)
from episodec.report.words import reason_text

_PROCESS = 1  # The only process in the trace: lanes are slots, not processes.


class TraceFile:
    """Collects events as a trace."""

    def __init__(self, command: Sequence[str], clock: Callable[[], float] = time.monotonic) -> None:
        self._command = " ".join(command)
        self._clock = clock
        self._began: float | None = None
        self._running: dict[ActionId, tuple[ActionStarted, int, int]] = {}  # With its start, in µs, and its lane.
        self._rows: list[dict[str, object]] = []
        self._hits = 0
        self._critical: frozenset[str] = frozenset()

    def hear(self, event: Event) -> None:
        """Add an event."""
        now = self._now()
        match event:
            case BuildStarted():
                self._instant("build started", now, {"actions": event.actions, "misses": event.misses})
            case ActionHit():
                self._hits += 1
            case ActionStarted(id=name):
                taken = {lane for _, _, lane in self._running.values()}
                lane = next(one for one in range(1, len(taken) + 2) if one not in taken)
                self._running[name] = event, now, lane
            case ActionMade(id=name):
                self._end(name, now, {"unchanged": event.unchanged, "seconds": event.seconds})
            case ActionFailed(id=name) | ActionRetried(id=name):
                self._end(name, now, {"error": str(event.error)})
            case EpisodePublished(name=name, written=written):
                self._instant(f"published {name}", now, {"files": list(written)})
            case PagePublished():
                self._instant("page written", now, {})
            case BuildReported():
                self._critical = frozenset(one.id for one in event.critical_path)
            case _:
                pass

    def content(self) -> bytes:
        """The trace as JSON, without actions that are still running."""
        for row in self._rows:
            if row["name"] in self._critical:
                row["cname"] = "terrible"  # Red in Chrome: the longest chain of the build.
                row["args"] = {**dict(row["args"]), "critical": True}  # type: ignore[call-overload]
        lanes = sorted({int(str(row["tid"])) for row in self._rows if row["ph"] == "X"})
        names = [self._name("process_name", 0, self._command)]
        names += [self._name("thread_name", lane, f"slot {lane}") for lane in lanes]
        other = {"command": self._command, "hits": self._hits}
        tree = {"displayTimeUnit": "ms", "otherData": other, "traceEvents": [*names, *self._rows]}
        return (json.dumps(tree, ensure_ascii=True) + "\n").encode()

    def _now(self) -> int:
        """Microseconds since the first event."""
        now = self._clock()
        self._began = now if self._began is None else self._began
        return round((now - self._began) * 1e6)

    def _end(self, name: ActionId, now: int, more: dict[str, object]) -> None:
        if name not in self._running:  # It failed before it could start.
            return
        started, start, lane = self._running.pop(name)
        args = {"reason": reason_text(started.reason, started.backend), "backend": started.backend, "key": started.key}
        self._rows.append(
            {
                "name": name,
                "cat": started.stage,
                "ph": "X",
                "ts": start,
                "dur": max(1, now - start),
                "pid": _PROCESS,
                "tid": lane,
                "args": {**args, **more},
            }
        )

    def _instant(self, name: str, now: int, args: dict[str, object]) -> None:
        self._rows.append(
            {"name": name, "cat": "build", "ph": "i", "s": "p", "ts": now, "pid": _PROCESS, "tid": 0, "args": args}
        )

    def _name(self, kind: str, lane: int, name: str) -> dict[str, object]:
        return {"name": kind, "ph": "M", "pid": _PROCESS, "tid": lane, "args": {"name": name}}
