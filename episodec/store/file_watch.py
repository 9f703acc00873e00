"""Whether the files that results depend on are unchanged, checked together for all results that came in since the last
check.

A check takes 2 µs a file, and code with its data has hundreds of files: a check at the end of each action would cost
the build's driver more than everything else it does for the action.
"""

import os
import stat
import time
from collections.abc import Mapping

from episodec.store import signature as signatures
from episodec.store.signature import Signature


class FileWatch:
    """Checks groups of files that several results share. A group is identified by the mapping object that names it."""

    def __init__(self) -> None:
        self._groups: dict[int, tuple[Mapping[str, Signature], list[tuple[str, str, Signature]]]] = {}
        self._moved: dict[int, str | None] = {}
        self._folders: dict[str, Signature] = {}  # Their own signatures, under which their names were read.

    def reset(self) -> None:
        """Check everything again from now on: some results came in after the last check."""
        self._moved.clear()

    def moved(self, files: Mapping[str, Signature]) -> str | None:
        """The first of these files touched since, even with equal content: a tool may have read it half-way."""
        group = id(files)
        if group not in self._groups:  # The mapping is kept: while it lives, no other object has its identity.
            self._groups[group] = files, [(os.path.abspath(path), path, seen) for path, seen in files.items()]
        if group not in self._moved:
            self._moved[group] = self._first_moved(self._groups[group][1])
        return self._moved[group]

    def _first_moved(self, files: list[tuple[str, str, Signature]]) -> str | None:
        look, of_stat, is_folder = os.stat, signatures.of_stat, stat.S_ISDIR
        began_ns = time.time_ns()
        for path, name, before in files:
            try:
                status = look(path)
                current = of_stat(status)
                if not is_folder(status.st_mode):
                    if current != before:
                        return name
                elif self._folders.get(path) != current:  # A folder counts by its names.
                    if signatures.of_names(path) != before:
                        return name
                    if not signatures.is_racy(current, began_ns):
                        self._folders[path] = current
            except OSError:
                return name
        return None
