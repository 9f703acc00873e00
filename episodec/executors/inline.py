"""Work in this very process, one task at a time: the executors' in-memory twin, for tests, debuggers and benchmarks.

It does not clean the environment, hold a time limit, or survive a crash of the work.
"""

from collections.abc import Callable, Sequence

from episodec.engine.action import Resources
from episodec.engine.executor import Later, Now, Offer, Outcome, Task
from episodec.engine.key import ActionKey


class InlineExecutor:
    """Runs each task inside `wait`. `perform` does a task's work (`runner.perform.performer` makes one)."""

    def __init__(
        self, perform: Callable[[Task], Outcome], forget: Callable[[ActionKey], None] = lambda _: None
    ) -> None:
        """`forget` hears of each result that is recorded."""
        self._perform = perform
        self._tasks: list[Task] = []
        self.forget = forget

    def offer(self, backend: str, resources: Resources) -> Offer:
        """Room, when nothing waits."""
        return Later() if self._tasks else Now()

    def submit(self, task: Task) -> None:
        """Have it run by the next `wait`."""
        self._tasks.append(task)

    def wait(self, timeout_s: float | None) -> Sequence[Outcome]:
        """The outcomes of all that was submitted; never stops in the middle."""
        tasks, self._tasks = self._tasks, []
        return [self._perform(task) for task in tasks]

    def close(self, *, kill: bool = False) -> None:
        """Forget what has not run."""
        self._tasks.clear()
