"""The blobs that matched their digests, and the signatures of their files at that time."""

from collections.abc import Iterable, Iterator, MutableMapping

from episodec import canonical_json
from episodec.digest import Digest
from episodec.store.index import Index
from episodec.store.signature import Signature


class VerifiedBlobs(MutableMapping[Digest, Signature]):
    """The signatures under which blobs were found intact: this process's over the index's, written by `flush`."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._known: dict[Digest, Signature | None] = {}
        self._fresh: set[Digest] = set()

    def load(self, digests: Iterable[Digest]) -> None:
        """Read the index's entries for these, in few queries."""
        unknown = [digest for digest in digests if digest not in self._known]
        if not unknown:
            return
        sql = """SELECT digest, mtime_ns, ctime_ns, size, inode FROM blobs
                 WHERE digest IN (SELECT value FROM json_each(?))"""
        self._known |= dict.fromkeys(unknown)
        for digest, mtime_ns, ctime_ns, size, inode in self._index.rows(sql, (canonical_json.dump(unknown),)):
            self._known[digest] = (mtime_ns, ctime_ns, size, inode)

    def flush(self) -> None:
        """Write the entries that are new since the last call."""
        rows = [(digest, *signature) for digest in self._fresh if (signature := self._known[digest]) is not None]
        self._fresh.clear()
        if rows:
            self._index.write_many("INSERT OR REPLACE INTO blobs VALUES (?, ?, ?, ?, ?)", rows)

    def __getitem__(self, digest: Digest) -> Signature:
        if digest not in self._known:
            self.load([digest])
        if (signature := self._known[digest]) is None:
            raise KeyError(digest)
        return signature

    def __setitem__(self, digest: Digest, signature: Signature) -> None:
        self._known[digest] = signature
        self._fresh.add(digest)

    def __delitem__(self, digest: Digest) -> None:
        if digest not in self:
            raise KeyError(digest)
        self._known[digest] = None  # The index's row is harmless: it matches no other file.

    def __iter__(self) -> Iterator[Digest]:
        return (digest for digest, signature in self._known.items() if signature is not None)

    def __len__(self) -> int:
        return sum(1 for _ in self)
