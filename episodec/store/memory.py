"""The in-memory twin of the cache on disk: same contract, records in a dict, contents as files that are not synced."""

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace as replaced
from pathlib import Path
from statistics import fmean

from episodec.digest import Canonical, Digest
from episodec.engine.action import ActionId
from episodec.engine.cache import Blob, Fetch, Record
from episodec.engine.key import ActionKey
from episodec.errors import CorruptBlob, StoreError
from episodec.store.away import bring
from episodec.store.blobs import Blobs
from episodec.store.layout import open_layout


class MemoryCache:
    """Results for as long as the object lives: engine.cache.Cache, and the history that a build consults.

    `folder` holds the contents, since tools read files; a test passes a temporary one.
    """

    def __init__(self, folder: str | os.PathLike[str], fetch: Fetch | None = None) -> None:
        self.layout = open_layout(folder)
        self.blobs = Blobs(self.layout, sync=lambda _: None, recover=self._recover)
        self._fetch = fetch
        self._away: dict[Digest, Blob] = {}
        self.records: dict[ActionKey, Record] = {}
        self._history: dict[ActionId, tuple[Mapping[str, Canonical], Record]] = {}

    def lookup(self, key: ActionKey) -> Record | None:
        """See engine.cache.Cache."""
        record = self.records.get(key)
        if record is None:
            return None
        missing = {name: blob for name, blob in record.outputs.items() if not self.blobs.has(blob.digest, blob.size)}
        away = {name: self._away.get(blob.digest) for name, blob in missing.items()} if self._fetch else {}
        if any(away.get(name) != blob for name, blob in missing.items()):
            return None
        return replaced(record, outputs={name: away.get(name) or blob for name, blob in record.outputs.items()})

    def lookup_many(self, keys: Iterable[ActionKey]) -> dict[ActionKey, Record]:
        """The results of those keys that `lookup` would find."""
        return {key: record for key in keys if (record := self.lookup(key)) is not None}

    def record(self, key: ActionKey, record: Record, *, deterministic: bool = True, replace: bool = False) -> Record:
        """See engine.cache.Cache."""
        away = {}
        for name, blob in record.outputs.items():
            if not self.blobs.has(blob.digest, blob.size):
                if blob.place is None:
                    facts = {"output": name, "blob": blob.digest}
                    raise StoreError("a result names a blob that is not in the store", facts=facts)
                away[blob.digest] = blob
        first = None if replace else self.lookup(key)
        if first is None:
            plain = {name: Blob(blob.digest, blob.size) for name, blob in record.outputs.items()}
            self.records[key] = replaced(record, outputs=plain)
            self._away |= away
        return first or record

    def open_blob(self, digest: Digest) -> Path:
        """See engine.cache.Cache."""
        return self.blobs.open_blob(digest)

    def invalidate(self, digest: Digest) -> None:
        """See engine.cache.Cache."""
        self._away.pop(digest, None)

    def put_file(self, path: Path) -> Blob:
        """See engine.cache.Cache."""
        return self.blobs.put_file(path)

    def put_bytes(self, content: bytes) -> Blob:
        """See engine.cache.Cache."""
        return self.blobs.put_bytes(content)

    def forget(self, key: ActionKey) -> None:
        """Drop the record of this key, so that the next result is the first."""
        self.records.pop(key, None)

    @contextmanager
    def batch(self) -> Iterator[None]:
        """A block whose records are kept together or, after an exception, not at all."""
        records, history = dict(self.records), dict(self._history)
        try:
            yield
        except BaseException:
            self.records, self._history = records, history
            raise

    def touch(self, keys: Iterable[ActionKey]) -> None:
        """Do nothing: nothing is ever evicted here."""

    def remember(self, action: ActionId, key: ActionKey, parts: Mapping[str, Canonical], record: Record) -> None:
        """Remember the parts (a plain KeyParts) and the result of an action with this id, until the next time."""
        self._history[action] = (parts, record)

    def last(self, action: ActionId) -> Mapping[str, Canonical] | None:
        """The plain KeyParts of this action's last result; None when it was never made."""
        return self._history[action][0] if action in self._history else None

    def last_outputs(self, action: ActionId) -> Mapping[str, Blob] | None:
        """The outputs of this action's last result."""
        return self._history[action][1].outputs if action in self._history else None

    def seconds_for(self, action: ActionId, stage: str, backend: str) -> float | None:
        """The predicted seconds of this action: its last time, else the average of its stage, or None."""
        of_stage = {
            name: record.seconds
            for name, (parts, record) in self._history.items()
            if (parts["stage"], parts["backend"]) == (stage, backend)
        }
        return of_stage.get(action, fmean(of_stage.values()) if of_stage else None)

    def seconds_for_many(self, actions: Iterable[tuple[ActionId, str, str]]) -> dict[ActionId, float]:
        """`seconds_for` of many (id, stage, backend), without those that are unknown."""
        guesses = {one[0]: self.seconds_for(*one) for one in actions}
        return {action: seconds for action, seconds in guesses.items() if seconds is not None}

    def size(self) -> int:
        """The total bytes of the blobs named by records."""
        return sum({b.digest: b.size for record in self.records.values() for b in record.outputs.values()}.values())

    def _recover(self, digest: Digest) -> bool:
        """See `blobs.Recover`."""
        blob = self._away.get(digest)
        if blob is None or self._fetch is None:
            return False
        try:
            bring(self.blobs, blob, self._fetch)
        except CorruptBlob:
            self.invalidate(digest)
            raise
        return True
