"""What a run works with and what it comes to. The run itself is in `run`."""

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

POLL_S = 0.1  # How often another build's lock, a retry that is due and the user's Ctrl-C are looked at.
REMAKES = 2  # How often a run makes a result again that is found damaged when it is read.


@dataclass(slots=True)
class Stop:
    """The user's wish to stop: 1, finish what runs; 2, stop it. Raised by a signal handler, read by the run."""

    level: int = 0


@dataclass(frozen=True, slots=True)
class World:
    """Everything around a run, each a narrow seam. `prepare` gives the task of a judged miss and a check for moved
    inputs.
    """

    cache: Cache
    executor: Executor
    known: Knowledge
    try_lock: Callable[[ActionKey], Callable[[], None] | None]  # The lock's release, or None: another build holds it.
    prepare: Callable[[Action, Miss, Mapping[ActionId, Record]], Prepared]
    look_anew: Callable[[], None]  # Said before moved inputs are asked for: results came in since the last time.
    # Notes what it is made of now; whether its outputs are as before.
    remember: Callable[[Action, Hit | Miss, Record], bool]
    seconds: Callable[[Action], float | None]  # Predicted: what has the longest chain of them ahead starts first.
    emit: Callable[[Event], None]
    stop: Stop
    deterministic: Callable[[Action], bool] = lambda _: True  # Whether making it again gives the same bytes.
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep

    def offer(self, action: Action) -> Offer:
        """Whether the action can start now."""
        return self.executor.offer(action.backend, action.resources)


@dataclass(frozen=True, slots=True)
class Result:
    """What a run came to."""

    made: Mapping[ActionId, Record]  # Every finished action's result, hit or made.
    keys: Mapping[ActionId, ActionKey]
    states: Mapping[ActionId, State]  # Of every action, in the order of the graph.
    ran: tuple[ActionId, ...]  # In the order in which they were made; twice, what was made again.
    interrupted: bool

    @property
    def failed(self) -> tuple[ActionId, ...]:
        """The actions that will not be made."""
        return self._in(State.FAILED)

    @property
    def skipped(self) -> tuple[ActionId, ...]:
        """The actions that need one of those."""
        return self._in(State.SKIPPED)

    def then(self, later: "Result") -> "Result":
        """Both runs as one: what the later one says of an action holds."""
        states = {**self.states, **later.states}
        return Result(
            {name: record for name, record in {**self.made, **later.made}.items() if states[name] is State.MADE},
            {name: key for name, key in {**self.keys, **later.keys}.items() if states[name] is State.MADE},
            states,
            self.ran + later.ran,
            self.interrupted or later.interrupted,
        )

    def _in(self, state: State) -> tuple[ActionId, ...]:
        return tuple(name for name, own in self.states.items() if own is state)
