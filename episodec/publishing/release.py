"""The claims that a build ends: dropped deliverables, those of deleted specs, and previews of published films."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from episodec.publishing.manifest import previews_of
from episodec.store.claims import Claim


@dataclass(frozen=True, slots=True)
class Release:
    """The claims that a build ends, besides those that are released already."""

    folders: Mapping[str, str] = field(default_factory=dict)  # The folder in which each spec is published.
    kept_paths: Collection[str] = frozenset()  # Every path that these specs deliver there.
    gone: Collection[str] = frozenset()  # Specs that give up all their claims, in every folder.

    def covers(self, claim: Claim) -> bool:
        """Whether this claim ends."""
        if not claim.live or claim.spec in self.gone:
            return True
        folder = self.folders.get(claim.spec)
        if folder is not None and claim.folder == previews_of(folder):  # The film has these frames now.
            return True
        return folder == claim.folder and claim.path not in self.kept_paths


@dataclass(frozen=True, slots=True)
class Removals:
    """Files that no spec claims any more, each with the spec that made it. Manifests come last."""

    removable: Mapping[str, str]  # As episodec left them: they can be removed.
    modified: Mapping[str, str]  # Changed since, or behind a link: they are kept.
