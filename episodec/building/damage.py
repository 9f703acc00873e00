"""Stored results that are found damaged: whose they are, and what is said when they stay so."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from episodec.digest import Digest
from episodec.engine.action import Action, ActionId, Artifact
from episodec.engine.cache import Record
from episodec.errors import CorruptBlob, StoreError


@dataclass(frozen=True, slots=True)
class Damage:
    """A stored result that was found damaged."""

    error: CorruptBlob
    artifact: Artifact | None = None  # None: a manifest, which no action makes.
    file: str = ""  # Where it was to be published, relative to the root.

    def stays(self) -> StoreError:
        """The error of a result that is found damaged however often it is made."""
        facts: dict[str, object] = {"file": self.file} if self.file else {}
        if self.artifact is not None:
            facts |= {"action": self.artifact.action, "output": self.artifact.output}
        facts |= {"reason": self.error.sentence, **self.error.facts}
        hint = "check the disk and the memory of this machine: what was stored is read back otherwise"
        return StoreError("a result was found damaged each time it was made", facts=facts, hint=hint)


def locate(
    error: CorruptBlob, actions: Iterable[Action], made: Mapping[ActionId, Record], wanted: Mapping[str, Digest]
) -> Damage:
    """Whose result this is among these actions, and which of the wanted files it was to be, by path."""
    digest = error.facts.get("digest")
    outputs = ((action.id, name, blob) for action in actions for name, blob in made[action.id].outputs.items())
    artifacts = (Artifact(action, name) for action, name, blob in outputs if blob.digest == digest)
    return Damage(error, next(artifacts, None), next((path for path in wanted if wanted[path] == digest), ""))
