"""Results that came back and are not recorded yet: one look at what they were made from serves all that wait, and one
write records them.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from episodec.building.running import Running
from episodec.building.world import POLL_S, World
from episodec.engine.cache import Record
from episodec.engine.executor import Done
from episodec.engine.plan import Forced, Remade
from episodec.errors import EpisodecError

RECORD_S = 0.1  # Results that came in within this time are recorded together, while there is other work.


@dataclass(frozen=True, slots=True)
class Kept:
    """A result that is recorded."""

    record: Record
    unchanged: bool  # Whether its bytes are those of the last time.


class Recording:
    """The results of one run that wait to be recorded."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._waiting: list[tuple[Running, Done]] = []
        self._recorded_s = -RECORD_S  # When results were recorded last.

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, came: Iterable[tuple[Running, Done]]) -> None:
        """These came back."""
        self._waiting += came

    def is_due(self) -> bool:
        """Whether those that wait have waited for others long enough."""
        return self._world.clock() >= self._recorded_s + RECORD_S

    def patience_s(self) -> float:
        """How long the next outcome is waited for."""
        if not self._waiting:
            return POLL_S
        return min(max(self._recorded_s + RECORD_S - self._world.clock(), 0), POLL_S)

    def record(self) -> list[tuple[Running, Done, Kept | EpisodecError]]:
        """Record all that wait: in one write; where that fails, each alone. Files are looked at once for all of them,
        and after the last of them came. Of each, what was kept, or why it is thrown away.
        """
        done, self._waiting = self._waiting, []
        self._recorded_s = self._world.clock()
        self._world.look_anew()
        try:
            with self._world.cache.batch():
                kept = [self._keep(*one) for one in done]
        except EpisodecError:
            kept = [self._kept_alone(*one) for one in done]
        return [(*one, result) for one, result in zip(done, kept, strict=True)]

    def _kept_alone(self, running: Running, done: Done) -> Kept | EpisodecError:
        try:
            with self._world.cache.batch():
                return self._keep(running, done)
        except EpisodecError as error:
            return error

    def _keep(self, running: Running, done: Done) -> Kept | EpisodecError:
        action, miss = running.action, running.miss
        if (moved := running.input_moved()) is not None:
            return moved
        sure = self._world.deterministic(action)
        # Of what gives the same bytes each time, others are the truth: what was recorded is wrong.
        is_truer = isinstance(miss.reason, Remade) or (sure and isinstance(miss.reason, Forced))
        record = Record(done.outputs, done.seconds, done.notes)
        record = self._world.cache.record(miss.key, record, deterministic=sure, replace=is_truer)
        return Kept(record, self._world.remember(action, miss, record))
