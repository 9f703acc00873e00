"""The narrow seams between the engine and the world: backends, executors, the cache, and the values that cross them.

Invariant: a work order holds no episode, no id that a backend may use, and no position: what a backend sees is in the
key.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Protocol

from episodec.digest import Canonical, Digest
from episodec.engine.action import ActionId, Resources, Role
from episodec.engine.key import ActionKey
from episodec.engine.notes import Note
from episodec.errors import BackendError

Settings = Mapping[str, str]
"""What belongs to one machine for one backend (where it is installed, which checkpoints), from episodec.local.yaml.
Never in a key.
"""


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """All that changes a backend's output besides an action's own parts, and the files that this was read from.

    `parts` goes into keys: tool versions, digests of model files, what settings mean. Of the code that it runs and the
    packages that this imports it says nothing: they are found by themselves (`closure`).
    Invariant: `parts` holds no path, host, clock or locale. `watches` are absolute paths (binaries, model files,
    folders that count by the names in them): while they stand, the fingerprint is remembered and not computed again.
    """

    parts: Mapping[str, Canonical]
    watches: tuple[str, ...] = ()


class Digester(Protocol):
    """Digests of files, each computed once for as long as its stat signature stands."""

    def of(self, path: str) -> Digest:
        """The digest of this file's content. Raises OSError when it cannot be read."""
        ...

    def of_tree(self, folder: str) -> Digest:
        """The digest of all files below a folder, with their names. Raises OSError when one cannot be read."""
        ...


@dataclass(frozen=True, slots=True)
class WorkOrder:
    """All that a backend sees of an action: plain values and paths. Everything but the paths is in the key or inert.

    The backend writes each output to its path in `outputs` (not yet existing, its folder does) and may use `scratch`, a
    folder named by the key that survives kills: a long action resumes from it. Printing goes to the action's log, which
    few read; what the author should know is told by `note`.
    """

    key: ActionKey
    stage: str
    backend: str
    params: Mapping[str, Canonical]
    inputs: Mapping[Role, tuple[Path, ...]]  # Read-only files, named by role: `in/recording.wav`.
    outputs: Mapping[str, Path]
    scratch: Path
    settings: Settings = field(default_factory=dict)
    cpus: int = 1
    gpus: tuple[int, ...] = ()
    notes: list[Note] = field(default_factory=list, compare=False)  # What the backend told so far.

    def note(
        self, code: str, sentence: str, *, facts: Mapping[str, Canonical] | None = None, hint: str | None = None
    ) -> None:
        """Tell the author something of the result; see `engine.notes.Note`. The backend declares the code in `notes`.
        Told twice is told once. An action that resumes tells what it finds in the end, not on its way.
        """
        told = Note(code, sentence, facts or {}, hint)
        if told not in self.notes:
            self.notes.append(told)

    def input(self, role: Role) -> Path:
        """The one file under a role."""
        (path,) = self.inputs[role]
        return path

    def output(self) -> Path:
        """The one output."""
        (path,) = self.outputs.values()
        return path

    def whole(self, name: str) -> int:
        """A parameter that is a positive whole number.

        Raises:
            BackendError: it is not.
        """
        value = self.params.get(name)
        if not isinstance(value, int) or value <= 0:
            facts = {"backend": self.backend, "name": name, "found": value}
            raise BackendError("a parameter must be a positive whole number", facts=facts)
        return value

    def number(self, name: str) -> float:
        """A parameter that is a number, whole or not.

        Raises:
            BackendError: it is none.
        """
        value = self.params.get(name)
        if not isinstance(value, int | float):
            raise BackendError(
                "a parameter must be a number", facts={"backend": self.backend, "name": name, "found": value}
            )
        return float(value)


@dataclass(frozen=True, slots=True)
class Duration:
    """How long an action of a backend may take, in seconds: a constant, and so much for each part of what it makes."""

    each_s: float = 0.0
    frame_s: float = 0.0  # For each frame of its picture.
    sound_s: float = 0.0  # For each second of its sound.
    step_s: float = 0.0  # For each step of its training.
    picture_s: float = 0.0  # For each picture that it writes.


class Backend(Protocol):
    """A tool that can do the work of one or more stages. One instance lives as long as its worker process.

    Importing its module and calling `fingerprint` must be cheap: heavy imports stand inside `run`.

    It may also have `is_adapter`, true when its results are made by a program or weights that are not ours: then of our
    code only its own package counts in keys; `resources`, what it holds while it runs, a value or told by its settings;
    `notes`, what it may have to tell, code by code (short words with hyphens) to a line for the manual;
    `window_s(settings)`, the longest sound in seconds that it makes at once, as a Fraction, so that lowering asks for
    segments; `licence`, a sentence for users on the terms of a model; `overrides`, what of it an episode may override
    (`episodec.overrides`): without it, nothing; and `duration`, a Duration, for the order in which a first build starts
    actions.
    """

    stages: ClassVar[frozenset[str]]
    deterministic: ClassVar[bool]  # Same key, same bytes, on every machine of the same fingerprint.

    def fingerprint(self, settings: Settings, digests: Digester) -> Fingerprint:
        """What its outputs hang on.

        Raises:
            SettingsError: a setting is missing or wrong, with a hint how to mend it.
        """
        ...

    def run(self, order: WorkOrder) -> None:
        """Write every output of the order.

        Raises:
            BackendError: the tool failed. TransientError: and trying again may help.
        """
        ...


@dataclass(frozen=True, slots=True)
class Blob:
    """Bytes that a store keeps, by their digest and size. Equal bytes are equal blobs, wherever they lie."""

    digest: Digest
    size: int  # bytes
    place: str | None = field(default=None, compare=False)  # Where they lie, for a `Fetch`; None: in the store at hand.


Fetch = Callable[[Blob, Path], None]
"""Writes the bytes of a blob that lies elsewhere to a new file. It may raise OSError or EpisodecError; whoever calls it
checks the bytes.
"""


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
class Record:
    """The result of an action: what the cache keeps under its key."""

    outputs: Mapping[str, Blob]
    seconds: float  # How long the run took; for prediction, never for a key.
    notes: tuple[Note, ...] = ()  # What the backend told of it.


class Cache(Protocol):
    """Results by key and contents by digest. First writer wins; blobs are read-only and stored before the record that
    names them.
    """

    def lookup(self, key: ActionKey) -> Record | None:
        """The result of this key, when it is recorded and each of its blobs is present, or lies elsewhere and can be
        asked for; None otherwise. Nothing is fetched.
        """
        ...

    def record(self, key: ActionKey, record: Record, *, deterministic: bool = True, replace: bool = False) -> Record:
        """Keep this result; gives back the first one recorded under the key, unless it is to be replaced. What is not
        deterministic is evicted last.

        Raises:
            StoreError: a blob that the record names is not in the store, and the record does not say where else.
        """
        ...

    def batch(self) -> AbstractContextManager[None]:
        """A block whose records become visible at once, or after an exception not at all."""
        ...

    def open_blob(self, digest: Digest) -> Path:
        """The read-only file with this content, its bytes verified; fetched before, where it lies elsewhere.

        Raises:
            CorruptBlob: there is no such file, it cannot be fetched, or its bytes do not match; it was set aside and is
                a miss from now on.
        """
        ...

    def doubt(self, digest: Digest) -> None:
        """Who was to read this content elsewhere found it damaged or gone: it is a miss from now on, unless this store
        has it, and sound.
        """
        ...

    def put_file(self, path: Path) -> Blob:
        """Take this file into the store, by rename where possible; durable on return. The file at `path` is gone."""
        ...

    def put_bytes(self, content: bytes) -> Blob:
        """Keep these bytes; durable on return."""
        ...


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
