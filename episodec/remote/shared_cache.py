"""The shared cache of an open series: looks up results that are missing here, and stores those made here.

One thread uses it. It knows the local cache. None of its failures fails a build: results are then made here.
"""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from episodec.digest import Canonical
from episodec.engine.cache import Blob, Record
from episodec.engine.key import ActionKey
from episodec.engine.shared import InputContent, SharedLookup
from episodec.errors import CorruptBlob, EpisodecError, SharedCacheError
from episodec.remote.layout import sha256_at
from episodec.remote.objects import Objects, open_objects
from episodec.remote.reading import BLOBS_AT_ONCE, SharedAnswer, SharedReader
from episodec.remote.settings import MAIN, SharedCacheSettings
from episodec.remote.signing import read_secret, signer
from episodec.remote.totals import Totals, WriteCounts
from episodec.remote.upkeep import Removal, forgettable, made_of, records_of, remove
from episodec.remote.wire import (
    RecordName,
    Sha256,
    SharedBlob,
    SharedRecord,
    record_bytes,
    record_name,
    sha256_of,
    shared_parts,
)
from episodec.remote.writing import SharedFile, SharedWriter, Upload
from episodec.store.away import bring
from episodec.store.cache import DiskCache
from episodec.store.sha256 import Sha256Digests


@dataclass(slots=True)
class _Known:
    """Facts about the lookups of this command, by key."""

    parts: dict[ActionKey, Mapping[str, Canonical]] = field(default_factory=dict)
    answers: dict[ActionKey, SharedAnswer | None] = field(default_factory=dict)
    keys: dict[RecordName, ActionKey] = field(default_factory=dict)


class SharedCache:
    """A shared cache beside the cache of a series. `notice` receives at most one sentence of each kind."""

    def __init__(
        self,
        settings: SharedCacheSettings,
        cache: DiskCache,
        root: str,
        notice: Callable[[str], None],
        objects: Objects | None = None,
    ) -> None:
        self.settings = settings
        self._cache = cache
        self._notice = notice
        self._sha256s = Sha256Digests(cache.index, root)
        self._objects = objects or open_objects(settings, writes=settings.write is not None)
        self.reader = SharedReader(settings, self._objects, notice)
        self._known = _Known()
        self._lost: set[ActionKey] = set()
        self._is_reported = False
        self._writer: SharedWriter | None = None
        if settings.write is not None:
            self._public, self._sign = signer(read_secret(settings.key or ""))
            trusted = (*settings.trust, self._public)
            self._writer = SharedWriter(settings.write, self._objects, trusted)

    def ask(self, lookups: Sequence[SharedLookup]) -> dict[ActionKey, Record]:
        """See `engine.shared.AskShared`. Trusted records are stored in the local cache; their contents are not fetched
        yet.
        """
        new = [one for one in lookups if one.key not in self._known.answers]
        asked = [(one, parts) for one in new if (parts := self._parts(one)) is not None]
        if asked:
            for (lookup, _), answer in zip(asked, self.reader.ask([parts for _, parts in asked]), strict=True):
                self._known.answers[lookup.key] = answer
            self._report()
        answers = {one.key: self._known.answers.get(one.key) for one in lookups}
        return self._recorded({key: one for key, one in answers.items() if one is not None and key not in self._lost})

    def fetch(self, blob: Blob, target: Path) -> None:
        """See `engine.cache.Fetch`."""
        try:
            self.reader.fetch(blob, target)
        except SharedCacheError:
            # Its records are misses from now on: the action is made here.
            sha256 = sha256_at(blob.place)
            for key, answer in self._known.answers.items():
                if answer is not None and any(one.sha256 == sha256 for one in answer.record.outputs.values()):
                    self._lost.add(key)
            self._report()
            raise

    def bring(self, blobs: Sequence[Blob]) -> None:
        """Fetch contents that are not here, several at a time. One that cannot be fetched fails when it is opened."""
        store = self._cache.blobs
        missing = {one.digest: one for one in blobs if not store.has(one.digest, one.size)}
        if not missing:
            return
        files = {blob: store.incoming() for blob in missing.values()}
        with ThreadPoolExecutor(min(BLOBS_AT_ONCE, len(files))) as pool:
            fetched = list(pool.map(lambda one: self._fetched(*one), files.items()))
        for (blob, file), has_come in zip(files.items(), fetched, strict=True):
            if has_come:
                with suppress(CorruptBlob):
                    bring(store, blob, partial(_moved, file))
            file.unlink(missing_ok=True)

    def _fetched(self, blob: Blob, file: Path) -> bool:
        try:
            self.reader.fetch(blob, file)
        except (SharedCacheError, OSError):
            return False
        return True

    def refusal(self, lookup: SharedLookup) -> str | None:
        """Why a record for this action was not trusted, if there is one."""
        parts = self._parts(lookup)
        return None if parts is None else self.reader.refusal(parts)

    def offer(self, lookup: SharedLookup, record: Record, *, deterministic: bool) -> bool:
        """Queue a result made here for writing in the background; whether it will be written."""
        if self._writer is None or self._objects.off is not None:
            return False
        parts = self._parts(lookup)
        if parts is None:
            return False
        outputs, files = dict[str, SharedBlob](), list[SharedFile]()
        try:
            for name, blob in record.outputs.items():
                sha256 = self._sha256(blob)
                outputs[name] = SharedBlob(sha256, blob.digest, blob.size)
                if sha256_at(blob.place) is None:
                    files.append(SharedFile(sha256, self._cache.blobs.path_of(blob.digest), blob.size))
        except (EpisodecError, OSError):  # It is on another machine, or was damaged meanwhile.
            return False
        shared = SharedRecord(parts, outputs, record.notes, record.seconds, deterministic, self._public)
        name = record_name(parts)
        self._known.keys[name] = lookup.key
        self._writer.offer(Upload(name, record_bytes(shared, self._sign), tuple(files)))
        return True

    def finish(self, limit_s: float) -> list[ActionKey]:
        """Wait until all results are written, at most this long.

        Returns the keys whose results another machine wrote first, with other bytes: those count, and the local cache
        has them now.
        """
        if self._writer is None:
            self._report()
            return []
        self._writer.flush(limit_s)
        self._report()
        replaced = []
        for earlier in self._writer.earlier:
            key = self._known.keys[earlier.name]
            answer = SharedAnswer(self._writer.namespace, earlier.record)
            if not earlier.record.deterministic and all(map(self.fits, answer.local().outputs.values())):
                self._cache.record(key, answer.local(), deterministic=False, replace=True)
                replaced.append(key)
        return replaced

    def forgettable(self, sha256s: Collection[str]) -> "Doomed":
        """The results made of these contents, directly or not, in the namespace that this machine writes.

        Raises:
            SharedCacheError: it does not answer, or cannot list what it has.
        """
        namespace = self.settings.write or MAIN
        records = records_of(self._objects, self.settings.trust)
        going, _ = made_of(records, sha256s)
        own = [one for one in going if one.namespace == namespace]
        elsewhere = Counter(one.namespace for one in going if one.namespace != namespace)
        return Doomed(self._objects, forgettable(self._objects, namespace, records, own), elsewhere)

    def totals(self) -> Totals:
        """Counts of the reads and writes so far."""
        written = WriteCounts() if self._writer is None else self._writer.counts
        return Totals(self.settings.url, self.reader.counts, written, self._objects.off is None)

    def _recorded(self, answers: Mapping[ActionKey, SharedAnswer]) -> dict[ActionKey, Record]:
        with self._cache.batch():
            for key, answer in answers.items():
                record = answer.local()
                if all(self.fits(blob) for blob in record.outputs.values()):
                    self._cache.record(key, record, deterministic=answer.record.deterministic)
        return self._cache.lookup_many(answers) if answers else {}

    def fits(self, blob: Blob) -> bool:
        """Whether this content equals the local cache's content with this xxh3, if it has one.

        Two contents with one xxh3 are an attack: neither replaces the other.
        """
        known = self._cache.away(blob.digest)
        if known is not None and sha256_at(known.place) not in (None, sha256_at(blob.place)):
            return False
        if not self._cache.blobs.has(blob.digest, blob.size):
            return True
        return self._sha256s.of_blob(self._cache.blobs, blob.digest) == sha256_at(blob.place)

    def _parts(self, lookup: SharedLookup) -> Mapping[str, Canonical] | None:
        """The parts of its key with inputs named by sha256; None if an input has changed."""
        if lookup.key not in self._known.parts:
            try:
                inputs = {role: tuple(map(self._sha256, group)) for role, group in lookup.contents.items()}
            except (EpisodecError, OSError):
                return None
            self._known.parts[lookup.key] = shared_parts(lookup.parts, inputs)
        return self._known.parts[lookup.key]

    def _sha256(self, content: InputContent) -> Sha256:
        """The sha256 of an input; for a result in a shared cache, that in its signed record."""
        match content:
            case bytes():
                return sha256_of(content)
            case Blob(place=place) if (sha256 := sha256_at(place)) is not None:
                return sha256
            case Blob(digest=digest, place=None):
                return Sha256(self._sha256s.of_blob(self._cache.blobs, digest))
            case Blob():
                raise SharedCacheError("this result is on another machine")
            case _:
                return Sha256(self._sha256s.of_file(content.path, content.digest))

    def _report(self) -> None:
        """Say once that the cache does not answer."""
        off = self._objects.off
        if off is not None and not self._is_reported:
            self._is_reported = True
            reason = off.facts.get("reason", off.sentence)
            self._notice(f"the shared cache {self.settings.url} is not used from here on: {reason}")


@dataclass(frozen=True, slots=True)
class Doomed:
    """Results in a shared cache that can be removed: see `series.shared.Forgettable`."""

    objects: Objects
    removal: Removal
    elsewhere: Mapping[str, int]  # How many such records other namespaces have.

    @property
    def results(self) -> int:
        """How many records."""
        return len(self.removal.records)

    @property
    def size(self) -> int:
        """The bytes of their contents."""
        return self.removal.size()

    def remove(self) -> None:
        """Remove them."""
        remove(self.objects, self.removal)


def _moved(file: Path, _: Blob, target: Path) -> None:
    file.replace(target)
