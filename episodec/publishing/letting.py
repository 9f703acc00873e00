"""Which claims a build ends: what episodes deliver no longer, what specs that are gone delivered, previews of films."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from episodec.publishing.manifest import Claim, previews_of


@dataclass(frozen=True, slots=True)
class Letting:
    """What a build lets go of besides what is let go of already."""

    folders: Mapping[str, str] = field(default_factory=dict)  # Of each spec that is published, where it is.
    wanted: Collection[str] = frozenset()  # Every path that these specs put there.
    gone: Collection[str] = frozenset()  # Specs that let go of all that they claim, in every folder.

    def takes(self, claim: Claim) -> bool:
        """Whether this claim ends."""
        if not claim.live or claim.spec in self.gone:
            return True
        folder = self.folders.get(claim.spec)
        if folder is not None and claim.folder == previews_of(folder):  # The film has these frames now.
            return True
        return folder == claim.folder and claim.path not in self.wanted


@dataclass(frozen=True, slots=True)
class Leaving:
    """Files that nobody claims any more, with the spec that each is from. Manifests come last."""

    ours: Mapping[str, str]  # As we left them.
    changed: Mapping[str, str]  # Somebody else's by now: changed since, or behind a link.
