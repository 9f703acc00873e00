"""Watches a project for saved files in the background, ignoring its results."""

import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Self

from episodec.project.tree import Place
from episodec.store.signature import is_passing

_LOOK_MS = 500  # How often the files and folders directly at the root are polled, which no watcher covers.
_STEP_MS = 50  # A save of several files is complete after this long without another event.
_GROUP_MS = 400  # It is reported after this long even if more files keep coming.
_OURS = ("cache", "dist", "__pycache__")
_WAIT_S = 0.2  # How often a wait checks for signals.


class Saves:
    """Watches the folders of a project while it is entered as a context."""

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
        """Forget earlier saves and call `on_save` for later ones, from another thread."""
        self._on_save = on_save
        self._come.clear()

    def has_come(self) -> bool:
        """Whether something was saved since `begin`."""
        return self._come.is_set()

    def wait(self) -> None:
        """Block until something is saved."""
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
        """The files at the root with time (ns) and size (bytes), and its folders; no results and nothing hidden."""
        folders = []
        with os.scandir(self._root) as entries:
            for entry in entries:
                if entry.name.startswith(".") or entry.name in _OURS or is_passing(entry.name):
                    continue
                try:
                    status = entry.stat()
                except OSError:
                    continue
                is_folder = entry.is_dir()
                folders.append(
                    (entry.path, is_folder, *((0, 0) if is_folder else (status.st_mtime_ns, status.st_size)))
                )
        return sorted(folders)
