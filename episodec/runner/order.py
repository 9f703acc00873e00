"""Turns a judged miss into a task: inputs named by their digests, and a watch on the author's files."""

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path, PurePath

from episodec.engine.action import Action, ActionId, Artifact, Input, Literal, Notes, Role, Source
from episodec.engine.backend import Settings
from episodec.engine.cache import Blob, Record
from episodec.engine.executor import AuthorInput, BytesInput, Order, OrderInput, StoredInput, Task
from episodec.engine.plan import Miss, notes_of
from episodec.errors import InputMoved
from episodec.store.digests import FileDigests
from episodec.store.file_watch import FileWatch
from episodec.store.layout import StoreLayout, digits_of
from episodec.store.signature import Signature


@dataclass(frozen=True, slots=True)
class Prepared:
    """A task ready to submit, and the check to make when it returns."""

    task: Task
    moved: Callable[[], str | None]  # The path of an input that has changed since, or None.


@dataclass(frozen=True, slots=True)
class OrderBuilder:
    """The context that orders are prepared in."""

    root: str  # Absolute; sources are relative to it.
    layout: StoreLayout
    digests: FileDigests
    settings: Callable[[str], Settings]  # A backend's settings on this machine.
    watches: Callable[
        [str, str], Mapping[str, Signature]
    ]  # (stage, backend) to the files behind its fingerprint and its code; the same mapping on every call.
    standing: FileWatch = field(default_factory=FileWatch)

    def prepare(self, action: Action, miss: Miss, records: Mapping[ActionId, Record]) -> Prepared:
        """The task of a miss whose lock is held.

        Raises:
            InputMoved: a source no longer matches the key.
        """
        watched: dict[str, Signature] = {}
        order = Order(
            key=miss.key,
            stage=action.stage,
            backend=action.backend,
            params=action.params,
            inputs={role: self._named(role, group, records, watched) for role, group in action.inputs.items()},
            outputs=action.outputs,
            settings=self.settings(action.backend),
            cpus=action.resources.cpus,
        )
        log = Path(f"{self.layout.logs}/{action.id}.{digits_of(miss.key)[:8]}.log")
        _empty(log)  # The log holds these attempts only.
        needed = action.resources
        task = Task(action.id, order, log, needed.memory_mib, needed.gpus, needed.timeout_s)
        code = self.watches(action.stage, action.backend)
        return Prepared(task, moved=lambda: self._moved(watched) or self.standing.moved(code))

    def inputs(self, action: Action, records: Mapping[ActionId, Record]) -> dict[Role, tuple[OrderInput, ...]]:
        """The inputs of an action that is not run.

        Raises:
            InputMoved: a source changed since it was digested.
        """
        return {role: self._named(role, group, records, {}) for role, group in action.inputs.items()}

    def _named(
        self, role: Role, group: tuple[Input, ...], records: Mapping[ActionId, Record], watched: dict[str, Signature]
    ) -> tuple[OrderInput, ...]:
        """The inputs of a role under the names that a backend sees: `ref.npy`, or `sentence-0000.wav` and so on for
        several.
        """
        if len(group) == 1:
            return (self._input(role, group[0], records, watched),)
        stem, suffix = PurePath(role).stem, PurePath(role).suffix
        return tuple(
            self._input(f"{stem}-{place:04}{suffix}", one, records, watched) for place, one in enumerate(group)
        )

    def _input(
        self, name: str, input_: Input, records: Mapping[ActionId, Record], watched: dict[str, Signature]
    ) -> OrderInput:
        match input_:
            case Artifact(action=maker, output=output):
                return StoredInput(name, records[maker].outputs[output])
            case Literal(content=content):
                return BytesInput(name, content)
            case Notes():
                return BytesInput(name, notes_of(input_, records))
            case Source(path=path, digest=digest):
                try:
                    file_signature, current = self.digests.look(path)
                except OSError as error:
                    raise InputMoved(
                        "an input is missing", facts={"file": path, "reason": error.strerror or error}
                    ) from error
                if current != digest:
                    raise InputMoved("an input changed during the build", facts={"file": path}, hint="build again")
                watched[path] = file_signature
                return AuthorInput(name, Blob(digest, file_signature[2]), f"{self.root}/{path}")

    def _moved(self, watched: Mapping[str, Signature]) -> str | None:
        """The first of these files that was touched since; the content is not compared, since the tool may have read
        the file half-written.
        """
        return next((path for path, signature in watched.items() if not self.digests.still(path, signature)), None)


def _empty(log: Path) -> None:
    """Empty an existing log. If that fails it is removed, or left: no action fails because of its log."""
    try:
        os.close(os.open(log, os.O_WRONLY | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC))
    except FileNotFoundError:
        return
    except OSError:
        with suppress(OSError):
            log.unlink()
