"""The action graph: every action of a build, linked, ordered, checked. Knows nothing of keys, files or stages."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from episodec.engine.action import Action, ActionId, Artifact
from episodec.errors import GraphError


@dataclass(frozen=True, slots=True)
class ActionGraph:
    """Actions by id in dependency order (inputs first), and the readers of each.

    Invariant: every artifact that an action reads is promised by an action of the graph; there is no cycle.
    """

    actions: Mapping[ActionId, Action]
    readers: Mapping[ActionId, tuple[ActionId, ...]]

    def __iter__(self) -> Iterator[Action]:
        return iter(self.actions.values())

    def __len__(self) -> int:
        return len(self.actions)


def link(actions: Iterable[Action]) -> ActionGraph:
    """The graph of these actions; an action given twice (shared by two episodes) is in it once.

    Raises:
        GraphError: one id with two meanings, an input that no action promises, an action without outputs, a cycle.
    """
    by_id: dict[ActionId, Action] = {}
    for action in actions:
        if by_id.setdefault(action.id, action) != action:
            raise GraphError("two different actions have the same id", facts={"action": action.id})
        if not action.outputs or len(set(action.outputs)) != len(action.outputs):
            raise GraphError("an action must promise outputs of different names", facts={"action": action.id})
    needs = {action.id: sorted(action.needs()) for action in by_id.values()}
    for action in by_id.values():
        _check_inputs(action, by_id)
    try:
        order = list(TopologicalSorter(needs).static_order())
    except CycleError as error:
        raise GraphError(
            "actions depend on each other in a cycle", facts={"circle": " -> ".join(error.args[1])}
        ) from error
    readers: dict[ActionId, list[ActionId]] = {name: [] for name in order}
    for name in order:
        for needed in needs[name]:
            readers[needed].append(name)
    return ActionGraph({name: by_id[name] for name in order}, {name: tuple(who) for name, who in readers.items()})


def _check_inputs(action: Action, by_id: Mapping[ActionId, Action]) -> None:
    for role, group in action.inputs.items():
        for input_ in group:
            if isinstance(input_, Artifact) and (
                input_.action not in by_id or input_.output not in by_id[input_.action].outputs
            ):
                facts = {"action": action.id, "role": role, "wanted": f"{input_.action}:{input_.output}"}
                raise GraphError("an action reads an output that no action promises", facts=facts)
    for name in action.needs():
        if name not in by_id:
            facts = {"action": action.id, "wanted": name}
            raise GraphError("an action reads the notes of a missing action", facts=facts)


def closure(graph: ActionGraph, targets: Iterable[ActionId]) -> frozenset[ActionId]:
    """These actions and all that they need, directly or not."""
    reached: set[ActionId] = set()
    todo = list(targets)
    while todo:
        name = todo.pop()
        if name not in reached:
            reached.add(name)
            todo.extend(graph.actions[name].needs())
    return frozenset(reached)


def part(graph: ActionGraph, targets: Iterable[ActionId]) -> ActionGraph:
    """These actions and all that they need, as a graph of their own."""
    needed = closure(graph, targets)
    return link(action for action in graph if action.id in needed)


def longest_path(graph: ActionGraph, seconds: Mapping[ActionId, float]) -> dict[ActionId, float]:
    """For each action, the predicted seconds from its start to the end of the longest chain of readers that follows."""
    ahead: dict[ActionId, float] = {}
    for name in reversed(list(graph.actions)):
        behind = max((ahead[reader] for reader in graph.readers[name]), default=0.0)
        ahead[name] = behind + seconds.get(name, 0.0)
    return ahead


def critical_path(graph: ActionGraph, seconds: Mapping[ActionId, float]) -> tuple[ActionId, ...]:
    """The longest chain of actions by time, each needed by the next, without actions of unknown time.

    No number of processors makes a build faster than this chain.
    """
    ahead = longest_path(graph, seconds)
    path: list[ActionId] = []
    behind = tuple(graph.actions)
    while behind:
        name = max(behind, key=ahead.__getitem__)
        if not ahead[name]:
            break
        path.append(name)
        behind = graph.readers[name]
    return tuple(name for name in path if name in seconds)
