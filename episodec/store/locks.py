"""Kernel locks: one per action, so that no two builds make the same one, and one that keeps gc out during a build.

A kernel lock ends with its holder, however that ends. The locks of actions are bytes of one file, at offsets derived
from their keys: separate files would have to be created and removed, which takes a disk longer than everything else.
"""

import errno
import fcntl
import os
import struct
from types import TracebackType
from typing import Self

from episodec.engine.key import ActionKey
from episodec.store.layout import StoreLayout, digits_of, unusable

_OPEN = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC


class Lock:
    """A lock that is held until `release`, the end of its `with` block, or the end of the process.

    It belongs to the open file: a program started by this process does not inherit it (O_CLOEXEC), but a bare fork()
    shares it, and then holds it until both have released it. Start workers by exec.
    """

    __slots__ = ("_file", "_path")

    def __init__(self, path: str, file: int) -> None:
        self._path = path
        self._file: int | None = file

    def release(self, *, remove: bool = False) -> None:
        """Release the lock; with `remove`, delete the file first, while nobody else can hold it."""
        if self._file is None:
            return
        try:
            if remove:
                os.unlink(self._path)
        except OSError:
            pass  # The cache was moved or deleted: the lock ends anyway.
        finally:
            os.close(self._file)
            self._file = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def try_acquire(layout: StoreLayout, key: ActionKey) -> Lock | None:
    """The right to make this action; None while another build has it.

    Raises:
        StoreError: the lock file cannot be used.
    """
    path = f"{layout.locks}/actions"  # Never removed.
    file = None
    try:
        file = os.open(path, _OPEN, 0o644)
        fcntl.fcntl(file, fcntl.F_OFD_SETLK, _one_byte(key))  # Bound to the open file, like flock, not to the process.
    except OSError as error:
        if file is not None:
            os.close(file)
        if error.errno in (errno.EWOULDBLOCK, errno.EACCES) and file is not None:
            return None
        raise unusable(error, path) from error
    return Lock(path, file)


def _one_byte(key: ActionKey) -> bytes:
    """`struct flock` of a write lock on the byte of this key. Two keys that share a byte only wait for each other."""
    place = int(digits_of(key)[:15], 16)  # Of 2**60.
    return struct.pack("hhqqi", fcntl.F_WRLCK, os.SEEK_SET, place, 1, 0)


def hold_store(layout: StoreLayout) -> Lock | None:
    """The right to build, which several holders share; None while gc runs."""
    return _try_store(layout, fcntl.LOCK_SH)


def claim_store(layout: StoreLayout) -> Lock | None:
    """The exclusive right to remove blobs; None while a build or another gc runs."""
    return _try_store(layout, fcntl.LOCK_EX)


def try_lock(path: str) -> Lock | None:
    """An exclusive lock on this file, created if missing; None while another process holds it. Raises OSError."""
    file = _try_file(path, fcntl.LOCK_EX)
    return None if file is None else Lock(path, file)


def remove_dead_locks(layout: StoreLayout) -> None:
    """Remove lock files of single actions, which builds of earlier versions left behind."""
    try:
        for entry in list(os.scandir(layout.locks)):
            if len(entry.name) == 32 and (lock := try_lock(entry.path)) is not None:
                lock.release(remove=True)
    except OSError as error:
        raise unusable(error, layout.locks) from error


def _try_store(layout: StoreLayout, kind: int) -> Lock | None:
    path = f"{layout.locks}/gc"  # Never removed.
    file = _try_file(path, kind)
    return None if file is None else Lock(path, file)


def _try_file(path: str, kind: int) -> int | None:
    """The file, open, locked, and still the one at its path.

    Between our open and our flock a holder may remove the file and release it: we would then lock a file without a
    name, while the next process creates and locks another. So the lock counts only if the name still leads to it.
    """
    while True:
        file = None
        try:
            file = os.open(path, _OPEN, 0o644)
            fcntl.flock(file, kind | fcntl.LOCK_NB)
            if os.fstat(file).st_ino == os.stat(path).st_ino:
                return file
        except FileNotFoundError:
            if file is None:
                raise _lost(path) from None
        except OSError as error:
            if file is not None:
                os.close(file)
            if error.errno in (errno.EWOULDBLOCK, errno.EACCES) and file is not None:
                return None
            raise unusable(error, path) from error
        os.close(file)


def _lost(path: str) -> Exception:
    return unusable(FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path), path)
