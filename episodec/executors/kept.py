"""Keeps the local workers of a build for the next one, so that it finds their models and kernels loaded.

It does not know which files a backend's results depend on: the caller names them.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Self

from episodec.engine.action import Resources
from episodec.engine.executor import Offer, Outcome, Task
from episodec.engine.key import ActionKey
from episodec.executors.local import LocalExecutor
from episodec.store.file_watch import FileWatch
from episodec.store.signature import Signature

Inputs = Callable[[], Mapping[str, Signature]]
"""All files that must be unchanged for the workers to be used again, relative to the working folder or absolute."""


class KeptWorkers:
    """Keeps workers between two builds of one series; they end with the context."""

    def __init__(self) -> None:
        self._executor: LocalExecutor | None = None
        self._identity = ""
        self._inputs: Mapping[str, Signature] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def lend(
        self, identity: str, registry: Mapping[str, str], make: Callable[[], LocalExecutor], inputs: Inputs
    ) -> "LentExecutor":
        """The kept workers, if the identity is the same and no file changed that they may have loaded; else new ones.

        `registry` maps each backend's name to `module:Class`.
        """
        kept, self._executor = self._executor, None
        if kept is not None and (identity != self._identity or FileWatch().moved(self._inputs) is not None):
            kept.close()
            kept = None
        if kept is None:
            kept, self._inputs = make(), {}
        kept.use(registry)
        self._identity = identity
        return LentExecutor(kept, lambda: self._take_back(kept, inputs))

    def close(self) -> None:
        """End the kept workers."""
        if self._executor is not None:
            self._executor.close()
            self._executor = None

    def _take_back(self, executor: LocalExecutor, inputs: Inputs) -> None:
        # Files of earlier builds count, too: a worker may have loaded them.
        self._inputs = {**inputs(), **self._inputs}
        self._executor = executor


class LentExecutor:
    """Kept workers while one build uses them."""

    def __init__(self, executor: LocalExecutor, give_back: Callable[[], None]) -> None:
        self._executor = executor
        self._give_back = give_back
        self._is_open = True

    def offer(self, backend: str, resources: Resources) -> Offer:
        """Whether a task with these resources can start now."""
        return self._executor.offer(backend, resources)

    def submit(self, task: Task) -> None:
        """Start a task on a worker."""
        self._executor.submit(task)

    def wait(self, timeout_s: float | None) -> Sequence[Outcome]:
        """Outcomes received: at least one, unless the timeout expires or nothing runs."""
        return self._executor.wait(timeout_s)

    def forget(self, key: ActionKey) -> None:
        """Remove the scratch folder of a recorded result."""
        self._executor.forget(key)

    def close(self, *, kill: bool = False) -> None:
        """Give the workers back; they end if one of them still runs something, or with `kill`."""
        if not self._is_open:
            return
        self._is_open = False
        if kill or self._executor.is_busy():
            self._executor.close(kill=kill)
        else:
            self._give_back()
