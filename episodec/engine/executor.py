"""The seam between the engine and the places where work runs: orders, tasks, their outcomes, and the executor."""

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
    path: str  # Absolute, on the machine of the build; other machines use the digest.


@dataclass(frozen=True, slots=True)
class BytesInput:
    """An input whose bytes are in the order itself."""

    name: str
    content: bytes


OrderInput = StoredInput | AuthorInput | BytesInput


@dataclass(frozen=True, slots=True)
class Order:
    """An action as it is sent to the side that runs it, on any machine: its inputs by digest, no folders.

    That side lays it out (`runner.lay_out`) and makes a `WorkOrder` of it.
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
    """The input of an executor: an order for a worker, and facts that only the build's own side needs."""

    id: ActionId  # For logs and events; a backend never sees it.
    order: Order
    log: Path  # Where the worker's output goes; a file on the build's machine.
    memory_mib: int = 0
    gpus: int = 0
    timeout_s: float | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """A task that a worker finished; its outputs are in a store, durable, not yet recorded.

    A blob's `place` names the store, unless it is the build's own.
    """

    id: ActionId
    outputs: Mapping[str, Blob]
    seconds: float
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class Failed:
    """A task that failed. For a CorruptBlob, the fact `digest` names the unreadable input."""

    id: ActionId
    error: Exception
    seconds: float


Outcome = Done | Failed


@dataclass(frozen=True, slots=True)
class Now:
    """There is room for it."""


@dataclass(frozen=True, slots=True)
class Later:
    """There will be room for it when a running task ends."""


@dataclass(frozen=True, slots=True)
class Never:
    """No machine can ever run it; the action's error says why."""

    reason: BackendError


Offer = Now | Later | Never


class Executor(Protocol):
    """Where work runs, on one machine or many. Every submitted task comes back from `wait` exactly once.

    The side that runs lays orders out, and removes these files when a task ends, however it ends.
    """

    def offer(self, backend: str, resources: Resources) -> Offer:
        """Whether a task of this backend with these resources can start now. Never `Later` when nothing runs."""
        ...

    def submit(self, task: Task) -> None:
        """Start a task. Allowed only after the offer was `Now`."""
        ...

    def wait(self, timeout_s: float | None) -> Sequence[Outcome]:
        """Outcomes that have come in, at least one unless the timeout passes or nothing runs.

        A task whose machine is gone has failed with MachineLost.
        """
        ...

    def forget(self, key: ActionKey) -> None:
        """Allow removal of the files from which this action could resume: its result is recorded."""
        ...

    def close(self, *, kill: bool = False) -> None:
        """Stop every worker and its children, after its task or, with `kill`, immediately. Files laid out are removed.

        A second call does nothing.
        """
        ...
