"""Damaged results in the store: which artifact or file each belongs to, and the error when one stays damaged."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from episodec.digest import Digest
from episodec.engine.action import Action, ActionId, Artifact
from episodec.engine.cache import Record
from episodec.errors import CorruptBlob, StoreError


@dataclass(frozen=True, slots=True)
class Damage:
    """A stored result that turned out to be damaged."""

    error: CorruptBlob
    artifact: Artifact | None = None  # None: a manifest, which no action makes.
    file: str = ""  # The path it should be published to, relative to the root.

    def stays(self) -> StoreError:
        """The error for a result that is damaged each time it is made."""
        facts: dict[str, object] = {"file": self.file} if self.file else {}
        if self.artifact is not None:
            facts |= {"action": self.artifact.action, "output": self.artifact.output}
        facts |= {"reason": self.error.sentence, **self.error.facts}
        hint = "check this machine's disk and memory: stored bytes do not read back as they were written"
        return StoreError("a result was damaged each time it was made", facts=facts, hint=hint)


def locate(
    error: CorruptBlob, actions: Iterable[Action], records: Mapping[ActionId, Record], digests: Mapping[str, Digest]
) -> Damage:
    """Find the artifact among these actions, and the file by path, that a damaged blob belongs to."""
    digest = error.facts.get("digest")
    outputs = ((action.id, name, blob) for action in actions for name, blob in records[action.id].outputs.items())
    artifacts = (Artifact(action, name) for action, name, blob in outputs if blob.digest == digest)
    return Damage(error, next(artifacts, None), next((path for path in digests if digests[path] == digest), ""))
