"""Counts the resources of a machine that are taken, and whether a task fits. Starts nothing."""

from dataclasses import dataclass, field

from episodec.engine.action import Resources
from episodec.engine.executor import Later, Never, Now, Offer, Task
from episodec.errors import BackendError


@dataclass(slots=True)
class Slots:
    """The CPUs, GPUs and memory that tasks may hold at one time."""

    cpus: int
    gpus: tuple[int, ...] = ()
    memory_mib: int | None = None  # None: unlimited.
    _held: dict[str, tuple[int, int]] = field(default_factory=dict)  # Task id to cpus and memory_mib.
    _gpus_held: dict[int, str] = field(default_factory=dict)

    def offer(self, backend: str, asked: Resources) -> Offer:
        """Whether these resources are free. A request for more CPUs or memory than exist runs alone; one for more GPUs
        than exist never runs.
        """
        if asked.gpus > len(self.gpus):
            return Never(_no_such_gpus(backend, asked.gpus, self.gpus))
        if not self._held:
            return Now()
        taken_cpus = sum(cpus for cpus, _ in self._held.values())
        is_free = (
            taken_cpus + max(asked.cpus, 1) <= self.cpus
            and asked.gpus <= len(self.gpus) - len(self._gpus_held)
            and (self.memory_mib is None or self.memory_held() + asked.memory_mib <= self.memory_mib)
        )
        return Now() if is_free else Later()

    def memory_held(self) -> int:
        """MiB requested by the running tasks."""
        return sum(memory for _, memory in self._held.values())

    def free_gpus(self) -> tuple[int, ...]:
        """GPUs that no running task holds, in the order of `gpus`."""
        return tuple(gpu for gpu in self.gpus if gpu not in self._gpus_held)

    def take(self, task: Task, gpus: tuple[int, ...]) -> None:
        """Reserve the task's resources and these GPUs."""
        self._held[task.id] = (max(task.order.cpus, 1), task.memory_mib)
        self._gpus_held.update(dict.fromkeys(gpus, task.id))

    def give(self, task: Task) -> None:
        """Release the task's resources."""
        del self._held[task.id]
        self._gpus_held = {gpu: holder for gpu, holder in self._gpus_held.items() if holder != task.id}


def _no_such_gpus(backend: str, requested: int, gpus: tuple[int, ...]) -> BackendError:
    facts = {"backend": backend, "wanted": requested, "there are": len(gpus)}
    hint = "list this machine's GPUs in episodec.local.yaml, or choose another backend for the stage"
    return BackendError("an action needs more GPUs than this machine offers", facts=facts, hint=hint)
