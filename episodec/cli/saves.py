"""Hears of files that are saved in a project, its results aside, while something else runs."""

import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Self

from episodec.project.tree import Place
from episodec.store.signature import is_passing

_LOOK_MS = 500  # How often the files at the root and its folders are looked at, which no watcher hears of.
_STEP_MS = 50  # A save that several files belong to is over when nothing came for so long.
_GROUP_MS = 400  # It is told after so long, even if files go on coming.
_OURS = ("cache", "dist", "__pycache__")
_WAIT_S = 0.2  # How long a wait lasts before signals are looked at.


class Saves:
    """Watches the folders of a project from when it is entered until it is left."""

    def __init__(self, place: Place) -> None:
        self._root = place.root
        self._come = threading.Event()
        self._over = threading.Event()
        self._on_save: Callable[[], None] = lambda: None
        self._thread = threading.Thread(target=self._watch, name="saves", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def begin(self, on_save: Callable[[], None]) -> None:
        """From now on tell of what is saved; what was before is known."""
        self._on_save = on_save
        self._come.clear()

    def has_come(self) -> bool:
        """Whether something was saved since `begin`."""
        return self._come.is_set()

    def wait(self) -> None:
        """Until something is saved."""
        while not self._come.wait(_WAIT_S):
            pass

    def _watch(self) -> None:
        from watchfiles import DefaultFilter, watch

        top = self._top()
        while not self._over.is_set():
            folders = [path for path, is_folder, *_ in top if is_folder]
            for changes in watch(
                *folders,
                watch_filter=DefaultFilter(ignore_dirs=(*DefaultFilter.ignore_dirs, *_OURS)),
                debounce=_GROUP_MS,
                step=_STEP_MS,
                stop_event=self._over,
                rust_timeout=_LOOK_MS,
                yield_on_timeout=True,
                raise_interrupt=False,
            ):
                if any(not is_passing(Path(path).name) for _, path in changes):
                    self._tell()
                if (now := self._top()) != top:
                    is_same = [path for path, is_folder, *_ in now if is_folder] == folders
                    top = now
                    self._tell()
                    if not is_same:  # A folder came or went.
                        break

    def _tell(self) -> None:
        self._come.set()
        self._on_save()

    def _top(self) -> list[tuple[str, bool, int, int]]:
        """What lies at the root: its files with time and size, its folders; not ours, and nothing hidden."""
        found = []
        with os.scandir(self._root) as entries:
            for entry in entries:
                if entry.name.startswith(".") or entry.name in _OURS or is_passing(entry.name):
                    continue
                try:
                    status = entry.stat()
                except OSError:
                    continue
                is_folder = entry.is_dir()
                found.append((entry.path, is_folder, *((0, 0) if is_folder else (status.st_mtime_ns, status.st_size))))
        return sorted(found)
