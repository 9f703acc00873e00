"""The seam between the engine and a store: blobs, records, and the cache that keeps them."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from episodec.digest import Digest
from episodec.engine.key import ActionKey
from episodec.engine.notes import Note


@dataclass(frozen=True, slots=True)
class Blob:
    """Bytes in a store, by digest and size. Equal bytes are equal blobs, wherever they are."""

    digest: Digest
    size: int  # bytes
    place: str | None = field(default=None, compare=False)  # Where a `Fetch` finds them; None: in the local store.


Fetch = Callable[[Blob, Path], None]
"""Writes the bytes of a remote blob to a new file. It may raise OSError or EpisodecError; the caller verifies the
bytes.
"""


@dataclass(frozen=True, slots=True)
class Record:
    """The result of an action: what the cache keeps under its key."""

    outputs: Mapping[str, Blob]
    seconds: float  # How long the run took; for prediction, never for a key.
    notes: tuple[Note, ...] = ()  # The notes of the backend on it.


class Cache(Protocol):
    """Results by key and contents by digest. The first writer wins; blobs are read-only, and stored before any record
    that names them.
    """

    def lookup(self, key: ActionKey) -> Record | None:
        """The result of this key, if it is recorded and each of its blobs is present or can be fetched; None otherwise.

        Nothing is fetched.
        """
        ...

    def record(self, key: ActionKey, record: Record, *, deterministic: bool = True, replace: bool = False) -> Record:
        """Keep this result and give back the first one recorded under the key, unless `replace` is set.

        Results that are not deterministic are evicted last.

        Raises:
            StoreError: a blob that the record names is not in the store, and the record does not say where else it is.
        """
        ...

    def batch(self) -> AbstractContextManager[None]:
        """A block whose records become visible together, or not at all after an exception."""
        ...

    def open_blob(self, digest: Digest) -> Path:
        """The read-only file with this content, fetched if it is remote, its bytes verified.

        Raises:
            CorruptBlob: the file is missing, cannot be fetched, or its bytes do not match; it was set aside and is a
                miss from now on.
        """
        ...

    def invalidate(self, digest: Digest) -> None:
        """Mark this content as damaged or gone at its remote place: a miss from now on, unless this store has an intact
        copy.
        """
        ...

    def put_file(self, path: Path) -> Blob:
        """Move this file into the store, by rename where possible; durable on return. The file at `path` is gone."""
        ...

    def put_bytes(self, content: bytes) -> Blob:
        """Keep these bytes; durable on return."""
        ...
