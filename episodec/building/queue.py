"""Actions that are ready, by urgency. Knows no states: an action may be put in twice, or be ready no longer."""

import heapq
from collections.abc import Callable, Collection

from episodec.engine.action import Action, ActionId, Resources
from episodec.engine.graph import ActionGraph, longest_path

Kind = tuple[str, Resources]
"""A backend and what its actions hold: an executor has room for all of a kind, or for none."""

_Entry = tuple[float, int, ActionId]


class Queue:
    """What has the longest chain of predicted seconds ahead comes out first; of equals, what stands first in the
    graph.
    """

    def __init__(self, graph: ActionGraph, seconds: Callable[[Action], float | None]) -> None:
        self._ahead_s = longest_path(graph, {action.id: seconds(action) or 0.0 for action in graph})
        self._place = {name: place for place, name in enumerate(graph.actions)}
        self._heaps: dict[Kind | None, list[_Entry]] = {None: []}  # By what they were found to have no room for.

    def push(self, name: ActionId, kind: Kind | None = None) -> None:
        """Put an action in; `kind`, when there was no room for it."""
        entry = (-self._ahead_s[name], self._place[name], name)
        heapq.heappush(self._heaps.setdefault(kind, []), entry)

    def pop(self, without_room: Collection[Kind]) -> ActionId | None:
        """Take the most urgent action out, except for those of which it is known that there is no room; None: there is
        no other.
        """
        heaps = [heap for kind, heap in self._heaps.items() if heap and kind not in without_room]
        return heapq.heappop(min(heaps, key=lambda heap: heap[0]))[2] if heaps else None
