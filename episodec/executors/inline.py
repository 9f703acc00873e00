"""Work in this very process, one task at a time: the executors' in-memory twin, for tests, debuggers and benchmarks.

It does not clean the environment, hold a time limit, or survive a crash of the work.
"""

from collections.abc import Callable, Sequence

from episodec.engine.protocols import Outcome, Task


class InlineExecutor:
    """Runs each task inside `wait`. `perform` does a task's work (`runner.perform.performer` makes one)."""

    def __init__(self, perform: Callable[[Task], Outcome]) -> None:
        self._perform = perform
        self._tasks: list[Task] = []

    def has_room(self, cpus: int, gpus: int, memory_mib: int) -> bool:
        """Whether nothing waits."""
        return not self._tasks

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
