"""Whether the files that results hang on still are as they were, looked at once for all results that came in before.

A look is 2 µs a file, and code with its data hundreds of files: one look at each action's end would cost a build's
driver more than all else that it does for an action.
"""

import os
import stat
import time
from collections.abc import Mapping

from episodec.store import signature as signatures
from episodec.store.signature import Signature


class Standing:
    """Looks at groups of files that several results share. A group is known by the very mapping that names it."""

    def __init__(self) -> None:
        self._groups: dict[int, tuple[Mapping[str, Signature], list[tuple[str, str, Signature]]]] = {}
        self._moved: dict[int, str | None] = {}
        self._folders: dict[str, Signature] = {}  # Their own signatures, under which their names were seen.

    def anew(self) -> None:
        """What is asked from now on is looked at again: some results came in after the last look."""
        self._moved.clear()

    def moved(self, files: Mapping[str, Signature]) -> str | None:
        """The first of these files that was touched since. That is enough: a tool may have read it half-way."""
        group = id(files)
        if group not in self._groups:  # The mapping is kept: while it is, nothing else has its identity.
            self._groups[group] = files, [(os.path.abspath(path), path, seen) for path, seen in files.items()]
        if group not in self._moved:
            self._moved[group] = self._first_moved(self._groups[group][1])
        return self._moved[group]

    def _first_moved(self, files: list[tuple[str, str, Signature]]) -> str | None:
        look, of_stat, is_folder = os.stat, signatures.of_stat, stat.S_ISDIR
        began_ns = time.time_ns()
        for path, name, seen in files:
            try:
                status = look(path)
                found = of_stat(status)
                if not is_folder(status.st_mode):
                    if found != seen:
                        return name
                elif self._folders.get(path) != found:  # Of a folder the names count, which are read when it moved.
                    if signatures.of_names(path) != seen:
                        return name
                    if not signatures.is_racy(found, began_ns):
                        self._folders[path] = found
            except OSError:
                return name
        return None
