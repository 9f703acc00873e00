"""The states of a run's actions: each action is in exactly one, and one function moves it. Knows no locks, workers or
results.
"""

from collections.abc import Iterable, Mapping
from enum import Enum

from episodec.engine.action import ActionId


class State(Enum):
    """How far a run has come with an action."""

    WAITING = "for actions that it needs"
    READY = "all that it needs is made; it is to be judged"
    CONTENDED = "another build holds the lock of its key"
    TWIN = "it waits for an action of this run that has the same key"
    RUNNING = "a worker makes it; its lock is held"
    DELAYED = "it waits for another attempt after a transient failure; its lock is held"
    MADE = "its result is known: found in the cache, or made"
    FAILED = "it will not be made"
    SKIPPED = "it will not be made, because an action that it needs will not be"
    STOPPED = "it was not finished when the run stopped"


UNSTARTED = (State.WAITING, State.READY, State.CONTENDED)
UNFINISHED = (*UNSTARTED, State.TWIN, State.RUNNING, State.DELAYED)
LOST = (State.FAILED, State.SKIPPED)

MOVES: Mapping[State, tuple[State, ...]] = {
    State.WAITING: (State.READY, State.SKIPPED, State.STOPPED),
    State.READY: (
        *(State.MADE, State.FAILED, State.RUNNING, State.TWIN, State.CONTENDED, State.STOPPED),
        *(State.WAITING, State.SKIPPED),  # A result that it needs was found damaged.
    ),
    State.CONTENDED: (
        *(State.READY, State.STOPPED),
        *(State.WAITING, State.SKIPPED),  # As from READY.
    ),
    State.RUNNING: (
        *(State.MADE, State.FAILED, State.DELAYED, State.STOPPED),
        State.READY,  # Meanwhile an input was made again and came out otherwise; or, where it ran, one was damaged.
        *(State.WAITING, State.SKIPPED),  # Where it ran, an input was damaged, and its maker is not done or failed.
    ),
    State.DELAYED: (
        *(State.RUNNING, State.STOPPED),
        State.FAILED,  # There is nothing any more that can make it.
        *(State.READY, State.SKIPPED),  # An input was made again and came out otherwise, or failed.
    ),
    State.TWIN: (
        *(State.MADE, State.FAILED, State.STOPPED),
        *(State.READY, State.WAITING, State.SKIPPED),  # The one it waited for was given back.
    ),
    State.MADE: (
        *(State.READY, State.WAITING, State.SKIPPED),  # Its result was found damaged, or an input came out otherwise.
        State.FAILED,  # Its result is damaged each time it is made.
    ),
    State.FAILED: (),
    State.SKIPPED: (),
    State.STOPPED: (),
}
"""The moves there are. Every action begins as WAITING."""


class States:
    """The table: the state of each action, and the actions of each state."""

    def __init__(self, names: Iterable[ActionId]) -> None:
        self._state = dict.fromkeys(names, State.WAITING)
        self._actions: dict[State, dict[ActionId, None]] = {state: {} for state in State}
        self._actions[State.WAITING] = dict.fromkeys(self._state)

    def __getitem__(self, name: ActionId) -> State:
        return self._state[name]

    def of(self, *states: State) -> list[ActionId]:
        """The actions in these states; of each state, in the order in which they came to it."""
        return [name for state in states for name in self._actions[state]]

    def count(self, *states: State) -> int:
        """How many actions are in these states."""
        return sum(len(self._actions[state]) for state in states)

    def move(self, name: ActionId, to: State) -> None:
        """Move an action to another state; nothing else changes the table."""
        state = self._state[name]
        assert to in MOVES[state], f"{name} cannot go from {state.name} to {to.name}"
        del self._actions[state][name]
        self._actions[to][name] = None
        self._state[name] = to

    def table(self) -> dict[ActionId, State]:
        """The state of each action now, in the order of the graph."""
        return dict(self._state)
