"""The result of one stat call: while a file's signature is unchanged, so is its content. Imported by the no-op path."""

import os
import stat

Signature = tuple[int, int, int, int]
"""(mtime_ns, ctime_ns, size in bytes, inode). Compared with `!=`, never with `<`: `cp -p` and `git checkout` set mtimes
freely, an editor that saves by rename changes the inode, and ctime moves with every change of content or name.
"""

GRAIN_NS = 20_000_000
"""The kernel stamps files from a clock that moves in ticks of up to 10 ms (CONFIG_HZ=100) and lags behind
time.time_ns() by as much: two ticks. (Linux 6.13 and later stamp more finely once a file has been queried; the rule
still holds.)
"""


# Some file systems number inodes up to 2**64, and SQLite's integers end at 2**63.
_INT64 = (1 << 63) - 1


def of(path: str | os.PathLike[str]) -> Signature:
    """The signature of the file at this path, symlinks followed. Raises OSError."""
    return of_stat(os.stat(path))


def of_stat(status: os.stat_result) -> Signature:
    """The signature in a stat result that is at hand already."""
    return (status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino & _INT64)


def is_racy(signature: Signature, observed_at_ns: int) -> bool:
    """Whether a change right after the observation could leave this very signature (git's "racily clean").

    `observed_at_ns`: time.time_ns() before the first look at the file. A digest remembered under a racy signature could
    be wrong for ever, so it is not remembered.

    Only ctime counts. A later change gets a ctime of the kernel's clock at that moment, which nobody can set: when the
    ctime is a grain older than the observation, every later one differs. mtime may be anything, years in the future for
    a file from an archive, and would make such files racy for ever. A ctime in the future (the clock was set back) is
    racy until the clock has caught up.
    """
    return signature[1] > observed_at_ns - GRAIN_NS


def is_passing(name: str) -> bool:
    """Whether a file of this name is a temporary or backup file of an editor: `x~`, `#x#`, `.#x` (Emacs), `.x.swp`
    (Vim).

    Such files come and go, and decide no result.
    """
    last = name[-1]
    if last == "~" or name[0] not in ".#":
        return last == "~"
    return name[:2] == ".#" or (last == "#" == name[0]) or (name[0] == "." and name[-4:-1] == ".sw")


def of_names(folder: str | os.PathLike[str]) -> Signature:
    """A signature of a folder that depends on the names in it, not on contents.

    Python's own caches in it and files that editors leave there do not count. Raises OSError.
    """
    names = "\0".join(sorted(name for name in os.listdir(folder) if name != "__pycache__" and not is_passing(name)))
    encoded = names.encode("utf-8", "surrogateescape")
    return (_crc(encoded), _crc(encoded[::-1]), len(encoded), 0)


def of_watched(path: str | os.PathLike[str]) -> Signature:
    """The signature of a file, or of a folder's names. Raises OSError."""
    status = os.stat(path)
    return of_names(path) if stat.S_ISDIR(status.st_mode) else of_stat(status)


def _crc(content: bytes) -> int:
    import zlib

    return zlib.crc32(content)
