"""Actions that are ready, by urgency. Knows no states: an action may be put in twice, or be ready no longer."""

import heapq
from collections.abc import Callable

from episodec.engine.action import Action, ActionId
from episodec.engine.graph import ActionGraph, longest_path


class Queue:
    """What has the longest chain of predicted seconds ahead comes out first; of equals, what stands first in the
    graph.
    """

    def __init__(self, graph: ActionGraph, seconds: Callable[[Action], float | None]) -> None:
        self._ahead_s = longest_path(graph, {action.id: seconds(action) or 0.0 for action in graph})
        self._place = {name: place for place, name in enumerate(graph.actions)}
        self._heap: list[tuple[float, int, ActionId]] = []

    def __bool__(self) -> bool:
        return bool(self._heap)

    def push(self, name: ActionId) -> None:
        """Put an action in."""
        heapq.heappush(self._heap, (-self._ahead_s[name], self._place[name], name))

    def pop(self) -> ActionId:
        """Take the most urgent action out."""
        return heapq.heappop(self._heap)[2]
