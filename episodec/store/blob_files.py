"""Files of the store, opened, read in pieces and copied. Knows nothing of where a digest's file is."""

import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import suppress

from episodec.digest import Digest
from episodec.errors import CorruptBlob, StoreError

CHUNK_BYTES = 1 << 20

_FICLONE = 0x40049409  # linux/fs.h; the library has a name for it from Python 3.13 on.
READ = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW
CREATE = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW


class opened:  # noqa: N801 - used like a function.
    """An open file descriptor for a `with` block."""

    def __init__(self, path: str | os.PathLike[str], flags: int = READ) -> None:
        self._file = os.open(path, flags, 0o644)

    def __enter__(self) -> int:
        return self._file

    def __exit__(self, *_: object) -> None:
        os.close(self._file)


def chunks_of(file: int) -> Iterator[memoryview]:
    """The rest of an open file in pieces of at most 1 MiB, in one buffer that each piece overwrites."""
    # Measured on a 1 GB file in the page cache, GB/s: 1 MiB reads 15.8, 256 KiB 12, 64 KiB 10, mmap 25. Not mmap even
    # so: truncating a mapped file while it is read kills the process (SIGBUS); here it is only an edit.
    size = max(1, min(CHUNK_BYTES, os.fstat(file).st_size))
    buffer = memoryview(bytearray(size))
    with os.fdopen(file, "rb", buffering=0, closefd=False) as reader:
        while count := reader.readinto(buffer):
            yield buffer[:count]


def cloned_chunks(source: int, target: int) -> Iterator[memoryview]:
    """The bytes copied from one open file to another, by reflink where the file system supports it."""
    try:
        fcntl.ioctl(target, _FICLONE, source)
    except OSError:  # Many codes mean "not supported"; a real problem shows in the copy.
        for chunk in chunks_of(source):
            write_all(target, chunk)
            yield chunk
    else:
        yield from chunks_of(target)


def write_all(file: int, content: memoryview) -> None:
    """Write all of it, in as many calls as it takes."""
    while content:
        content = content[os.write(file, content) :]


def refuse_unless_plain(path: str | os.PathLike[str]) -> None:
    """Refuse anything but a regular file, without opening it.

    Raises:
        StoreError: it is missing, a link, a folder or a special file.
    """
    try:
        mode = os.lstat(path).st_mode  # Before opening: opening a fifo waits for its writer.
    except FileNotFoundError:
        raise StoreError("an output is missing", facts={"file": path}) from None
    if not stat.S_ISREG(mode):
        kind = "a symlink" if stat.S_ISLNK(mode) else "a folder" if stat.S_ISDIR(mode) else "a special file"
        raise StoreError(f"an output must be a plain file, and this is {kind}", facts={"file": path})


def damaged_blob(digest: Digest, actual: Digest | None) -> CorruptBlob:
    """The error of a blob whose bytes do not match its name; `found`: their digest."""
    return CorruptBlob(
        "a stored result does not match its digest",
        facts={"digest": digest, "its bytes": actual or "unreadable"},
        hint="it was set aside and will be made again; if this recurs, check the disk",
    )


def unlink_quietly(temporary: str) -> None:
    """Remove a temporary file if possible."""
    with suppress(OSError):  # gc removes what is left; the error that matters is already on its way.
        os.unlink(temporary)
