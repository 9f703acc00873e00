"""Chooses the warm worker process for an order, starts workers and retires them. Never waits for an order to end."""

import selectors
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from episodec.executors.process import Binding, WorkerProcess

Hosted = tuple[str, tuple[tuple[str, str], ...]]
"""The target and settings of a backend that a worker has loaded."""


@dataclass(frozen=True, slots=True)
class WorkerDemand:
    """Requirements of an order on its worker."""

    binding: Binding
    hosted: Hosted
    memory_mib: int

    @staticmethod
    def of(target: str, settings: Mapping[str, str], binding: Binding, memory_mib: int) -> "WorkerDemand":
        """Build one from the plain parts of an order."""
        return WorkerDemand(binding, (target, tuple(sorted(settings.items()))), memory_mib)


@dataclass(eq=False, slots=True)
class Warm:
    """A live worker and the backends that it keeps loaded."""

    process: WorkerProcess
    busy: bool = False
    used: int = 0  # Turn of its last order; the lowest is the least recently used.
    hosts: dict[Hosted, int] = field(default_factory=dict)  # MiB requested by the largest task of each backend.

    def holds_mib(self) -> int:
        """MiB that it may hold between orders."""
        return sum(self.hosts.values())


class Pool:
    """At most `limit` workers without a GPU, plus those that own GPUs. No two workers share a GPU."""

    def __init__(self, limit: int, extra_path: Sequence[str], selector: selectors.BaseSelector) -> None:
        """`selector` watches the answers of every live worker, with the worker as data."""
        self._limit = limit
        self._extra_path = tuple(extra_path)
        self._selector = selector
        self._workers: list[Warm] = []
        self._turn = 0

    def __iter__(self) -> Iterator[Warm]:
        return iter(list(self._workers))

    def pick(self, demand: WorkerDemand, log: Path) -> Warm:
        """The worker for this order, marked busy.

        By preference: one that has the backend loaded; one without a loaded model; a new one; the least recently used.
        """
        self._turn += 1
        for worker in self:
            if not worker.busy and not worker.process.is_alive():
                self.discard(worker)
        worker = self._choose(demand) or self.start(demand.binding, log)
        worker.busy, worker.used = True, self._turn
        worker.hosts[demand.hosted] = max(demand.memory_mib, worker.hosts.get(demand.hosted, 0))
        return worker

    def start(self, binding: Binding, log: Path | None = None) -> Warm:
        """A new worker; idle ones that are in its way are retired."""
        if binding.gpus:
            for worker in self._idle(lambda w: not set(binding.gpus).isdisjoint(w.process.binding.gpus)):
                self.discard(worker)
        elif sum(not w.process.binding.gpus for w in self._workers) >= self._limit:
            for worker in self._idle(lambda w: not w.process.binding.gpus)[:1]:
                self.discard(worker)
        worker = Warm(WorkerProcess(binding, self._extra_path, log))
        self._workers.append(worker)
        self._selector.register(worker.process.answers, selectors.EVENT_READ, worker)
        return worker

    def make_room(self, spare: Warm, excess_mib: int) -> None:
        """Retire idle workers, least recently used first, until `excess_mib` is freed; `spare` stays."""
        for worker in self._idle(lambda w: w is not spare and w.holds_mib() > 0):
            if excess_mib <= 0:
                return
            excess_mib -= worker.holds_mib()
            self.discard(worker)

    def discard(self, worker: Warm, patience_s: float = 0.0) -> str:
        """End a worker and its children; returns how it ended, in words."""
        self._workers.remove(worker)
        self._selector.unregister(worker.process.answers)
        return worker.process.end(patience_s)

    def _choose(self, demand: WorkerDemand) -> Warm | None:
        """The idle worker to use, or None for a new one."""
        fitting = self._idle(lambda w: w.process.binding == demand.binding)
        same = [worker for worker in fitting if demand.hosted in worker.hosts]
        if same:
            return same[-1]
        if demand.binding.gpus:  # Another backend's model occupies that GPU and must be evicted first.
            return None
        light = [worker for worker in fitting if not worker.holds_mib()]
        if light:
            return light[-1]
        is_full = sum(not w.process.binding.gpus for w in self._workers) >= self._limit
        return fitting[0] if fitting and is_full else None

    def _idle(self, claim: Callable[[Warm], bool]) -> list[Warm]:
        """Idle workers for which `claim` holds, least recently used first."""
        return sorted((w for w in self._workers if not w.busy and claim(w)), key=lambda w: w.used)
