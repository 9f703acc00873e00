"""Stand-ins for missing files that specs name, so that the rest can be lowered and compared. Builds have none: for them
a missing file is an error.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha1

from episodec.digest import Digest, digest_value
from episodec.engine.action import Source
from episodec.spec.diagnostic import Diagnostic

_NOT_FETCHED, _MISSING = "F424", "F401"


@dataclass(frozen=True, slots=True)
class Absent:
    """Replaces missing files by digests. `objects`: git's object names by path, if the specs come from git; None: the
    working tree is read, where a file that was not fetched is absent, and any other missing file is an error.
    """

    root: str
    objects: Mapping[str, str] | None = None
    left_out: Mapping[str, str] = field(default_factory=dict)  # Reasons, by path, why a file was not extracted.
    # Reasons of the files that were replaced, by path relative to the root.
    reasons: dict[str, str] = field(default_factory=dict)
    unknown: set[str] = field(default_factory=set)  # The replaced files whose content nothing identifies.

    def source(self, base: str, text: str, wrong: Diagnostic | None) -> Source | None:
        """The stand-in for the file that `text` names in the folder `base`, if `wrong` says that it is missing; None
        for any other problem.
        """
        codes = (_NOT_FETCHED,) if self.objects is None else (_NOT_FETCHED, _MISSING)
        if wrong is None or wrong.code not in codes:
            return None
        path = os.path.normpath(os.path.join(base, text))
        reason = wrong.message if wrong.help is None or wrong.code == _MISSING else f"{wrong.message}: {wrong.help}"
        self.reasons[path] = self.left_out.get(path, reason)
        return Source(path, self._digest(path))

    def has(self, source: Source | None) -> bool:
        """Whether this is the stand-in for a missing file."""
        return source is not None and source.path in self.reasons

    def _digest(self, path: str) -> Digest:
        """Equal if git has the same bytes there: the same pointer, or the same file that was not extracted."""
        name = _object(os.path.join(self.root, path)) if self.objects is None else self.objects.get(path)
        if name is None:
            self.unknown.add(path)
        return digest_value("absent", name or path)


def _object(path: str) -> str | None:
    """Git's object name of a pointer file, which is short."""
    try:
        with open(path, "rb") as file:
            content = file.read(1 << 12)
    except OSError:
        return None
    return sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()
