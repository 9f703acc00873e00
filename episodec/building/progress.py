"""The progress of a run: the state of each action, and the results and key parts of those that are made.

Knows the graph; no locks, workers, cache or events.
"""

from collections.abc import Callable

from episodec.building.states import LOST, UNSTARTED, State, States
from episodec.engine.action import Action, ActionId, Artifact
from episodec.engine.cache import Record
from episodec.engine.graph import ActionGraph
from episodec.engine.key import ActionKey, KeyParts
from episodec.engine.plan import Hit, Miss, input_digests


class RunProgress:
    """The states and results of one run over one graph.

    `on_ready` is called for each action that becomes ready, `on_skipped` for each that is skipped, with the need that
    it lacks, `on_reopened` for each whose result must not be used any more.
    """

    def __init__(
        self,
        graph: ActionGraph,
        on_ready: Callable[[ActionId], None],
        on_skipped: Callable[[ActionId, ActionId], None],
        on_reopened: Callable[[ActionId], None],
    ) -> None:
        self._graph = graph
        self._on_ready = on_ready
        self._on_skipped = on_skipped
        self._on_reopened = on_reopened
        self._needs = {action.id: tuple(action.needs()) for action in graph}
        self._parts: dict[ActionId, KeyParts] = {}
        self.states = States(graph.actions)
        self.records: dict[ActionId, Record] = {}  # Of actions in state MADE, like `keys`.
        self.keys: dict[ActionId, ActionKey] = {}

    def begin(self) -> None:
        """Make the actions that need nothing ready."""
        for name, needs in self._needs.items():
            if not needs:
                self.settle(name)

    def settle(self, name: ActionId) -> None:
        """Set the state that an action's needs imply: READY if all are made, SKIPPED if one cannot be, else WAITING."""
        states, needs = self.states, self._needs[name]
        lost = next((need for need in needs if states[need] in LOST), None)
        if lost is not None:
            self._skip(name, lost)
        elif self.has_needs(name):
            states.move(name, State.READY)
            self._on_ready(name)
        elif states[name] is not State.WAITING:
            states.move(name, State.WAITING)

    def has_needs(self, name: ActionId) -> bool:
        """Whether everything that the action needs is made."""
        return all(self.states[need] is State.MADE for need in self._needs[name])

    def lacks(self, name: ActionId) -> bool:
        """Whether something that the action needs will not be made."""
        return any(self.states[need] in LOST for need in self._needs[name])

    def is_outdated(self, name: ActionId, parts: KeyParts) -> bool:
        """Whether the inputs in these parts were made again with different bytes."""
        return self.has_needs(name) and input_digests(self._graph.actions[name], self.records) != parts.inputs

    def finish(self, name: ActionId, verdict: Hit | Miss, record: Record) -> bool:
        """Record an action's result; False if it is obsolete because an input changed meanwhile: the action
        is ready again.
        """
        if self.is_outdated(name, verdict.parts):
            self.settle(name)
            return False
        self.states.move(name, State.MADE)
        self.records[name], self.keys[name], self._parts[name] = record, verdict.key, verdict.parts
        for reader in self._graph.readers[name]:
            if self.states[reader] is State.WAITING and self.has_needs(reader):
                self.settle(reader)
            elif self.states[reader] is State.MADE and self.is_outdated(reader, self._parts[reader]):
                self.reopen(reader)
        return True

    def fail(self, name: ActionId) -> None:
        """Mark an action as failed. Readers that are made or running already have the inputs they needed."""
        if self.states[name] is State.MADE:
            self._forget(name)
        self.states.move(name, State.FAILED)
        for reader in self._graph.readers[name]:
            if self.states[reader] in UNSTARTED:
                self._skip(reader, name)

    def reopen(self, name: ActionId) -> None:
        """Discard a made action's result: the action is judged again, and readers that are ready wait for it."""
        self._forget(name)
        self.settle(name)
        for reader in self._graph.readers[name]:
            if self.states[reader] in (State.READY, State.CONTENDED):
                self.settle(reader)

    def of_key(self, key: ActionKey) -> list[ActionId]:
        """The made actions with this key: one, or several twins."""
        return [name for name, own in self.keys.items() if own == key]

    def maker_of(self, action: Action, digest: str | None) -> Artifact | None:
        """The artifact among a ready action's inputs that has this digest."""
        artifacts = (one for group in action.inputs.values() for one in group if isinstance(one, Artifact))
        return next((one for one in artifacts if self.records[one.action].outputs[one.output].digest == digest), None)

    def _forget(self, name: ActionId) -> None:
        del self.records[name], self.keys[name], self._parts[name]
        self._on_reopened(name)

    def _skip(self, name: ActionId, because: ActionId) -> None:
        """Skip an action, and every unstarted action that depends on it."""
        todo = [name]
        while todo:
            name = todo.pop()
            if self.states[name] is not State.SKIPPED:  # It may need two that are skipped.
                self.states.move(name, State.SKIPPED)
                self._on_skipped(name, because)
                todo += [reader for reader in self._graph.readers[name] if self.states[reader] in UNSTARTED]
