"""The seam between the engine and the places where work runs: orders, tasks and their outcomes, and the executor."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from episodec.digest import Canonical
from episodec.engine.action import ActionId, Resources, Role
from episodec.engine.backend import Settings
from episodec.engine.cache import Blob
from episodec.engine.key import ActionKey
from episodec.engine.notes import Note
from episodec.errors import BackendError


@dataclass(frozen=True, slots=True)
class StoredInput:
    """An input whose bytes a store keeps."""

    name: str  # Of the file that the backend sees.
    blob: Blob


@dataclass(frozen=True, slots=True)
class AuthorInput:
    """An input that is an author's file."""

    name: str
    blob: Blob  # Its digest and size; no store needs to keep it.
    path: str  # Absolute, on the machine of the build; another machine goes by the digest.


@dataclass(frozen=True, slots=True)
class BytesInput:
    """An input that the order holds itself."""

    name: str
    content: bytes


OrderInput = StoredInput | AuthorInput | BytesInput


@dataclass(frozen=True, slots=True)
class Order:
    """An action as it is sent to the side that runs it, whichever machine that is: its inputs by digest, no folder.

    That side lays it out (`runner.lay_out`), which makes a `WorkOrder` of it.
    """

    key: ActionKey
    stage: str
    backend: str
    params: Mapping[str, Canonical]
    inputs: Mapping[Role, tuple[OrderInput, ...]]
    outputs: tuple[str, ...]
    settings: Settings = field(default_factory=dict)
    cpus: int = 1


@dataclass(frozen=True, slots=True)
class Task:
    """What an executor is handed: an order for a worker, and what only the build's own side needs to know of it."""

    id: ActionId  # For logs and events; a backend never sees it.
    order: Order
    log: Path  # Where the worker's output goes; a file of the machine of the build.
    memory_mib: int = 0
    gpus: int = 0
    timeout_s: float | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """A task that a worker finished; its outputs are in a store, durable, not yet recorded. A blob's `place` names the
    store, where it is not the build's own.
    """

    id: ActionId
    outputs: Mapping[str, Blob]
    seconds: float
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class Failed:
    """A task that did not give its outputs. Of a CorruptBlob, the fact `digest` says which input could not be read."""

    id: ActionId
    error: Exception
    seconds: float


Outcome = Done | Failed


@dataclass(frozen=True, slots=True)
class Now:
    """There is room for it."""


@dataclass(frozen=True, slots=True)
class Later:
    """There will be room for it, when something that runs is done."""


@dataclass(frozen=True, slots=True)
class Never:
    """No machine can take it, whatever ends; the error of the action says why."""

    reason: BackendError


Offer = Now | Later | Never


class Executor(Protocol):
    """Where work runs, on one machine or many. Every submitted task comes back from `wait` exactly once.

    The side that runs lays orders out, and removes what it laid out when a task ends, however it ends.
    """

    def offer(self, backend: str, resources: Resources) -> Offer:
        """Whether a task of this backend that holds this much can start now. Never `Later` when nothing runs."""
        ...

    def submit(self, task: Task) -> None:
        """Start a task. Only after the offer was `Now`."""
        ...

    def wait(self, timeout_s: float | None) -> Sequence[Outcome]:
        """Outcomes that have come in, at least one unless the time is over or nothing runs. A task whose machine is
        gone failed with MachineLost.
        """
        ...

    def forget(self, key: ActionKey) -> None:
        """The result of this key is recorded: what its action left to resume from may go."""
        ...

    def close(self, *, kill: bool = False) -> None:
        """Let every worker go, its children with it; with `kill`, at once. What was laid out is removed. The second
        time, nothing.
        """
        ...
