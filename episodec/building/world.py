"""What a run works with and what it comes to. The run itself is in `run`."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from episodec.building.states import State
from episodec.engine.action import Action, ActionId
from episodec.engine.cache import Cache, Record
from episodec.engine.events import Event
from episodec.engine.executor import Executor, Offer
from episodec.engine.key import ActionKey
from episodec.engine.plan import Hit, Knowledge, Miss
from episodec.errors import InputMoved
from episodec.runner.order import Prepared

POLL_S = 0.1  # How often another build's lock, a retry that is due and the user's Ctrl-C are looked at.
RECORD_S = 0.1  # Results that came in within this time are recorded together, while there is other work.
RETRY_AFTER_S = (0.5, 2.0)  # Waits before the second and the third attempt of a transient failure.
FREE_LOSSES = 3  # How often an action loses its machine before that counts as a transient failure of its own.
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


@dataclass(slots=True)
class Running:
    """An action that a worker makes, or that waits for its next attempt: its lock is held."""

    action: Action
    miss: Miss
    prepared: Prepared
    unlock: Callable[[], None]
    attempt: int = 1
    losses: int = 0  # Of the machine under it.
    due: float = 0.0  # When the next attempt may start, by the world's clock.
    twins: list[ActionId] = field(default_factory=list)  # Actions of the same key, which wait for this one.


def log_tail(log: Path, lines: int = 20) -> str:
    """The last lines of an action's log; nothing where it cannot be read."""
    try:
        with log.open("rb") as file:
            file.seek(0, 2)
            file.seek(max(0, file.tell() - 16_384))
            return "\n".join(file.read().decode("utf-8", "replace").splitlines()[-lines:])
    except OSError:
        return ""


def input_moved(action: ActionId, path: str) -> InputMoved:
    """The error of an action whose input changed while it ran."""
    facts = {"input": path, "action": action}
    hint = "build again: it is made from the file as it is now"
    return InputMoved("an input changed while an action read it, so its result was thrown away", facts=facts, hint=hint)
