"""Files that specs name and that are not here, in place of which a digest stands, so that the rest can be lowered and
compared. Builds have none: to them such a file is a mistake.
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
    """Takes files that are not here. `objects`: what git has by path, where specs come out of it; None: the working
    tree is looked at, where a file that is missing is a mistake, and only one that is not fetched is absent.
    """

    root: str
    objects: Mapping[str, str] | None = None
    left_out: Mapping[str, str] = field(default_factory=dict)  # Reasons, by path, why a file was not written out.
    reasons: dict[str, str] = field(default_factory=dict)  # Of those that were taken, by path relative to the root.
    unknown: set[str] = field(default_factory=set)  # Of these, those of which nothing tells one content from another.

    def source(self, base: str, text: str, wrong: Diagnostic | None) -> Source | None:
        """What stands for the file that a text names in the folder `base`, where this is what is wrong with it; None
        where something else is.
        """
        codes = (_NOT_FETCHED,) if self.objects is None else (_NOT_FETCHED, _MISSING)
        if wrong is None or wrong.code not in codes:
            return None
        path = os.path.normpath(os.path.join(base, text))
        reason = wrong.message if wrong.help is None or wrong.code == _MISSING else f"{wrong.message}: {wrong.help}"
        self.reasons[path] = self.left_out.get(path, reason)
        return Source(path, self._digest(path))

    def has(self, source: Source | None) -> bool:
        """Whether this stands for a file that is not here."""
        return source is not None and source.path in self.reasons

    def _digest(self, path: str) -> Digest:
        """Equal where git has the same bytes there: the same pointer, or the same file that was left out."""
        name = _object(os.path.join(self.root, path)) if self.objects is None else self.objects.get(path)
        if name is None:
            self.unknown.add(path)
        return digest_value("absent", name or path)


def _object(path: str) -> str | None:
    """The name that git gives the content of a pointer, which is short."""
    try:
        with open(path, "rb") as file:
            content = file.read(1 << 12)
    except OSError:
        return None
    return sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()
