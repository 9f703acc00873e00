"""Results read from a shared cache: records in waves, contents when they are needed.

A record is trusted only if `wire.believe` accepts it, a content only if its bytes have the sha256 in the record. Any
failure is a miss.
"""

import hashlib
import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from episodec.digest import Canonical
from episodec.engine.cache import Blob, Record
from episodec.errors import SharedCacheError
from episodec.remote.layout import blob_paths, parsed_place, place_of, record_path
from episodec.remote.objects import Objects
from episodec.remote.settings import SharedCacheSettings
from episodec.remote.signing import verifies
from episodec.remote.totals import ReadCounts
from episodec.remote.wire import MAX_RECORD_BYTES, Disbelieved, RecordName, Sha256, SharedRecord, believe, record_name

AT_ONCE = 32  # Requests. Measured: 510 records at 20 ms take 11.8 s one by one, 1.6 s by 8, 0.6 s by 32.
BLOBS_AT_ONCE = 8
SLOWEST_BYTES_S = 50_000  # A content that arrives more slowly is made again instead.
PATIENCE_S = 20.0  # In addition to the time that its size allows.


@dataclass(frozen=True, slots=True)
class SharedAnswer:
    """A trusted record, and the namespace that it is from."""

    namespace: str
    record: SharedRecord

    def local(self) -> Record:
        """The record as caches of this machine keep it, with remote blobs."""
        outputs = {
            name: Blob(one.digest, one.size, place_of(self.namespace, one.sha256))
            for name, one in self.record.outputs.items()
        }
        return Record(outputs, self.record.seconds, self.record.notes)


class SharedReader:
    """Reads one shared cache. `notice` receives a sentence about a record that is not trusted, in this thread."""

    def __init__(self, settings: SharedCacheSettings, objects: Objects, notice: Callable[[str], None]) -> None:
        self._settings = settings
        self._objects = objects
        self._notice = notice
        self._gone: set[str] = set()  # Contents named by records that could not be fetched.
        self._refusals: dict[RecordName, str] = {}
        self.counts = ReadCounts()

    def ask(self, parts: Sequence[Mapping[str, Canonical]]) -> list[SharedAnswer | None]:
        """The records with these parts, in the same order: one wave of requests for each namespace."""
        answers: list[SharedAnswer | None] = [None] * len(parts)
        for namespace in self._settings.read:
            open_ = [place for place, one in enumerate(answers) if one is None]
            for place, answer in zip(open_, self._wave(namespace, [parts[one] for one in open_]), strict=True):
                answers[place] = answer
        hits = sum(one is not None for one in answers)
        self.counts.hits += hits
        self.counts.misses += len(answers) - hits
        return answers

    def refusal(self, parts: Mapping[str, Canonical]) -> str | None:
        """Why the record with these parts was not trusted, if there is one."""
        return self._refusals.get(record_name(parts))

    def fetch(self, blob: Blob, target: Path) -> None:
        """Write a content to a new file; its bytes have the sha256 of its place. See `engine.cache.Fetch`.

        Raises: SharedCacheError: it is missing, or other bytes arrived.
        """
        parsed = parsed_place(blob.place)
        if parsed is None:
            raise SharedCacheError("this content is not in a shared cache", facts={"place": blob.place})
        if parsed[1] in self._gone:
            raise SharedCacheError("this content could not be fetched before", facts={"sha256": parsed[1]})
        try:
            self._fetch(*parsed, blob.size, target)
        except SharedCacheError:
            self._gone.add(parsed[1])
            self.counts.errors += 1
            raise
        self.counts.bytes_fetched += blob.size

    def _fetch(self, namespace: str, sha256: Sha256, size: int, target: Path) -> None:
        for path in blob_paths(namespace, sha256):
            chunks = self._objects.chunks(path)
            if chunks is not None:
                _write(target, chunks, size, sha256)
                return
        raise SharedCacheError("a content that a record names is gone", facts={"sha256": sha256})

    def _wave(self, namespace: str, parts: Sequence[Mapping[str, Canonical]]) -> list[SharedAnswer | None]:
        if not parts or self._objects.off is not None:
            return [None] * len(parts)
        names = [record_name(one) for one in parts]
        if len(parts) == 1:
            contents: Iterable[bytes | None] = [self._content(namespace, names[0])]
        else:
            with ThreadPoolExecutor(min(AT_ONCE, len(parts))) as pool:
                contents = list(pool.map(lambda name: self._content(namespace, name), names))
        return [
            None if content is None else self._judged(namespace, name, one, content)
            for name, one, content in zip(names, parts, contents, strict=True)
        ]

    def _content(self, namespace: str, name: RecordName) -> bytes | None:
        """The bytes of a record; None if there is none, or the cache does not answer."""
        try:
            return self._objects.get(record_path(namespace, name), MAX_RECORD_BYTES)
        except SharedCacheError:
            self.counts.errors += 1
            return None

    def _judged(
        self, namespace: str, name: RecordName, parts: Mapping[str, Canonical], content: bytes
    ) -> SharedAnswer | None:
        try:
            record = believe(content, parts, self._settings.trust, verifies)
        except Disbelieved as reason:
            self.counts.disbelieved += 1
            if not self._refusals:
                where = f"{record_path(namespace, name)[:24]}…"
                self._notice(f"a record of the shared cache is not trusted: {reason} ({where}); it is made here")
            self._refusals[name] = str(reason)
            return None
        if any(one.sha256 in self._gone for one in record.outputs.values()):
            return None
        return SharedAnswer(namespace, record)


def _write(target: Path, chunks: Iterable[memoryview], size: int, sha256: str) -> None:
    """Write a content while it arrives.

    Raises:
        SharedCacheError: more or other bytes arrived, or they arrive too slowly.
    """
    state, received, deadline = hashlib.sha256(), 0, time.monotonic() + PATIENCE_S + size / SLOWEST_BYTES_S
    with target.open("xb") as file:
        for chunk in chunks:
            received += len(chunk)
            if received > size or time.monotonic() > deadline:
                reason = "more bytes arrived than expected" if received > size else "its bytes arrive too slowly"
                raise SharedCacheError(f"a content is not fetched: {reason}", facts={"sha256": sha256})
            state.update(chunk)
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    if state.hexdigest() != sha256:
        facts = {"sha256": sha256, "of its bytes": state.hexdigest()}
        raise SharedCacheError("a content of the shared cache is not what its record says", facts=facts)
