"""Finished results that are not recorded yet: their inputs are checked together, and one write records them all."""

from collections.abc import Iterable
from dataclasses import dataclass

from episodec.building.run_context import POLL_S, RunContext
from episodec.building.running import RunningAction
from episodec.engine.cache import Record
from episodec.engine.executor import Done
from episodec.engine.plan import Forced, Remade
from episodec.errors import EpisodecError

RECORD_S = 0.1  # Results that arrive within this time are recorded together, if there is other work.


@dataclass(frozen=True, slots=True)
class RecordedResult:
    """A recorded result."""

    record: Record
    unchanged: bool  # Whether its bytes equal the previous result's.


class Recording:
    """The results of one run that wait to be recorded."""

    def __init__(self, context: RunContext) -> None:
        self._context = context
        self._waiting: list[tuple[RunningAction, Done]] = []
        self._recorded_s = -RECORD_S  # When results were last recorded.

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, came: Iterable[tuple[RunningAction, Done]]) -> None:
        """Queue results that arrived."""
        self._waiting += came

    def is_due(self) -> bool:
        """Whether enough time has passed since the last write."""
        return self._context.clock() >= self._recorded_s + RECORD_S

    def patience_s(self) -> float:
        """How long to wait for the next outcome."""
        if not self._waiting:
            return POLL_S
        return min(max(self._recorded_s + RECORD_S - self._context.clock(), 0), POLL_S)

    def record(self) -> list[tuple[RunningAction, Done, RecordedResult | EpisodecError]]:
        """Record all waiting results: in one write or, if that fails, one by one. Inputs are checked once
        for all, after the last result arrived. The outcome of each: the recorded result, or the error for
        which it was discarded.
        """
        done, self._waiting = self._waiting, []
        self._recorded_s = self._context.clock()
        self._context.look_anew()
        try:
            with self._context.cache.batch():
                kept = [self._keep(*one) for one in done]
        except EpisodecError:
            kept = [self._kept_alone(*one) for one in done]
        return [(*one, result) for one, result in zip(done, kept, strict=True)]

    def _kept_alone(self, running: RunningAction, done: Done) -> RecordedResult | EpisodecError:
        try:
            with self._context.cache.batch():
                return self._keep(running, done)
        except EpisodecError as error:
            return error

    def _keep(self, running: RunningAction, done: Done) -> RecordedResult | EpisodecError:
        action, miss = running.action, running.miss
        if (moved := running.input_moved()) is not None:
            return moved
        sure = self._context.deterministic(action)
        # A deterministic action that gives other bytes now corrects its record: the old one was wrong.
        is_truer = isinstance(miss.reason, Remade) or (sure and isinstance(miss.reason, Forced))
        record = Record(done.outputs, done.seconds, done.notes)
        record = self._context.cache.record(miss.key, record, deterministic=sure, replace=is_truer)
        return RecordedResult(record, self._context.remember(action, miss, record))
