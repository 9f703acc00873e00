"""How many results that a build needs are in a shared cache, and how many bytes would be fetched."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from episodec.engine.action import Action, Artifact
from episodec.engine.cache import Blob
from episodec.engine.plan import Hit, Plan
from episodec.project.loaded import LoadedEpisode
from episodec.remote.layout import bytes_away, sha256_at


@dataclass(frozen=True, slots=True)
class SharedPart:
    """Results in the shared cache that are not on this machine."""

    results: int = 0
    fetched_bytes: int = 0  # Of the results that a build needs: deliverables, and inputs of actions to make.


def shared_part(actions: Iterable[Action], judged: Plan, delivered: Collection[Artifact]) -> SharedPart:
    """Those results of these actions that are in a shared cache; `delivered`: the artifacts that would be published."""
    chosen = list(actions)
    hits = {action.id: verdict.record for action in chosen if isinstance(verdict := judged[action.id], Hit)}
    makes = [action for action in chosen if action.id not in hits]
    needed = {one for action in makes for group in action.inputs.values() for one in group if isinstance(one, Artifact)}
    blobs = (hits[one.action].outputs[one.output] for one in {*needed, *delivered} if one.action in hits)
    away = sum(any(map(_is_away, record.outputs.values())) for record in hits.values())
    return SharedPart(away, bytes_away(blobs))


def delivered_by(loaded: Iterable[LoadedEpisode]) -> set[Artifact]:
    """The artifacts that builds of these episodes publish."""
    return {one.artifact for episode in loaded for one in episode.lowered.deliverables}


def _is_away(blob: Blob) -> bool:
    return sha256_at(blob.place) is not None
