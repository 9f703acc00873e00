"""From a judged miss to a task: inputs laid out under their roles, a folder for outputs, and a watch on the author's
files.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath

from episodec.digest import Digest
from episodec.engine.action import Action, ActionId, Artifact, Input, Literal, Notes, Role, Source
from episodec.engine.plan import Miss, notes_of
from episodec.engine.protocols import Record, Settings, Task, WorkOrder
from episodec.errors import CorruptBlob, InputMoved
from episodec.store import signature
from episodec.store.cache import DiskCache
from episodec.store.digests import FileDigests
from episodec.store.layout import digits_of, unusable
from episodec.store.signature import Signature
from episodec.store.work import WorkFolder, drop_scratch, open_work, scratch_for


@dataclass(frozen=True, slots=True)
class Prepared:
    """A task ready to be submitted, and what is done when it came back."""

    task: Task
    moved: Callable[[], str | None]  # The path of an input that changed since, or None.
    clean: Callable[[], None]  # Removes the work folder.
    recorded: Callable[[], None]  # Removes the scratch folder: nothing will be resumed.


@dataclass(frozen=True, slots=True)
class Workshop:
    """What orders are made with."""

    root: str  # Absolute; sources are relative to it.
    cache: DiskCache
    digests: FileDigests
    settings: Callable[[str], Settings]  # A backend's settings on this machine.
    watches: Callable[
        [str, str], Mapping[str, Signature]
    ]  # (stage, backend) to the files that its fingerprint and its code were read from.

    def prepare(self, action: Action, miss: Miss, made: Mapping[ActionId, Record]) -> Prepared:
        """The task of a miss whose lock is held.

        Raises:
            CorruptBlob: a stored input is damaged; it was set aside.
            InputMoved: a source is no longer what the key says.
            StoreError: no folder can be made.
        """
        layout = self.cache.layout
        watched = dict(self.watches(action.stage, action.backend))
        work = open_work(layout, miss.key)
        try:
            blobs: dict[Path, tuple[Digest, Signature]] = {}
            inputs = {
                role: self._lay_out(role, group, work.inputs, made, watched, blobs)
                for role, group in action.inputs.items()
            }
        except BaseException:
            work.close()
            raise
        scratch = scratch_for(layout, miss.key)

        return Prepared(
            self._task(action, miss, work, inputs, scratch),
            moved=lambda: self._moved(watched) or self._damaged(blobs),
            clean=work.close,
            recorded=lambda: drop_scratch(layout, miss.key),
        )

    def _task(
        self, action: Action, miss: Miss, work: WorkFolder, inputs: Mapping[Role, tuple[Path, ...]], scratch: Path
    ) -> Task:
        order = WorkOrder(
            key=miss.key,
            stage=action.stage,
            backend=action.backend,
            params=action.params,
            inputs=inputs,
            outputs={name: work.outputs / name for name in action.outputs},
            scratch=scratch,
            settings=self.settings(action.backend),
            cpus=action.resources.cpus,
        )
        log = Path(self.cache.layout.logs, f"{action.id}.{digits_of(miss.key)[:8]}.log")
        log.parent.mkdir(parents=True, exist_ok=True)
        log.unlink(missing_ok=True)  # The log of this attempt, not of every attempt there ever was.
        needed = action.resources
        return Task(action.id, order, log, needed.memory_mib, needed.gpus, needed.timeout_s)

    def _lay_out(
        self,
        role: Role,
        group: tuple[Input, ...],
        folder: Path,
        made: Mapping[ActionId, Record],
        watched: dict[str, Signature],
        blobs: dict[Path, tuple[Digest, Signature]],
    ) -> tuple[Path, ...]:
        """The inputs of a role as links named by it: `ref.npy`, or `sentence-0000.wav` and so on where there are
        several.
        """
        stem, suffix = PurePath(role).stem, PurePath(role).suffix
        names = [role] if len(group) == 1 else [f"{stem}-{place:04}{suffix}" for place in range(len(group))]
        paths = []
        for name, one in zip(names, group, strict=True):
            path = folder / name
            try:
                path.symlink_to(self._file_of(one, made, watched, blobs))
            except OSError as error:
                raise unusable(error, path) from error
            paths.append(path)
        return tuple(paths)

    def _file_of(
        self,
        one: Input,
        made: Mapping[ActionId, Record],
        watched: dict[str, Signature],
        blobs: dict[Path, tuple[Digest, Signature]],
    ) -> Path:
        match one:
            case Artifact(action=name, output=output):
                return self._opened(made[name].outputs[output].digest, blobs)
            case Literal(content=content):
                return self._opened(self.cache.put_bytes(content).digest, blobs)
            case Notes():
                return self._opened(self.cache.put_bytes(notes_of(one, made)).digest, blobs)
            case Source(path=path, digest=digest):
                try:
                    seen, found = self.digests.look(path)
                except OSError as error:
                    raise InputMoved(
                        "an input is gone", facts={"file": path, "reason": error.strerror or error}
                    ) from error
                if found != digest:
                    raise InputMoved(
                        "an input changed after the build had started", facts={"file": path}, hint="build again"
                    )
                watched[path] = seen
                return Path(self.root, path)

    def _opened(self, digest: Digest, blobs: dict[Path, tuple[Digest, Signature]]) -> Path:
        path = self.cache.open_blob(digest)
        blobs[path] = (digest, signature.of(path))
        return path

    def _damaged(self, blobs: Mapping[Path, tuple[Digest, Signature]]) -> str | None:
        """The first of these stored inputs whose bytes are no longer what they were: the tool may have read others.

        A blob that another build put there anew has the same bytes.
        """
        for path, (digest, before) in blobs.items():
            try:
                if signature.of(path) != before:
                    self.cache.open_blob(digest)
            except (CorruptBlob, OSError):
                return digest
        return None

    def _moved(self, watched: Mapping[str, Signature]) -> str | None:
        """The first of these files that was touched since; touched is enough, since the tool may have read it
        half-way.
        """
        return next((path for path, signature in watched.items() if not self.digests.still(path, signature)), None)
