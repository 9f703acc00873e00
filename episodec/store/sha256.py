"""Sha256 digests of files on this machine, computed from their bytes. They are never looked up by xxh3 alone, which
does not resist deliberate collisions.
"""

import hashlib
import os
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from episodec.digest import Digest, digest_chunks
from episodec.errors import InputMoved
from episodec.store.blob_files import chunks_of, opened
from episodec.store.blobs import Blobs
from episodec.store.digests import is_text
from episodec.store.index import Index
from episodec.store.sealed import decoded, seal, unseal
from episodec.store.signature import Signature, is_racy, of, of_stat

_NO_WAIT = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK


class Sha256Digests:
    """The digests of files, each read once for as long as its stat signature is unchanged."""

    def __init__(self, index: Index, root: str | os.PathLike[str]) -> None:
        self._index = index
        self._root = os.path.abspath(root)
        self._known: dict[str, tuple[Signature, str]] = {}

    def of_blob(self, blobs: Blobs, digest: Digest) -> str:
        """The sha256 of a stored content, from the bytes in this store.

        Raises: CorruptBlob: it is not here, or damaged.
        """
        return self._of(f"blob {digest}", blobs.open_blob(digest), digest)

    def of_file(self, path: str, digest: Digest) -> str:
        """The sha256 of an author's file that has this digest, too.

        Raises:
            OSError: it cannot be read.
            InputMoved: it changed while it was read, or since it was digested.
        """
        return self._of(f"file {digest} {path}", Path(self._root, path), digest)

    def _of(self, name: str, path: Path, digest: Digest) -> str:
        observed_at_ns = time.time_ns()
        signature = of(path)
        known = self._known.get(name) or self._loaded(name)
        if known is not None and known[0] == signature:
            return known[1]
        sha256 = _read(path, signature, digest)
        if not is_racy(signature, observed_at_ns):
            self._known[name] = signature, sha256
            if is_text(name):
                row = (name, *signature, seal(sha256, name, *map(str, signature)))
                self._index.write("INSERT OR REPLACE INTO sha256s VALUES (?, ?, ?, ?, ?, ?)", row)
        return sha256

    def _loaded(self, name: str) -> tuple[Signature, str] | None:
        if not is_text(name):
            return None
        sql = "SELECT name, mtime_ns, ctime_ns, size, inode, sha256 FROM sha256s WHERE name = ?"
        rows = decoded(self._index, sql, (name,), _remembered)
        if rows:
            self._known[name] = rows[0]
        return rows[0] if rows else None


def _read(path: Path, signature: Signature, digest: Digest) -> str:
    state = hashlib.sha256()
    with opened(path, _NO_WAIT) as file:
        actual = digest_chunks(_fed(state, chunks_of(file)))
        if actual != digest or of_stat(os.fstat(file)) != signature or of(path) != signature:
            raise InputMoved("a file changed while it was read", facts={"file": path})
    return state.hexdigest()


def _fed(state: "hashlib._Hash", chunks: Iterable[memoryview]) -> Iterator[memoryview]:
    for chunk in chunks:
        state.update(chunk)
        yield chunk


def _remembered(name: str, mtime_ns: int, ctime_ns: int, size: int, inode: int, sealed: str) -> tuple[Signature, str]:
    signature = (mtime_ns, ctime_ns, size, inode)
    return signature, unseal(sealed, name, *map(str, signature))
