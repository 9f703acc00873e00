"""Ready actions, by urgency. Knows no states: an action may be queued twice, or may no longer be ready."""

import heapq
from collections.abc import Callable, Collection

from episodec.engine.action import Action, ActionId, Resources
from episodec.engine.graph import ActionGraph, longest_path

Kind = tuple[str, Resources]
"""A backend and the resources of its actions: an executor has room for any action of a kind, or for none."""

_Entry = tuple[float, int, ActionId]


class Queue:
    """A queue that gives out the action with the longest chain of predicted seconds ahead; ties are broken
    by graph order.
    """

    def __init__(self, graph: ActionGraph, seconds: Callable[[Action], float | None]) -> None:
        self._ahead_s = longest_path(graph, {action.id: seconds(action) or 0.0 for action in graph})
        self._place = {name: place for place, name in enumerate(graph.actions)}
        self._heaps: dict[Kind | None, list[_Entry]] = {None: []}  # By the kind that had no room; None: not tried yet.

    def push(self, name: ActionId, kind: Kind | None = None) -> None:
        """Queue an action; `kind`: its kind, if there was no room for it."""
        entry = (-self._ahead_s[name], self._place[name], name)
        heapq.heappush(self._heaps.setdefault(kind, []), entry)

    def pop(self, without_room: Collection[Kind]) -> ActionId | None:
        """Take out the most urgent action whose kind is not known to lack room; None if there is none."""
        heaps = [heap for kind, heap in self._heaps.items() if heap and kind not in without_room]
        return heapq.heappop(min(heaps, key=lambda heap: heap[0]))[2] if heaps else None
