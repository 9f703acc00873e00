"""The action graph of a series as a value to draw: actions with the files that they read and deliver."""

from collections.abc import Callable
from dataclasses import dataclass

from episodec.engine.action import Action, Artifact, Notes, Source
from episodec.errors import RejectedSpecs
from episodec.series.request import Request
from episodec.series.session import linked, opened, places


@dataclass(frozen=True, slots=True)
class Node:
    """One action."""

    id: str
    stage: str
    backend: str
    needs: tuple[str, ...]  # Actions, by id.
    sources: tuple[str, ...]  # Author's files.
    outputs: tuple[str, ...]
    delivers: tuple[str, ...]  # Paths in dist/, relative to the root.


def graph(request: Request, notice: Callable[[str], None] = lambda _: None) -> list[Node]:
    """Every action of the wanted episodes, inputs first.

    Raises:
        RejectedSpecs: a spec has errors; a partial graph could be mistaken for the whole one.
    """
    nodes: list[Node] = []
    for place, targets in places(request.targets):
        with opened(place, targets, request, notice) as session:
            loaded = session.load_selected()
            if session.project.has_errors():
                raise RejectedSpecs("some specs have errors", hint="`episodec validate` shows them")
            delivers: dict[str, list[str]] = {}
            for episode in loaded:
                for deliverable in episode.lowered.deliverables:
                    delivers.setdefault(deliverable.artifact.action, []).append(f"{episode.folder}/{deliverable.path}")
            nodes += [_node(action, tuple(delivers.get(action.id, ()))) for action in linked(loaded)]
    return nodes


def _node(action: Action, delivers: tuple[str, ...]) -> Node:
    inputs = [one for group in action.inputs.values() for one in group]
    needs = dict.fromkeys(one.action for one in inputs if isinstance(one, Artifact))
    needs |= dict.fromkeys(name for one in inputs if isinstance(one, Notes) for _, name in one.of)
    sources = dict.fromkeys(one.path for one in inputs if isinstance(one, Source))
    return Node(action.id, action.stage, action.backend, tuple(needs), tuple(sources), action.outputs, delivers)
