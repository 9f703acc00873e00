"""Looks up ready actions in a shared cache together: one by one, each would wait for its answer."""

from collections.abc import Iterable, Mapping

from episodec.engine.action import ActionId
from episodec.engine.cache import Record
from episodec.engine.graph import ActionGraph
from episodec.engine.plan import Knowledge, judge_wave


class AskedTogether:
    """Judges ready actions together. A shared cache keeps its answers, so the run's own judgement costs no request."""

    def __init__(self, graph: ActionGraph, known: Knowledge) -> None:
        self._graph = graph
        self._known = known
        self._asked: set[ActionId] = set()

    def ask(self, ready: Iterable[ActionId], records: Mapping[ActionId, Record]) -> None:
        """Look up those of these actions that were not looked up yet."""
        if self._known.ask_shared is None:
            return
        names = [name for name in ready if name not in self._asked]
        self._asked.update(names)
        if len(names) > 1:
            judge_wave([self._graph.actions[name] for name in names], records, self._known)

    def forget(self, name: ActionId) -> None:
        """Look this action up again: its inputs may have changed."""
        self._asked.discard(name)
