"""An episode that is ready to build."""

from collections.abc import Mapping
from dataclasses import dataclass

from episodec.digest import Digest, digest_value
from episodec.spec.structure import plain
from episodec.spec.types import Episode
from episodec.stages import Lowered


@dataclass(frozen=True, slots=True)
class Loaded:
    """One episode, ready to build."""

    spec: str  # Relative to the root.
    episode: Episode
    lowered: Lowered
    own: Mapping[str, Digest]  # Files of its own: the spec and what it names.
    shared: Mapping[str, Digest]  # Files that other episodes hang on too; ABSENT where there is none.
    profile: str
    folder: str  # Where it is published, relative to the root.

    @property
    def digest(self) -> Digest:
        """Of the canonical episode: the same however its spec is written. Worked out each time."""
        return digest_value("episode/1", plain(self.episode))
