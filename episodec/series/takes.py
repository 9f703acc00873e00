"""The approved takes of an open series, for the judge: which lock an action has, and where its bytes are."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from episodec.digest import Digest, digest_bytes
from episodec.engine.action import Action, ActionId
from episodec.engine.cache import Blob, Record
from episodec.engine.key import KeyParts
from episodec.engine.plan import NotApproved
from episodec.engine.takes import ApprovedTake, LockedOutput, asked_digest, take_key
from episodec.errors import StoreError
from episodec.project.loaded import LoadedEpisode
from episodec.project.takes import authored, file_of
from episodec.remote.layout import place_of
from episodec.remote.settings import MAIN
from episodec.remote.wire import Sha256
from episodec.store.cache import DiskCache


class SeriesTakes:
    """See `engine.plan.Approval`. Episodes are added as they are loaded."""

    def __init__(
        self,
        cache: DiskCache,
        series: str,
        is_adapter: Callable[[str], bool],
        *,
        is_locked: bool,  # Whether adapters make nothing: `--locked`.
        reads_shared: bool,
        only_reads: bool,  # Whether the cache is not written.
    ) -> None:
        self._cache = cache
        self._series = series
        self._is_adapter = is_adapter
        self._is_locked = is_locked
        self._reads_shared = reads_shared
        self._only_reads = only_reads
        # By the spec that reads them: by `for`, and by `asked`.
        self._locks: dict[str, tuple[dict[Digest, ApprovedTake], dict[Digest, ApprovedTake]]] = {}
        self._readers: dict[ActionId, dict[str, None]] = {}  # The specs with locks that have an action.
        self._actions: dict[ActionId, Action] = {}
        self._asked: dict[ActionId, Digest] = {}

    def add(self, loaded: Iterable[LoadedEpisode]) -> None:
        """Take the locks and the actions of these episodes. A lock holds for the actions of the specs that read its
        file, whichever others are loaded.
        """
        self._asked.clear()
        for episode in loaded:
            self._actions.update((action.id, action) for action in episode.lowered.actions)
            locks = episode.takes[::-1]  # The first of a file wins.
            if not locks:
                continue
            self._locks[episode.spec] = {one.take_key: one for one in locks}, {one.asked: one for one in locks}
            for action in episode.lowered.actions:
                self._readers.setdefault(action.id, {})[episode.spec] = None

    def is_empty(self) -> bool:
        """Whether there are no approved takes."""
        return not self._locks and not self._is_locked

    def covers(self, action: Action) -> bool:
        """Whether the action needs no system of this machine: its author's wish has an approved take, or nothing of
        adapters is made.
        """
        if not self._is_adapter(action.backend):
            return False
        return self._is_locked or self.lock_asked(action.id) is not None

    def lock_of(self, name: ActionId, parts: KeyParts) -> ApprovedTake | None:
        """The lock of an action whose inputs are known."""
        if name not in self._readers:
            return None
        key = take_key(parts, authored)
        return next((by_key[key] for by_key, _ in self._read_by(name) if key in by_key), None)

    def lock_asked(self, name: ActionId) -> ApprovedTake | None:
        """A lock for what authors ask for with this action, be it for other inputs."""
        if name not in self._readers:
            return None
        asked = self.asked(name)
        return next((by_asked[asked] for _, by_asked in self._read_by(name) if asked in by_asked), None)

    def _read_by(self, name: ActionId) -> Iterator[tuple[dict[Digest, ApprovedTake], dict[Digest, ApprovedTake]]]:
        return (self._locks[spec] for spec in self._readers[name])

    def taken(self, action: Action, parts: KeyParts) -> Record | NotApproved | None:
        """See `engine.plan.Approval`."""
        if action.id not in self._readers or not self._is_adapter(action.backend):
            return None
        lock = self.lock_of(action.id, parts)
        if lock is None:
            return self._from_other_inputs(action)
        if set(lock.outputs) != set(action.outputs):
            return NotApproved(
                "the approved take names other files than its stage makes",
                {"approved": lock.label, "names": ", ".join(sorted(lock.outputs)), "stage": action.stage},
                f"restore its line from git, or `episodec takes unlock --only {action.id}` to make a new one",
            )
        outputs = {name: self._blob(one) for name, one in lock.outputs.items()}
        missing = [name for name, blob in outputs.items() if blob is None]
        if missing:
            return self._nowhere(lock, missing)
        return Record({name: blob for name, blob in outputs.items() if blob is not None}, 0.0)

    def refusal(self, action: Action) -> NotApproved | None:
        """See `engine.plan.Approval`."""
        if not self._is_locked or not self._is_adapter(action.backend):
            return None
        return NotApproved(
            "no take of it is approved, and --locked makes none",
            {"action": action.id, "backend": action.backend},
            "build without --locked where the system is installed, then `episodec takes lock`",
        )

    def asked(self, name: ActionId) -> Digest:
        """The digest of what authors ask for with this action."""
        return asked_digest(name, self._actions, authored, self._asked)

    def _from_other_inputs(self, action: Action) -> NotApproved | None:
        """Why an action that its author has not changed has no lock: our own code gives it other inputs now."""
        lock = self.lock_asked(action.id)
        if lock is None:
            return None
        return NotApproved(
            "its take was approved from other inputs, which this version of episodec makes differently",
            {"action": action.id, "approved": lock.label},
            f"`episodec takes accept --only {action.id}` keeps the approved take, `episodec takes unlock --only "
            f"{action.id}` lets a new one be made",
        )

    def _blob(self, output: LockedOutput) -> Blob | None:
        """Where the bytes of an output are: in the cache, in git, or in a shared cache; None: nowhere."""
        if self._cache.blobs.has(output.digest, output.size) or self._from_git(output):
            return Blob(output.digest, output.size)
        if self._reads_shared and output.sha256 is not None:
            return Blob(output.digest, output.size, place_of(MAIN, Sha256(output.sha256)))
        return self._cache.away(output.digest)

    def _from_git(self, output: LockedOutput) -> bool:
        """Bring the bytes from the checkout into the cache, if they are there and are the approved ones.

        A question only looks.
        """
        path = Path(file_of(self._series, output.digest))
        try:
            if path.is_symlink() or path.stat().st_size != output.size:
                return False
            content = path.read_bytes()
            if digest_bytes(content) != output.digest:
                return False
            if not self._only_reads:
                self._cache.put_bytes(content)
        except (OSError, StoreError):
            return False
        return True

    def _nowhere(self, lock: ApprovedTake, missing: list[str]) -> NotApproved:
        shared = ", nor in a shared cache" if self._reads_shared else "; no shared cache is set"
        return NotApproved(
            "the approved take is nowhere",
            {
                "approved": lock.label,
                "missing": ", ".join(missing),
                "looked in": f"the cache and {self._series or '.'}/takes/files{shared}",
            },
            "get its bytes from whoever approved it: a shared cache, or `takes lock --in-git`",
        )
