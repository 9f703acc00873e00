"""The cache on disk: records and history in the index, contents among the blobs. Knows actions only as keys and ids."""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace as replaced
from pathlib import Path
from typing import Any, cast

from episodec import canonical_json
from episodec.digest import Canonical, Digest
from episodec.engine.action import ActionId
from episodec.engine.cache import Blob, Fetch, Record
from episodec.engine.key import ActionKey
from episodec.engine.notes import Note, note_from_plain
from episodec.errors import CorruptBlob, StoreError
from episodec.store.away import bring
from episodec.store.blobs import Blobs
from episodec.store.index import Index, Transaction
from episodec.store.layout import StoreLayout
from episodec.store.sealed import decoded, digest_of, seal, unseal, unseal_or_plain
from episodec.store.verified import VerifiedBlobs


class DiskCache:
    """Results under one cache root: engine.cache.Cache, and the history that a build consults. Used by one thread.

    `fetch` gets remote blobs; without it, a result with remote blobs is a miss.
    """

    def __init__(
        self, layout: StoreLayout, index: Index, now_ns: Callable[[], int] = time.time_ns, fetch: Fetch | None = None
    ) -> None:
        self.layout = layout
        self.index = index
        self._verified = VerifiedBlobs(index)
        self.blobs = Blobs(layout, self._verified, recover=self._recover)
        self._now_ns = now_ns
        self._fetch = fetch

    def use_fetch(self, fetch: Fetch) -> None:
        """Fetch remote blobs in this way from now on."""
        self._fetch = fetch

    def lookup(self, key: ActionKey) -> Record | None:
        """The result of this key, if it is recorded and each of its blobs is intact or can be fetched; else None."""
        return self.lookup_many([key]).get(key)

    def lookup_many(self, keys: Iterable[ActionKey]) -> dict[ActionKey, Record]:
        """The results of those keys that `lookup` would find: two queries, and one stat per blob."""
        sql = "SELECT key, outputs, seconds FROM records WHERE key IN (SELECT value FROM json_each(?))"
        records = dict(decoded(self.index, sql, (canonical_json.dump(list(keys)),), _keyed_record))
        self._verified.load(blob.digest for record in records.values() for blob in record.outputs.values())
        complete = {key: whole for key, record in records.items() if (whole := self._whole(record)) is not None}
        self._verified.flush()
        return complete

    def record(self, key: ActionKey, record: Record, *, deterministic: bool = True, replace: bool = False) -> Record:
        """Keep this result and give back the first one under the key whose blobs are all intact, unless `replace` is
        set.

        Raises:
            StoreError: a blob that the record names is not in the store, and the record does not say where else it is.
        """
        away = []
        for name, blob in record.outputs.items():
            if not self.blobs.has(blob.digest, blob.size):
                if blob.place is None:
                    facts = {"output": name, "blob": blob.digest}
                    raise StoreError("a result names a blob that is not in the store", facts=facts)
                away.append((blob.digest, blob.size, seal(blob.place, blob.digest, str(blob.size))))
        now = self._now_ns()
        size = sum(blob.size for blob in record.outputs.values())
        outputs = _sealed_outputs(record.outputs, key, record.notes)
        with self.index.transaction():
            first = None if replace else self._first(key)
            if first is None:
                sql = "INSERT OR REPLACE INTO records VALUES (?, ?, ?, ?, ?, ?, ?)"
                self.index.write(sql, (key, outputs, record.seconds, now, now, size, int(deterministic)))
                for row in away:
                    self.index.write("INSERT OR REPLACE INTO away VALUES (?, ?, ?)", row)
            self._verified.flush()
        return first or record

    def open_blob(self, digest: Digest) -> Path:
        """See engine.cache.Cache."""
        return self.blobs.open_blob(digest)

    def invalidate(self, digest: Digest) -> None:
        """See engine.cache.Cache."""
        self._verified.pop(digest, None)
        self.index.write("DELETE FROM away WHERE digest = ?", (digest,))

    def put_file(self, path: Path) -> Blob:
        """See engine.cache.Cache."""
        return self.blobs.put_file(path)

    def put_bytes(self, content: bytes) -> Blob:
        """See engine.cache.Cache."""
        return self.blobs.put_bytes(content)

    def forget(self, key: ActionKey) -> None:
        """Drop the record of this key, so that the next result is the first; its blobs stay until gc."""
        self.index.write("DELETE FROM records WHERE key = ?", (key,))

    def batch(self) -> Transaction:
        """A block whose records become visible together, in one write. Keep it short: other builds wait to write."""
        return self.index.transaction()

    def note_code(self, key: ActionKey, code: Digest) -> None:
        """Note the code with which an adapter made the result of this key: the key holds only a part of it."""
        self.index.write("INSERT OR REPLACE INTO adapted VALUES (?, ?)", (key, seal(code, key)))

    def code_of(self, key: ActionKey) -> Digest | None:
        """The code noted for this key, or None."""
        sql = "SELECT closure FROM adapted WHERE key = ?"
        rows = decoded(self.index, sql, (key,), lambda code: digest_of(unseal(code, key)))
        return rows[0] if rows else None

    def touch(self, keys: Iterable[ActionKey]) -> None:
        """Mark these results as used now: gc removes others first."""
        sql = "UPDATE records SET used_at_ns = ? WHERE key IN (SELECT value FROM json_each(?))"
        self.index.write(sql, (self._now_ns(), canonical_json.dump(list(keys))))

    def remember(self, action: ActionId, key: ActionKey, parts: Mapping[str, Canonical], record: Record) -> None:
        """Remember the parts (a plain KeyParts) and the result of an action with this id, until the next time."""
        stage, backend, outputs = parts["stage"], parts["backend"], _sealed_outputs(record.outputs, action)
        sealed = seal(canonical_json.dump(parts), action)
        sql = "INSERT OR REPLACE INTO history VALUES (?, ?, ?, ?, ?, ?, ?)"
        self.index.write(sql, (action, stage, backend, record.seconds, key, sealed, outputs))

    def last(self, action: ActionId) -> Mapping[str, Canonical] | None:
        """The plain KeyParts of this action's last result; None when it was never made."""
        sql = "SELECT parts FROM history WHERE action = ?"
        rows = decoded(self.index, sql, (action,), lambda parts: _mapping(unseal_or_plain(parts, action)))
        return rows[0] if rows else None

    def last_key(self, action: ActionId) -> ActionKey | None:
        """The key of this action's last result."""
        rows = self.index.rows("SELECT key FROM history WHERE action = ?", (action,))
        return ActionKey(rows[0][0]) if rows else None

    def last_outputs(self, action: ActionId) -> Mapping[str, Blob] | None:
        """The outputs of this action's last result."""
        sql = "SELECT outputs FROM history WHERE action = ?"
        rows = decoded(self.index, sql, (action,), lambda outputs: outputs_of(outputs, action))
        return rows[0] if rows else None

    def seconds_for(self, action: ActionId, stage: str, backend: str) -> float | None:
        """The predicted seconds of this action: its last time, else the average of its stage, or None."""
        sql = "SELECT seconds FROM history WHERE action = ? AND stage = ? AND backend = ?"
        rows = self.index.rows(sql, (action, stage, backend))
        if not rows:
            sql = "SELECT avg(seconds) FROM history WHERE stage = ? AND backend = ?"
            rows = self.index.rows(sql, (stage, backend))
        return cast("float | None", rows[0][0])

    def seconds_for_many(self, actions: Iterable[tuple[ActionId, str, str]]) -> dict[ActionId, float]:
        """`seconds_for` of many (id, stage, backend) in few queries, without those that are unknown."""
        queries = list(actions)
        sql = """SELECT action, stage, backend, seconds FROM history
                 WHERE action IN (SELECT value FROM json_each(?))"""
        rows = self.index.rows(sql, (canonical_json.dump([action for action, _, _ in queries]),))
        last = {(action, stage, backend): seconds for action, stage, backend, seconds in rows}
        sql = "SELECT avg(seconds) FROM history WHERE stage = ? AND backend = ?"  # Reads everything the stage ever did.
        unknown = {one[1:] for one in queries if one not in last}
        average = {kind: self.index.rows(sql, kind)[0][0] for kind in unknown}
        guesses = {one[0]: last.get(one, average.get(one[1:])) for one in queries}
        return {action: seconds for action, seconds in guesses.items() if seconds is not None}

    def usual_size(self, stage: str, backend: str) -> int:
        """The average size in bytes of a kept result of this kind; 0 where there is none."""
        sql = "SELECT avg(records.size) FROM history JOIN records USING (key) WHERE stage = ? AND backend = ?"
        return int(self.index.rows(sql, (stage, backend))[0][0] or 0)

    def size(self) -> int:
        """The total bytes of the blobs named by records."""
        records = decoded(self.index, "SELECT key, outputs, seconds FROM records", (), _keyed_record)
        return sum({blob.digest: blob.size for _, record in records for blob in record.outputs.values()}.values())

    def _first(self, key: ActionKey) -> Record | None:
        """The record of this key, if it is still whole."""
        sql = "SELECT key, outputs, seconds FROM records WHERE key = ?"
        record = dict(decoded(self.index, sql, (key,), _keyed_record)).get(key)
        return None if record is None else self._whole(record)

    def _whole(self, record: Record) -> Record | None:
        """The record with the places of its remote blobs; None when one is nowhere."""
        missing = [name for name, blob in record.outputs.items() if not self.blobs.has(blob.digest, blob.size)]
        if not missing:
            return record
        away = {name: self.away(record.outputs[name].digest) for name in missing} if self._fetch is not None else {}
        if any(away.get(name) != record.outputs[name] for name in missing):
            return None
        return replaced(record, outputs={name: away.get(name) or blob for name, blob in record.outputs.items()})

    def away(self, digest: Digest) -> Blob | None:
        """The remote blob of this digest, if one is known."""
        rows = decoded(self.index, "SELECT digest, size, place FROM away WHERE digest = ?", (digest,), _away_blob)
        return rows[0] if rows else None

    def _recover(self, digest: Digest) -> bool:
        """See `blobs.Recover`."""
        blob = None if self._fetch is None else self.away(digest)
        if blob is None or self._fetch is None:
            return False
        try:
            bring(self.blobs, blob, self._fetch)
        except CorruptBlob:
            self.invalidate(digest)
            raise
        return True


def open_cache(
    layout: StoreLayout, notice: Callable[[str], None] = lambda _: None, fetch: Fetch | None = None
) -> DiskCache:
    """The cache of a store, its index opened. `notice` receives a sentence when a damaged index was replaced."""
    return DiskCache(layout, Index(layout, notice), fetch=fetch)


def outputs_of(text: str, about: str) -> dict[str, Blob]:
    """The outputs in a row's `outputs` column. `about`: the key for a record, the action for history.

    Raises:
        ValueError: it is not what was written there.
    """
    outputs, _ = _result_of(text, about)
    return outputs


def _result_of(text: str, about: str) -> tuple[dict[str, Blob], tuple[Note, ...]]:
    """The outputs, and the notes on a second line; earlier versions wrote no second line.

    One seal covers both, so that notes cannot be lost separately.
    """
    first, _, second = unseal_or_plain(text, about).partition("\n")
    outputs = {}
    for name, (digest, size) in _mapping(first).items():
        outputs[name] = Blob(digest_of(digest), int(size))
    if not second:
        return outputs, ()
    listed = canonical_json.load(second)
    if not isinstance(listed, list):
        raise ValueError("a row lacks a list")  # noqa: TRY004 - `decoded` takes it for damage.
    return outputs, tuple(map(note_from_plain, listed))


def _sealed_outputs(outputs: Mapping[str, Blob], about: str, notes: Iterable[Note] = ()) -> str:
    lines = [canonical_json.dump({name: [blob.digest, blob.size] for name, blob in outputs.items()})]
    if plain := [note.plain() for note in notes]:
        lines.append(canonical_json.dump(plain))
    return seal("\n".join(lines), about)


def _mapping(text: str) -> Mapping[str, Any]:
    value = canonical_json.load(text)
    if isinstance(value, Mapping):
        return value
    raise ValueError("a row lacks a mapping")


def _away_blob(digest: str, size: int, sealed: str) -> Blob:
    return Blob(digest_of(digest), size, unseal(sealed, digest, str(size)))


def _keyed_record(key: str, outputs: str, seconds: float) -> tuple[ActionKey, Record]:
    blobs, notes = _result_of(outputs, key)
    return ActionKey(key), Record(blobs, seconds, notes)
