"""Runs work in worker processes of this machine, which stay warm: a model is loaded once, not once per task."""

import selectors
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from episodec.engine.action import Resources
from episodec.engine.executor import Done, Failed, Offer, Outcome, Task
from episodec.engine.key import ActionKey
from episodec.errors import BackendError, StoreError, TimedOut, WorkerLost
from episodec.executors.memory import allowed_mib
from episodec.executors.pool import Pool, Warm, WorkerDemand
from episodec.executors.process import Binding
from episodec.executors.slots import Slots
from episodec.runner.limits import BEYOND
from episodec.runner.wire import Message, blobs_from_plain, error_from_plain, notes_from_plain, order_to_plain
from episodec.shortage import MEMORY
from episodec.store.layout import open_layout
from episodec.store.work import drop_scratch, remove_dead_work

_DYING_S = 1.0  # From the end of a worker's answers to its exit status.
_LEAVING_S = 1.0  # From closing a worker's order pipe to its exit, which takes milliseconds.


@dataclass(frozen=True, slots=True)
class _Running:
    task: Task
    worker: Warm
    started: float
    deadline: float | None  # On the monotonic clock, as `started`.


class LocalExecutor:
    """Runs tasks in at most `jobs` worker processes, plus one for each GPU in use.

    `registry` maps a backend's name to `module:Class`; outputs go into the store at `store_root`; workers search
    `extra_path` first for modules. A worker lays its order out in a folder of that store and removes it at the end;
    the executor removes the folders of workers that died.
    `memory_mib` limits the memory of running tasks plus that of models in idle workers. `is_held`: whether workers
    check outputs against the contracts of their stages before they store them.
    """

    def __init__(  # noqa: PLR0913 - independent limits, all given by the caller.
        self,
        registry: Mapping[str, str],
        store_root: Path,
        jobs: int,
        gpus: Sequence[int] = (),
        memory_mib: int | None = None,
        extra_path: Sequence[str] = (),
        *,
        is_held: bool = True,
    ) -> None:
        self._registry = registry
        self._layout = open_layout(store_root)
        self._is_held = is_held
        self._slots = Slots(max(jobs, 1), tuple(gpus), memory_mib)
        self._selector = selectors.DefaultSelector()
        self._pool = Pool(self._slots.cpus, extra_path, self._selector)
        self._running: dict[Warm, _Running] = {}
        self._ready: list[Outcome] = []

    def prestart(self, count: int = 1, cpus: int = 1) -> None:
        """Start this many workers before their first orders, to overlap their start-up with other work."""
        for _ in range(min(count, self._slots.cpus)):
            self._pool.start(Binding(cpus))

    def use(self, registry: Mapping[str, str]) -> None:
        """Take the backends' targets from this registry from now on."""
        self._registry = registry

    def is_busy(self) -> bool:
        """Whether a task runs, or an outcome was not collected."""
        return bool(self._running or self._ready)

    def offer(self, backend: str, resources: Resources) -> Offer:
        """Whether a task with these resources can start now."""
        return self._slots.offer(backend, resources)

    def submit(self, task: Task) -> None:
        """Start a task on a worker."""
        gpus = self._choose_gpus(task)
        target = self._registry[task.order.backend]
        demand = WorkerDemand.of(target, task.order.settings, Binding(task.order.cpus, gpus), task.memory_mib)
        try:
            worker = self._pool.pick(demand, task.log)
        except OSError as error:
            self._ready.append(Failed(task.id, _not_started(task, error), 0.0))
            return
        self._make_room_for(task, worker)
        self._slots.take(task, gpus)
        now = time.monotonic()
        deadline = None if task.timeout_s is None else now + task.timeout_s
        self._running[worker] = _Running(task, worker, now, deadline)
        order, log = order_to_plain(task.order), str(task.log.absolute())
        message = {"target": target, "order": order, "gpus": list(gpus), "log": log, "store": self._layout.root}
        allowed = allowed_mib(self._slots.memory_mib, task.memory_mib)
        worker.process.send({**message, "memory_mib": allowed, "held": self._is_held})

    def wait(self, timeout_s: float | None) -> Sequence[Outcome]:
        """Outcomes received: at least one, unless the timeout expires or nothing runs."""
        end = None if timeout_s is None else time.monotonic() + timeout_s
        while not self._ready and self._running:
            for key, _ in self._selector.select(self._pause(end)):
                self._hear(key.data)
            self._stop_overdue()
            if end is not None and time.monotonic() >= end:
                break
        ready, self._ready = self._ready, []
        return ready

    def forget(self, key: ActionKey) -> None:
        """Remove the scratch folder of a recorded result."""
        drop_scratch(self._layout, key)

    def close(self, *, kill: bool = False) -> None:
        """End all workers and their children; a task that still runs has no outcome."""
        for worker in self._pool:
            worker.process.hang_up()
        for worker in self._pool:
            self._pool.discard(worker, 0.0 if kill else _LEAVING_S)
        if self._running:
            self._tidy()
        self._running.clear()
        self._selector.close()

    def _choose_gpus(self, task: Task) -> tuple[int, ...]:
        """Free GPUs for the task, preferring those of a worker that has its backend loaded."""
        free = self._slots.free_gpus()
        hosted = WorkerDemand.of(self._registry[task.order.backend], task.order.settings, Binding(0), 0).hosted
        for worker in self._pool:
            bound = worker.process.binding.gpus
            if hosted in worker.hosts and len(bound) == task.gpus and set(bound) <= set(free):
                return bound
        return free[: task.gpus]

    def _make_room_for(self, task: Task, worker: Warm) -> None:
        if self._slots.memory_mib is not None:
            idle = sum(w.holds_mib() for w in self._pool if not w.busy)
            memory_mib = self._slots.memory_held() + max(task.memory_mib, worker.holds_mib())
            self._pool.make_room(worker, memory_mib + idle - self._slots.memory_mib)

    def _pause(self, end: float | None) -> float | None:
        """Seconds until the timeout or the next deadline; None if there is neither."""
        moments = [m for m in (end, *(r.deadline for r in self._running.values())) if m is not None]
        return max(0.0, min(moments) - time.monotonic()) if moments else None

    def _hear(self, worker: Warm) -> None:
        """Collect a worker's answers; a closed pipe means that it died."""
        try:
            for answer in worker.process.read():
                running = self._finish(worker)
                self._ready.append(_outcome(running.task, answer))
                worker.busy = False
        except EOFError:
            ending = self._pool.discard(worker, _DYING_S)
            if worker in self._running:
                running = self._finish(worker)
                self._tidy()
                self._ready.append(_failed(running, _lost(running.task, ending)))

    def _stop_overdue(self) -> None:
        now = time.monotonic()
        for running in [r for r in self._running.values() if r.deadline is not None and r.deadline <= now]:
            self._pool.discard(running.worker)
            self._finish(running.worker)
            self._tidy()
            self._ready.append(_failed(running, _timed_out(running.task)))

    def _tidy(self) -> None:
        """Remove the folders of dead workers. What cannot be removed now is left to the next build."""
        with suppress(StoreError):
            remove_dead_work(self._layout)

    def _finish(self, worker: Warm) -> _Running:
        running = self._running.pop(worker)
        self._slots.give(running.task)
        return running


def _outcome(task: Task, answer: Message) -> Outcome:
    if "error" in answer:
        return Failed(task.id, error_from_plain(answer["error"]), answer["seconds"])
    notes = notes_from_plain(answer["notes"])
    return Done(task.id, blobs_from_plain(answer["outputs"]), answer["seconds"], notes)


def _failed(running: _Running, error: Exception) -> Failed:
    return Failed(running.task.id, error, time.monotonic() - running.started)


def _lost(task: Task, ending: str) -> BackendError:
    if ending == f"exit code {BEYOND}":
        facts = {"backend": task.order.backend, "stage": task.order.stage, "log": task.log}
        return BackendError(MEMORY.sentence, facts=facts, hint=MEMORY.hint)
    hint = "the kernel sends SIGKILL when memory runs out: try a smaller --jobs" if "SIGKILL" in ending else None
    facts = {"backend": task.order.backend, "worker": ending, "log": task.log}
    return WorkerLost(f"the worker process died while running {task.id}", facts=facts, hint=hint)


def _not_started(task: Task, error: OSError) -> WorkerLost:
    facts = {"backend": task.order.backend, "error": error, "log": task.log}
    return WorkerLost(f"cannot start a worker process for {task.id}", facts=facts)


def _timed_out(task: Task) -> TimedOut:
    facts = {"backend": task.order.backend, "limit": f"{task.timeout_s:g} s", "log": task.log}
    return TimedOut(f"{task.id} exceeded its time limit and was stopped", facts=facts)
