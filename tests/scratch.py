"""A folder in memory for the files of one run of the tests: a disk's syncs are what most tests would wait for."""

import fcntl
import os
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

MEMORY = Path("/dev/shm")  # Of Linux.
ROOM = 4 << 30  # Bytes, several times what tests had at once.
PREFIX = "episodec-tests-"
YOUNG_S = 60.0  # A folder may be so old before its lock is taken.

# Ends with its input, which the kernel closes however the tests end.
GUARD = 'read -r word; [ "$word" = keep ] || rm -rf "$1"'


@dataclass
class Place:
    """The folder; removed when it is given back or when this process ends, unless it is to be kept."""

    folder: Path
    _lock: int
    _guard: "subprocess.Popen[bytes]" = field(repr=False)
    is_kept: bool = False

    def keep(self) -> None:
        """Leave it to the next run."""
        self.is_kept = True

    def give_back(self) -> None:
        if not self.is_kept:
            shutil.rmtree(self.folder, ignore_errors=True)
        self._guard.communicate(b"keep\n" if self.is_kept else b"")
        os.close(self._lock)


def take() -> Place | None:
    """A new folder; None where memory has no room or no place for it. Those of runs that have ended are removed."""
    if not _has_room():
        return None
    for old in MEMORY.glob(f"{PREFIX}*"):
        _remove_left(old)
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=MEMORY))
    folder.chmod(0o755)  # Some tests have files for other users.
    lock = os.open(folder, os.O_RDONLY)
    fcntl.flock(lock, fcntl.LOCK_EX)
    # In a group of its own, so that a Ctrl-C does not end it.
    guard = subprocess.Popen(["sh", "-c", GUARD, "sh", str(folder)], stdin=subprocess.PIPE, process_group=0)
    return Place(folder, lock, guard)


def _has_room() -> bool:
    if not os.access(MEMORY, os.W_OK):
        return False
    actual = os.statvfs(MEMORY)
    known = dict(line.split(":") for line in Path("/proc/meminfo").read_text().splitlines())
    available = int(known["MemAvailable"].split()[0]) << 10
    return min(actual.f_bavail * actual.f_frsize, available) >= ROOM and not actual.f_flag & os.ST_NOEXEC


def _remove_left(folder: Path) -> None:
    """Remove the folder of a run that has ended, whose lock is free."""
    try:
        lock = os.open(folder, os.O_RDONLY)
    except OSError:  # Somebody else's, or gone meanwhile.
        return
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if time.time() - os.fstat(lock).st_mtime > YOUNG_S:
            shutil.rmtree(folder, ignore_errors=True)
    except BlockingIOError:
        pass
    finally:
        os.close(lock)
