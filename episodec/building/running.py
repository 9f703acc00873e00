"""Actions that a worker makes or that wait for another attempt. Each holds its lock, so no other build makes it."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field

from episodec.building.run_context import RunContext
from episodec.building.states import State, States
from episodec.engine.action import Action, ActionId
from episodec.engine.cache import Record
from episodec.engine.events import ActionStarted
from episodec.engine.executor import StoredInput
from episodec.engine.key import ActionKey
from episodec.engine.plan import Hit, Miss, judge_again
from episodec.errors import CorruptBlob, EpisodecError, InputMoved, MachineLost, TransientError
from episodec.runner.order import Prepared

RETRY_AFTER_S = (0.5, 2.0)  # Waits before the second and the third attempt after a transient failure.
FREE_LOSSES = 3  # Lost machines an action may have before one counts as a transient failure of its own.


@dataclass(slots=True)
class RunningAction:
    """An action that a worker makes, or that waits for its next attempt. Its lock is held."""

    action: Action
    miss: Miss
    prepared: Prepared
    unlock: Callable[[], None]
    attempt: int = 1
    losses: int = 0  # How often its machine was lost.
    due: float = 0.0  # When the next attempt may start, by the run's clock.
    twins: list[ActionId] = field(default_factory=list)  # Actions with the same key, which wait for this one.

    def may_retry(self, error: TransientError, *, is_stopping: bool) -> bool:
        """Whether an attempt that failed with this error is followed by another."""
        return self._is_free(error) or (self.attempt <= len(RETRY_AFTER_S) and not is_stopping)

    def delay(self, error: TransientError, now: float) -> None:
        """Count an attempt that failed with this error, and schedule the next one; `now` is by the run's clock."""
        self.due = now
        if self._is_free(error):
            self.losses += 1
        else:
            self.due += RETRY_AFTER_S[self.attempt - 1]
            self.attempt += 1

    def input_moved(self) -> InputMoved | None:
        """The error of an action whose input changed while it ran; None if none changed."""
        moved = self.prepared.moved()
        if moved is None:
            return None
        sentence = "an input changed while an action read it, so the result was discarded"
        hint = "build again with the file as it is now"
        return InputMoved(sentence, facts={"input": moved, "action": self.action.id}, hint=hint)

    def log_tail(self, lines: int = 20) -> str:
        """The last lines of its log; empty if the log cannot be read."""
        try:
            with self.prepared.task.log.open("rb") as file:
                file.seek(0, 2)
                file.seek(max(0, file.tell() - 16_384))
                return "\n".join(file.read().decode("utf-8", "replace").splitlines()[-lines:])
        except OSError:
            return ""

    def _is_free(self, error: TransientError) -> bool:
        """Whether an attempt that failed with this error is not counted."""
        return isinstance(error, MachineLost) and self.losses < FREE_LOSSES


class RunningActions:
    """The running and delayed actions of one run, by id and by key."""

    def __init__(self, context: RunContext, states: States) -> None:
        self._context = context
        self._states = states
        self._by_id: dict[ActionId, RunningAction] = {}  # Actions that are RUNNING or DELAYED,
        self._by_key: dict[ActionKey, RunningAction] = {}  # and the same by key.

    def __getitem__(self, name: ActionId) -> RunningAction:
        return self._by_id[name]

    def of_key(self, key: ActionKey) -> RunningAction | None:
        """The action that is making the result of this key."""
        return self._by_key.get(key)

    def take(
        self, action: Action, miss: Miss, records: Mapping[ActionId, Record], unlock: Callable[[], None]
    ) -> RunningAction | Hit:
        """Prepare an action, keeping its lock; or a hit, if another build made it before the lock was acquired."""
        with ExitStack() as locked:
            locked.callback(unlock)
            again = judge_again(action, miss, self._context.known)
            if isinstance(again, Hit):
                return again
            prepared = self._context.prepare(action, miss, records)
            locked.pop_all()
        return RunningAction(action, miss, prepared, unlock)

    def submit(self, running: RunningAction) -> None:
        action, miss = running.action, running.miss
        self._by_id[action.id] = self._by_key[miss.key] = running
        self._states.move(action.id, State.RUNNING)
        log = running.prepared.task.log
        begun = ActionStarted(action.id, miss.key, action.stage, action.backend, miss.reason, running.attempt, log)
        self._context.emit(begun)
        self._context.executor.submit(running.prepared.task)

    def cause(self, running: RunningAction) -> EpisodecError | None:
        """An input that changed or was damaged while the action ran: a cause of failure other than its backend."""
        self._context.look_anew()
        if (moved := running.input_moved()) is not None:
            return moved
        for order_input in (one for group in running.prepared.task.order.inputs.values() for one in group):
            if isinstance(order_input, StoredInput) and order_input.blob.place is None:
                try:
                    self._context.cache.open_blob(order_input.blob.digest)
                except CorruptBlob as damage:  # Its fact `digest` names the blob, as in a worker's own error.
                    return damage
        return None

    def release(self, running: RunningAction) -> None:
        """Release an action that ended or will not be made now."""
        running.unlock()
        del self._by_id[running.action.id], self._by_key[running.miss.key]

    def stop(self) -> None:
        """Release all locks. Workers are ended first: one that still wrote without its lock would collide
        with another build.
        """
        with ExitStack() as unfinished:  # Each is released even if releasing another fails.
            for running in self._by_id.values():
                unfinished.callback(running.unlock)
            if self._states.count(State.RUNNING):
                self._context.executor.close(kill=True)
