"""Whether the files that results hang on still are as they were, looked at once for all results that came in before.

A look is 2 µs a file, and code with its data hundreds of files: one look at each action's end would cost a build's
driver more than all else that it does for an action.
"""

import os
import stat
from collections.abc import Mapping

from episodec.store import signature as signatures
from episodec.store.signature import Signature


class Standing:
    """Looks at groups of files that several results share. A group is known by the very mapping that names it."""

    def __init__(self) -> None:
        self._groups: dict[int, tuple[Mapping[str, Signature], list[tuple[str, str, Signature]]]] = {}
        self._moved: dict[int, str | None] = {}

    def anew(self) -> None:
        """What is asked from now on is looked at again: some results came in after the last look."""
        self._moved.clear()

    def moved(self, files: Mapping[str, Signature]) -> str | None:
        """The first of these files that was touched since. That is enough: a tool may have read it half-way."""
        group = id(files)
        if group not in self._groups:  # The mapping is kept: while it is, nothing else has its identity.
            self._groups[group] = files, [(os.path.abspath(path), path, seen) for path, seen in files.items()]
        if group not in self._moved:
            self._moved[group] = _first_moved(self._groups[group][1])
        return self._moved[group]


def _first_moved(files: list[tuple[str, str, Signature]]) -> str | None:
    look, of_stat, is_folder = os.stat, signatures.of_stat, stat.S_ISDIR
    for path, name, seen in files:
        try:
            status = look(path)
            if (signatures.of_names(path) if is_folder(status.st_mode) else of_stat(status)) != seen:
                return name
        except OSError:
            return name
    return None
