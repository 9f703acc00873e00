"""Folders of running actions: a work folder that ends with the build, and a scratch folder that survives kills."""

import os
import shutil
import stat
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from episodec.engine.key import ActionKey
from episodec.errors import StoreError
from episodec.store.layout import StoreLayout, unusable
from episodec.store.locks import Lock, try_lock

_HELD = "held"
_NEW = "new-"  # The prefix of a folder that is not locked yet.
_NEW_S = 60  # Locking it takes its maker microseconds.


class WorkFolder:
    """A private folder with `inputs` and `outputs`, both empty; removed by `close` or the end of its `with` block."""

    __slots__ = ("_lock", "inputs", "outputs", "path")

    def __init__(self, path: Path, lock: Lock) -> None:
        self.path = path
        self.inputs = path / "in"
        self.outputs = path / "out"
        self._lock = lock

    def close(self) -> None:
        """Remove the folder with everything in it."""
        remove_tree(self.path)
        self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_work(layout: StoreLayout, key: ActionKey) -> WorkFolder:
    """A fresh work folder of this action.

    Its name is new each time: a killed build's tool that is still writing cannot reach it.

    Raises:
        StoreError: it cannot be created.
    """
    token = os.urandom(4).hex()
    fresh = Path(layout.work, f"{_NEW}{token}")
    path = Path(f"{layout.work_of(key)}-{token}")
    try:
        fresh.mkdir()
        (fresh / "in").mkdir()
        (fresh / "out").mkdir()
        lock = try_lock(str(fresh / _HELD))
        assert lock is not None  # Nobody else knows the name.
        fresh.rename(path)  # Under its final name it is locked from the start, so never taken for dead.
    except OSError as error:
        raise unusable(error, path) from error
    return WorkFolder(path, lock)


def remove_dead_work(layout: StoreLayout) -> int:
    """Remove work folders of dead builds, those with an unheld lock, and give back their number."""
    try:
        entries = list(os.scandir(layout.work))
        for entry in entries:
            if entry.is_symlink():  # Not made by a build: its target belongs to somebody else.
                os.unlink(entry.path)
        return sum(_remove_if_dead(Path(entry.path)) for entry in entries if not entry.is_symlink())
    except OSError as error:
        raise unusable(error, layout.work) from error


def scratch_for(layout: StoreLayout, key: ActionKey) -> Path:
    """The scratch folder of this action, created if missing; files of a killed run are still in it."""
    path = Path(layout.scratch_of(key))
    try:
        path.mkdir(exist_ok=True)
        os.utime(path)  # gc reads this time.
    except OSError as error:
        raise unusable(error, path) from error
    return path


def drop_scratch(layout: StoreLayout, key: ActionKey) -> None:
    """Remove the scratch folder of this action: its result is recorded."""
    remove_tree(Path(layout.scratch_of(key)))


def remove_tree(path: Path) -> None:
    """Remove a folder and everything below it, even where a tool made folders read-only. A missing one is fine."""
    try:
        shutil.rmtree(path, onerror=_retry_writable)
    except FileNotFoundError:
        return
    except OSError as error:
        raise unusable(error, path) from error


def remove(path: str) -> None:
    """Remove a file, a link or a folder with everything below it; a link's target stays. A missing path is fine.

    Raises:
        StoreError: it cannot be removed.
    """
    try:
        if os.path.isdir(path) and not os.path.islink(path):
            remove_tree(Path(path))
        else:
            os.unlink(path)
    except FileNotFoundError:
        return
    except OSError as error:
        raise unusable(error, path) from error


def _remove_if_dead(path: Path) -> bool:
    """Remove the folder if its build is dead, with the lock unheld; whether it was."""
    try:
        if path.name.startswith(_NEW) and path.stat().st_ctime > time.time() - _NEW_S:
            return False
        lock = try_lock(str(path / _HELD))
    except (FileNotFoundError, StoreError):
        if path.exists():
            raise
        return False  # Another build was faster.
    if lock is None:
        return False
    with lock:
        remove_tree(path)
    return True


def _retry_writable(
    remove: Callable[..., object], path: str, failure: tuple[type[BaseException], BaseException, TracebackType]
) -> None:
    error = failure[1]
    if isinstance(error, FileNotFoundError):
        return
    if not isinstance(error, PermissionError):
        raise error
    for folder in (os.path.dirname(path), path):
        if stat.S_ISDIR(os.lstat(folder).st_mode):
            os.chmod(folder, stat.S_IRWXU)
    if remove in (os.scandir, os.open, os.listdir):  # The folder was unreadable; now it is readable.
        shutil.rmtree(path)
    else:
        remove(path)
