"""Results written to a shared cache, in the background: contents first, then the record that names them.

The queue is bounded: beyond its limit the oldest result is dropped, since it can be written another time. A cache that
does not answer costs only a count.
"""

from collections import deque
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Condition, Thread

from episodec.errors import SharedCacheError
from episodec.remote.layout import blob_path, blob_paths, record_path
from episodec.remote.objects import Objects
from episodec.remote.signing import verifies
from episodec.remote.totals import WriteCounts
from episodec.remote.wire import MAX_RECORD_BYTES, Disbelieved, RecordName, Sha256, SharedRecord, parsed_record

WRITERS = 4
WAITING_BYTES = 256_000_000


@dataclass(frozen=True, slots=True)
class SharedFile:
    """A content to write."""

    sha256: Sha256
    path: Path  # The path of a read-only file.
    size: int  # bytes


@dataclass(frozen=True, slots=True)
class Upload:
    """A result to write."""

    name: RecordName
    record: bytes  # Signed.
    files: tuple[SharedFile, ...]

    def size(self) -> int:
        """The total size of its contents in bytes."""
        return sum(one.size for one in self.files)


@dataclass(frozen=True, slots=True)
class Earlier:
    """The record of another writer, which came first."""

    name: RecordName
    record: SharedRecord


class SharedWriter:
    """Writes to one namespace of a shared cache, from threads that never keep the program alive. `trusted`: the keys
    whose records are kept; any other record in the namespace is replaced.
    """

    def __init__(self, namespace: str, objects: Objects, trusted: Collection[str]) -> None:
        self.namespace = namespace
        self._objects = objects
        self._trusted = trusted
        self._changed = Condition()
        self._waiting: deque[Upload] = deque()
        self._busy = 0
        self._threads: list[Thread] = []
        self._known: set[Sha256] = set()  # Contents that exist there.
        self.counts = WriteCounts()
        self.earlier: list[Earlier] = []

    def offer(self, upload: Upload) -> None:
        """Queue this result for writing."""
        with self._changed:
            self._waiting.append(upload)
            while len(self._waiting) > 1 and sum(one.size() for one in self._waiting) > WAITING_BYTES:
                self._waiting.popleft()
                self.counts.dropped += 1
            if len(self._threads) < WRITERS:
                thread = Thread(target=self._work, name="shared-cache", daemon=True)
                self._threads.append(thread)
                thread.start()
            self._changed.notify_all()

    def flush(self, limit_s: float) -> None:
        """Wait until everything is written, at most this long; the rest is dropped."""
        with self._changed:
            self._changed.wait_for(self._is_done, limit_s)
            self.counts.dropped += len(self._waiting)
            self._waiting.clear()

    def _is_done(self) -> bool:
        return self._objects.off is not None or (not self._waiting and not self._busy)

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: bool(self._waiting))
                upload = self._waiting.popleft()
                self._busy += 1
            try:
                self._write(upload)
            except SharedCacheError:
                self.counts.errors += 1
            finally:
                with self._changed:
                    self._busy -= 1
                    self._changed.notify_all()

    def _write(self, upload: Upload) -> None:
        self._write_files(upload.files)
        path = record_path(self.namespace, upload.name)
        if self._objects.put_first(path, upload.record):
            self.counts.results += 1
        elif not self._stands(path, upload):
            self._objects.replace(path, upload.record)
            self.counts.results += 1

    def _stands(self, path: str, upload: Upload) -> bool:
        """Whether the record that came first is valid; one with other bytes is noted."""
        content = self._objects.get(path, MAX_RECORD_BYTES)
        if content is None:
            return False
        try:
            record = parsed_record(content, self._trusted, verifies)
        except Disbelieved:
            return False
        for blob in record.outputs.values():
            if not self._has(blob.sha256, blob.size):
                return False
        if {one.sha256 for one in record.outputs.values()} != {one.sha256 for one in upload.files}:
            self.earlier.append(Earlier(upload.name, record))
        return True

    def _write_files(self, files: Sequence[SharedFile]) -> None:
        for file in files:
            if file.sha256 not in self._known and not self._has(file.sha256, file.size):
                self._objects.put_file(blob_path(self.namespace, file.sha256), file.path)
                self.counts.bytes_sent += file.size
            self._known.add(file.sha256)

    def _has(self, sha256: Sha256, size: int) -> bool:
        return any(self._objects.size(path) == size for path in blob_paths(self.namespace, sha256))
