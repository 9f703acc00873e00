"""The dependencies of a run, and its result. The run itself is in `run`."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from episodec.building.states import State
from episodec.engine.action import Action, ActionId
from episodec.engine.cache import Cache, Record
from episodec.engine.events import Event
from episodec.engine.executor import Executor, Offer
from episodec.engine.key import ActionKey
from episodec.engine.plan import Hit, Knowledge, Miss
from episodec.runner.order import Prepared

POLL_S = 0.1  # How often another build's lock, due retries and Ctrl-C are checked.
REMAKES = 2  # How often a run makes a result again that is damaged when it is read.


@dataclass(slots=True)
class Stop:
    """The user's request to stop: 1, finish running actions; 2, end them. Set by a signal handler, read by the run."""

    level: int = 0


Share = Callable[[Action, Miss, Mapping[ActionId, Record]], None]
"""Of an action, its judged miss, and the records of it and of its needs."""


@dataclass(frozen=True, slots=True)
class RunContext:
    """The dependencies of a run, each a narrow interface. `prepare` gives the task of a judged miss and a check for
    moved inputs.
    """

    cache: Cache
    executor: Executor
    known: Knowledge
    try_lock: Callable[[ActionKey], Callable[[], None] | None]  # Releases the lock; None: another build holds it.
    prepare: Callable[[Action, Miss, Mapping[ActionId, Record]], Prepared]
    look_anew: Callable[[], None]  # Discards cached file signatures; called before inputs are checked for changes.
    # Records an action's current inputs; whether its outputs are unchanged.
    remember: Callable[[Action, Hit | Miss, Record], bool]
    seconds: Callable[[Action], float | None]  # Predicted: the action with the longest chain ahead starts first.
    emit: Callable[[Event], None]
    stop: Stop
    deterministic: Callable[[Action], bool] = lambda _: True  # Whether making it again gives the same bytes.
    share: Share = lambda *_: None  # Gives a result that was made here to a shared cache.
    # Raises EpisodecError: an approved result is not what its stage makes.
    check_taken: Callable[[Action, Hit, Mapping[ActionId, Record]], None] = lambda *_: None
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep

    def offer(self, action: Action) -> Offer:
        """Whether the action can start now."""
        return self.executor.offer(action.backend, action.resources)


@dataclass(frozen=True, slots=True)
class RunResult:
    """The result of a run."""

    records: Mapping[ActionId, Record]  # The result of every finished action, hit or made.
    keys: Mapping[ActionId, ActionKey]
    states: Mapping[ActionId, State]  # Of every action, in the order of the graph.
    ran: tuple[ActionId, ...]  # In the order in which they were made; an action made again appears twice.
    interrupted: bool

    @property
    def failed(self) -> tuple[ActionId, ...]:
        """The actions that failed."""
        return self._in(State.FAILED)

    @property
    def skipped(self) -> tuple[ActionId, ...]:
        """The actions that were skipped because something they need will not be made."""
        return self._in(State.SKIPPED)

    def then(self, later: "RunResult") -> "RunResult":
        """Both runs merged; of an action in both, the later run counts."""
        states = {**self.states, **later.states}
        return RunResult(
            {name: record for name, record in {**self.records, **later.records}.items() if states[name] is State.MADE},
            {name: key for name, key in {**self.keys, **later.keys}.items() if states[name] is State.MADE},
            states,
            self.ran + later.ran,
            self.interrupted or later.interrupted,
        )

    def _in(self, state: State) -> tuple[ActionId, ...]:
        return tuple(name for name, own in self.states.items() if own is state)
