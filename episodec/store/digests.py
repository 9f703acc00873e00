"""Digests of authors' files and of model files, each read once for as long as its stat signature is unchanged."""

import errno
import os
import stat
import time
from collections.abc import Iterable, Iterator, Sequence

from episodec import canonical_json
from episodec.digest import Digest, digest_chunks, digest_value, is_digest
from episodec.errors import InputMoved
from episodec.store import signature as signatures
from episodec.store.blob_files import chunks_of
from episodec.store.index import Index
from episodec.store.sealed import decoded, digest_of, seal, unseal
from episodec.store.signature import Signature

_TRIES = 3
_SEVERAL_BYTES = (
    8 << 20
)  # Below it, one thread is done before a second one has started (concurrent.futures: 28 ms to import).
_THREADS = 8  # xxh3 outruns any disk; more threads only queue.
_NO_WAIT = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK  # A fifo put there after the stat must not hang the build.


class FileDigests:
    """engine.backend.Digester over the index's memo.

    Paths are resolved against `root`, and those inside it are remembered relative to it: a checkout that was moved
    keeps its inodes and times, so nothing in it is read again.
    """

    def __init__(self, index: Index, root: str | os.PathLike[str]) -> None:
        self._index = index
        self._root = os.path.abspath(root)
        self._memo: dict[str, tuple[Signature, Digest]] = {}

    def of(self, path: str | os.PathLike[str]) -> Digest:
        """The digest of this file's content.

        Raises:
            OSError: it cannot be read, or is a folder, fifo, socket or device.
            InputMoved: it changed during each of three reads.
        """
        return self.look(path)[1]

    def look(self, path: str | os.PathLike[str]) -> tuple[Signature, Digest]:
        """The digest, with the signature under which it was read."""
        name = self._name(path)
        status = _plain_stat(self._file(name))
        self._load([name])
        known = self._memo.get(name)
        if known is not None and known[0] == signatures.of_stat(status):
            return known
        reading = self._read(name)
        self._keep([(name, reading)])
        return reading.signature, reading.digest

    def of_many(self, paths: Iterable[str | os.PathLike[str]]) -> dict[str, Digest]:
        """The digests of many files, by the paths given, several of them read in parallel. Raises as `of` does."""
        names = {os.fspath(path): self._name(path) for path in paths}
        unique = list(dict.fromkeys(names.values()))
        self._load(unique)
        digests: dict[str, Digest] = {}
        unread: dict[str, int] = {}
        for name in unique:
            status = _plain_stat(self._file(name))
            known = self._memo.get(name)
            if known is not None and known[0] == signatures.of_stat(status):
                digests[name] = known[1]
            else:
                unread[name] = status.st_size
        readings = list(zip(unread, self._read_all(unread), strict=True))
        self._keep(readings)
        digests |= {name: one.digest for name, one in readings}
        return {path: digests[name] for path, name in names.items()}

    def of_tree(self, folder: str | os.PathLike[str]) -> Digest:
        """The digest of a folder of model files: the names below it and their contents, in any order.

        Symlinks are followed (a Hugging Face cache is made of them); empty folders and temporary files of editors do
        not count.

        Raises:
            OSError: something below cannot be read, is neither a file nor a folder, or is a link that leads back up.
        """
        top = self._file(self._name(folder))
        files = dict(_files_below(top, "", ()))
        digests = self.of_many(files.values())
        return digest_value("file-tree", {relative: digests[path] for relative, path in files.items()})

    def of_watched(self, path: str | os.PathLike[str]) -> Digest:
        """The digest of a file, or of the names in a folder. Raises as `of` does."""
        full = self._file(self._name(path))
        return digest_value("folder", list(signatures.of_names(full))) if os.path.isdir(full) else self.of(path)

    def still(self, path: str | os.PathLike[str], signature: Signature) -> bool:
        """Whether a file still has this signature; for a folder, whether it has the same names."""
        try:
            # Relative to the root, like all paths; of hundreds, most are absolute.
            return signatures.of_watched(os.path.join(self._root, path)) == signature
        except OSError:
            return False

    def _name(self, path: str | os.PathLike[str]) -> str:
        full = os.path.normpath(os.path.join(self._root, path))
        return full[len(self._root) + 1 :] if full.startswith(self._root + "/") else full

    def _file(self, name: str) -> str:
        return os.path.join(self._root, name)

    def _load(self, names: list[str]) -> None:
        unknown = [name for name in names if name not in self._memo and is_text(name)]
        if unknown:
            sql = """SELECT path, mtime_ns, ctime_ns, size, inode, digest FROM files
                     WHERE path IN (SELECT value FROM json_each(?))"""
            self._memo |= decoded(self._index, sql, (canonical_json.dump(unknown),), _remembered)

    def _keep(self, readings: Sequence[tuple[str, "_FileReading"]]) -> None:
        settled = [(name, one) for name, one in readings if not one.racy]
        # A digest too young to be remembered still replaces the remembered one.
        outdated = [name for name, one in readings if one.racy and name in self._memo]
        self._index.write_many("DELETE FROM files WHERE path = ?", [(name,) for name in outdated if is_text(name)])
        for name in outdated:
            del self._memo[name]
        self._memo |= {name: (one.signature, one.digest) for name, one in settled}
        rows = [
            (name, *one.signature, seal(one.digest, *_about(name, one.signature)))
            for name, one in settled
            if is_text(name)
        ]
        self._index.write_many("INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?)", rows)

    def _read_all(self, sizes: dict[str, int]) -> Iterable["_FileReading"]:
        if len(sizes) < 2 or sum(sizes.values()) < _SEVERAL_BYTES:
            return map(self._read, sizes)
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(min(_THREADS, os.cpu_count() or 1, len(sizes))) as pool:
            return list(pool.map(self._read, sizes))

    def _read(self, name: str) -> "_FileReading":
        """Stat, read and stat again, until both agree."""
        path = self._file(name)
        for _ in range(_TRIES):
            observed_at_ns = time.time_ns()
            file = os.open(path, _NO_WAIT)
            try:
                before = os.fstat(file)
                _refuse_unless_plain(before, path)
                digest = digest_chunks(chunks_of(file))
            finally:
                os.close(file)
            signature = signatures.of(path)  # By path: a rename over the file is a change too.
            if signature == signatures.of_stat(before):
                return _FileReading(signature, digest, signatures.is_racy(signature, observed_at_ns))
        raise InputMoved(
            "a file changes faster than it can be read",
            facts={"file": path, "tried": f"{_TRIES} times"},
            hint="wait until the program that writes it has finished",
        )


def _remembered(
    name: str, mtime_ns: int, ctime_ns: int, size: int, inode: int, sealed: str
) -> tuple[str, tuple[Signature, Digest]]:
    signature = (mtime_ns, ctime_ns, size, inode)
    # Earlier versions wrote digests without seals.
    digest = sealed if is_digest(sealed) else unseal(sealed, *_about(name, signature))
    return name, (signature, digest_of(digest))


def _about(name: str, signature: Signature) -> list[str]:
    """The other columns of a row."""
    return [name, *map(str, signature)]


class _FileReading:
    """The outcome of reading a file once."""

    __slots__ = ("digest", "racy", "signature")

    def __init__(self, signature: Signature, digest: Digest, racy: bool) -> None:  # noqa: FBT001 - there is only one call.
        self.signature = signature
        self.digest = digest
        self.racy = racy


def _plain_stat(path: str) -> os.stat_result:
    status = os.stat(path)
    _refuse_unless_plain(status, path)
    return status


def _refuse_unless_plain(status: os.stat_result, path: str) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)
    if not stat.S_ISREG(status.st_mode):
        raise OSError(errno.EINVAL, "Not a plain file", path)


def is_text(name: str) -> bool:
    """Whether a name is valid UTF-8, the only kind that SQLite can hold. Other files are remembered by this process
    only.
    """
    return name.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in name)


def _files_below(folder: str, prefix: str, above: tuple[tuple[int, int], ...]) -> Iterator[tuple[str, str]]:
    """(name relative to the top, path) of every file below a folder."""
    status = os.stat(folder)
    here = (status.st_dev, status.st_ino)
    if here in above:
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), folder)
    for entry in list(os.scandir(folder)):  # The whole list: an error below must not leave the folder open.
        if signatures.is_passing(entry.name):
            continue
        if entry.is_dir():
            yield from _files_below(entry.path, f"{prefix}{entry.name}/", (*above, here))
        else:
            yield f"{prefix}{entry.name}", entry.path
