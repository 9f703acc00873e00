"""The states of a run's actions: each action is in exactly one, and one function moves it. Knows no locks,
workers or results.
"""

from collections.abc import Iterable, Mapping
from enum import Enum

from episodec.engine.action import ActionId


class State(Enum):
    """How far a run has come with an action."""

    WAITING = "it waits for actions that it needs"
    READY = "everything that it needs is made; it is judged next"
    CONTENDED = "another build holds the lock of its key"
    TWIN = "it waits for an action of this run that has the same key"
    RUNNING = "a worker makes it; its lock is held"
    DELAYED = "it waits for another attempt after a transient failure; its lock is held"
    MADE = "its result is known: found in the cache, or made"
    FAILED = "it will not be made"
    SKIPPED = "it will not be made, because an action that it needs will not be made"
    STOPPED = "it was not finished when the run stopped"


UNSTARTED = (State.WAITING, State.READY, State.CONTENDED)
UNFINISHED = (*UNSTARTED, State.TWIN, State.RUNNING, State.DELAYED)
LOST = (State.FAILED, State.SKIPPED)

MOVES: Mapping[State, tuple[State, ...]] = {
    State.WAITING: (State.READY, State.SKIPPED, State.STOPPED),
    State.READY: (
        *(State.MADE, State.FAILED, State.RUNNING, State.TWIN, State.CONTENDED, State.STOPPED),
        *(State.WAITING, State.SKIPPED),  # A result that it needs is damaged.
    ),
    State.CONTENDED: (
        *(State.READY, State.STOPPED),
        *(State.WAITING, State.SKIPPED),  # As from READY.
    ),
    State.RUNNING: (
        *(State.MADE, State.FAILED, State.DELAYED, State.STOPPED),
        State.READY,  # An input was made again with different bytes meanwhile, or was damaged where the action ran.
        # An input was damaged where the action ran, and its maker is not done or failed.
        *(State.WAITING, State.SKIPPED),
    ),
    State.DELAYED: (
        *(State.RUNNING, State.STOPPED),
        State.FAILED,  # Nothing can make it any more.
        *(State.READY, State.SKIPPED),  # An input was made again with different bytes, or failed.
    ),
    State.TWIN: (
        *(State.MADE, State.FAILED, State.STOPPED),
        *(State.READY, State.WAITING, State.SKIPPED),  # The action it waited for was given back.
    ),
    State.MADE: (
        *(State.READY, State.WAITING, State.SKIPPED),  # Its result is damaged, or an input has changed.
        State.FAILED,  # Its result is damaged each time it is made.
    ),
    State.FAILED: (),
    State.SKIPPED: (),
    State.STOPPED: (),
}
"""The allowed moves. Every action begins as WAITING."""


class States:
    """The state of each action, and the actions in each state."""

    def __init__(self, names: Iterable[ActionId]) -> None:
        self._state = dict.fromkeys(names, State.WAITING)
        self._actions: dict[State, dict[ActionId, None]] = {state: {} for state in State}
        self._actions[State.WAITING] = dict.fromkeys(self._state)

    def __getitem__(self, name: ActionId) -> State:
        return self._state[name]

    def of(self, *states: State) -> list[ActionId]:
        """The actions in these states, state by state, in the order in which they entered it."""
        return [name for state in states for name in self._actions[state]]

    def count(self, *states: State) -> int:
        """The number of actions in these states."""
        return sum(len(self._actions[state]) for state in states)

    def move(self, name: ActionId, to: State) -> None:
        """Move an action to another state. Nothing else changes the table."""
        state = self._state[name]
        assert to in MOVES[state], f"{name} cannot go from {state.name} to {to.name}"
        del self._actions[state][name]
        self._actions[to][name] = None
        self._state[name] = to

    def table(self) -> dict[ActionId, State]:
        """The current state of each action, in graph order."""
        return dict(self._state)
