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
    """Bytes that a store keeps, by their digest and size. Equal bytes are equal blobs, wherever they lie."""

    digest: Digest
    size: int  # bytes
    place: str | None = field(default=None, compare=False)  # Where they lie, for a `Fetch`; None: in the store at hand.


Fetch = Callable[[Blob, Path], None]
"""Writes the bytes of a blob that lies elsewhere to a new file. It may raise OSError or EpisodecError; whoever calls it
checks the bytes.
"""


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
