"""Runs work in this very process, one task at a time: the in-memory executor for tests, debuggers and benchmarks.

It does not clean the environment, enforce time limits or survive a crash of the work.
"""

from collections.abc import Callable, Sequence

from episodec.engine.action import Resources
from episodec.engine.executor import Later, Now, Offer, Outcome, Task
from episodec.engine.key import ActionKey


class InlineExecutor:
    """Runs each task inside `wait`. `perform` does the work of a task (see `runner.perform.performer`)."""

    def __init__(
        self, perform: Callable[[Task], Outcome], forget: Callable[[ActionKey], None] = lambda _: None
    ) -> None:
        """`forget` is called for each recorded result."""
        self._perform = perform
        self._tasks: list[Task] = []
        self.forget = forget

    def offer(self, backend: str, resources: Resources) -> Offer:
        """`Now` when nothing is queued."""
        return Later() if self._tasks else Now()

    def submit(self, task: Task) -> None:
        """Queue a task for the next `wait`."""
        self._tasks.append(task)

    def wait(self, timeout_s: float | None) -> Sequence[Outcome]:
        """The outcomes of all submitted tasks; `timeout_s` is ignored."""
        tasks, self._tasks = self._tasks, []
        return [self._perform(task) for task in tasks]

    def close(self, *, kill: bool = False) -> None:
        """Drop the tasks that have not run."""
        self._tasks.clear()
