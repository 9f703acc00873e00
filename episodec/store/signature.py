"""What one stat call tells of a file: while its signature stands, its content does. Imported by the no-op path."""

import os
import stat

Signature = tuple[int, int, int, int]
"""(mtime_ns, ctime_ns, size in bytes, inode). Compared with `!=`, never with `<`: `cp -p` and `git checkout` set mtimes
freely, an editor that saves by rename changes the inode, and ctime moves with every change of content or name."""

GRAIN_NS = 20_000_000
"""The kernel stamps files from a clock that moves in ticks of up to 10 ms (CONFIG_HZ=100) and lags behind
time.time_ns() by as much: two ticks. (Linux 6.13 and later stamp finer once a
file was looked at; the rule stays right there.)"""


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

    `observed_at_ns`: time.time_ns() before the file was first looked at. Whoever remembers a digest under a racy
    signature may remember a wrong one for ever, so it is not remembered.

    Only ctime is asked. A later change gets a ctime of the kernel's clock at that moment, which nobody can set: when
    the ctime seen is a grain older than the observation, every later one differs. mtime may be anything, years in the
    future for a file out of an archive, and would make such files racy for ever. A ctime in the future (the clock was
    set back) is racy until the clock has caught up.
    """
    return signature[1] > observed_at_ns - GRAIN_NS


def is_passing(name: str) -> bool:
    """Whether a file of this name is what an editor keeps beside one that is open, or of how one was before: `x~`,
    `#x#`, `.#x` (Emacs), `.x.swp` (Vim). It comes and goes while somebody looks, and decides no result.
    """
    last = name[-1]
    if last == "~" or name[0] not in ".#":
        return last == "~"
    return name[:2] == ".#" or (last == "#" == name[0]) or (name[0] == "." and name[-4:-1] == ".sw")


def of_names(folder: str | os.PathLike[str]) -> Signature:
    """A signature of a folder that goes by the names in it, whatever their contents are. Python's own caches in it do
    not count, nor does what editors leave there. Raises OSError.
    """
    names = "\0".join(sorted(name for name in os.listdir(folder) if name != "__pycache__" and not is_passing(name)))
    encoded = names.encode("utf-8", "surrogateescape")
    return (_crc(encoded), _crc(encoded[::-1]), len(encoded), 0)


def of_watched(path: str | os.PathLike[str]) -> Signature:
    """The signature of a file, or that of a folder's names. Raises OSError."""
    status = os.stat(path)
    return of_names(path) if stat.S_ISDIR(status.st_mode) else of_stat(status)


def _crc(content: bytes) -> int:
    import zlib

    return zlib.crc32(content)
