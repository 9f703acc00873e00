"""Running a graph: what is ready is judged; hits are taken, misses handed to the executor, longest chain first.

Knows the engine's values and the protocols only. It prints nothing (it emits events) and never decides freshness
itself: that is `engine.plan.judge`, the same that `plan` asks.
"""

from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from episodec.building.damage import Damage
from episodec.building.progress import Progress
from episodec.building.queue import Kind, Queue
from episodec.building.states import UNFINISHED, State
from episodec.building.world import (
    FREE_LOSSES,
    POLL_S,
    RECORD_S,
    REMAKES,
    RETRY_AFTER_S,
    Result,
    Running,
    World,
    input_moved,
    log_tail,
)
from episodec.digest import Digest
from episodec.engine.action import Action, ActionId
from episodec.engine.cache import Record
from episodec.engine.events import (
    ActionFailed,
    ActionHit,
    ActionMade,
    ActionRetried,
    ActionSkipped,
    ActionStarted,
    BlobDamaged,
    Event,
    Interrupting,
    WaitingForOther,
)
from episodec.engine.executor import Done, Failed, Later, Never, Now, StoredInput
from episodec.engine.graph import ActionGraph
from episodec.engine.key import ActionKey
from episodec.engine.plan import Hit, Miss, Pending, Remade, Verdict, judge, judge_again
from episodec.errors import CorruptBlob, EpisodecError, GraphError, InputMoved, MachineLost, TransientError


class Run:
    """One run over one graph; `run` is called once. How far each action is stands in `Progress`.

    `on_made` hears of each result, `on_reopened` that one is not to be used any more: the action is judged again.
    """

    def __init__(
        self,
        graph: ActionGraph,
        world: World,
        *,
        keep_going: bool,
        on_made: Callable[[ActionId, ActionKey, Record], None] = lambda *_: None,
        on_reopened: Callable[[ActionId], None] = lambda _: None,
    ) -> None:
        self._graph = graph
        self._world = world
        self._keep_going = keep_going
        self._on_made = on_made
        self._queue = Queue(graph, world.seconds)
        self._progress = Progress(graph, self._enqueue, lambda *one: world.emit(ActionSkipped(*one)), on_reopened)
        self._states = self._progress.states
        self._running: dict[ActionId, Running] = {}  # Actions that are RUNNING or DELAYED,
        self._by_key: dict[ActionKey, Running] = {}  # and the same by key.
        self._judged: dict[ActionId, Miss] = {}  # READY, and without room: not judged again before there is some.
        self._made_here: dict[ActionKey, tuple[ActionId, Record]] = {}  # So that a forced twin is not made twice.
        self._ran: list[ActionId] = []
        self._remade: Counter[ActionKey] = Counter()  # How often a result was found damaged.
        self._announced: set[ActionId] = set()  # Those that wait for another build.
        self._announced_stop = 0
        self._done: list[tuple[Running, Done]] = []  # Came back, and not recorded yet.
        self._recorded_s = -RECORD_S  # When results were recorded last.

    def run(self) -> Result:
        """Make everything that can be made, and tell what it came to. Raises nothing of an action's own failures."""
        try:
            self._progress.begin()
            while self._is_work_left():
                self._announce_stop()
                if not self._is_stopping():
                    self._start_ready()
                self._collect()
            if self._done:
                self._record_done()
        finally:
            self._stop()
        made, keys, interrupted = self._progress.made, self._progress.keys, self._world.stop.level > 0
        return Result(made, keys, self._states.table(), tuple(self._ran), interrupted)

    # What to do next.

    def _is_work_left(self) -> bool:
        if self._is_stopping():
            return self._states.count(State.RUNNING) > 0 and self._world.stop.level < 2
        return self._states.count(State.READY, State.RUNNING, State.CONTENDED, State.DELAYED) > 0

    def _is_stopping(self) -> bool:
        return self._world.stop.level > 0 or (self._states.count(State.FAILED) > 0 and not self._keep_going)

    def _announce_stop(self) -> None:
        if self._world.stop.level > self._announced_stop:
            self._announced_stop = self._world.stop.level
            self._world.emit(Interrupting(self._states.count(State.RUNNING)))

    def _start_ready(self) -> None:
        for contended in self._states.of(State.CONTENDED):
            self._progress.settle(contended)
        self._retry_due()
        without_room: set[Kind] = set()
        judged = 0  # Of those without room: many more would keep what has room waiting.
        while judged < 64 and not self._is_stopping():
            name = self._queue.pop(without_room)
            if name is None:
                break
            action = self._graph.actions[name]
            # Else it was put in before a result that it needs was found damaged.
            if self._states[name] is State.READY and not self._advance(action):
                kind = action.backend, action.resources
                without_room.add(kind)
                self._queue.push(name, kind)
                judged += 1

    def _enqueue(self, name: ActionId) -> None:
        self._judged.pop(name, None)  # What it needs may have come out otherwise since.
        self._queue.push(name)

    def _advance(self, action: Action) -> bool:
        """Judge a ready action and do what follows; False when it is to be made and there is no room now."""
        judged = self._judged.pop(action.id, None)
        verdict: Verdict = judged or judge(action, self._progress.made, self._world.known)
        match verdict:
            case Hit():
                self._finish(action, verdict, verdict.record, ActionHit(action.id, verdict.key))
            case Miss(key=key) if key in self._by_key:
                self._states.move(action.id, State.TWIN)
                self._by_key[key].twins.append(action.id)
            case Miss(key=key) if key in self._made_here:
                twin, record = self._made_here[key]
                self._finish(action, verdict, record, ActionHit(action.id, key, twin))
            case Miss():
                return self._start(action, verdict)
            case Pending(waits_for=names):
                raise AssertionError(f"{action.id} is ready without {names}")
        return True

    def _start(self, action: Action, miss: Miss) -> bool:
        match self._world.offer(action):
            case Later():
                self._judged[action.id] = miss
                return False
            case Never(reason=error):
                self._fail(action.id, error, None)
                return True
            case Now():
                pass
        unlock = self._world.try_lock(miss.key)
        if unlock is None:
            self._states.move(action.id, State.CONTENDED)
            if action.id not in self._announced:
                self._announced.add(action.id)
                self._world.emit(WaitingForOther(action.id))
            return True
        try:
            prepared = self._prepare(action, miss, unlock)
        except GraphError:  # A mistake of ours: no other action is to be made with it.
            raise
        except EpisodecError as error:
            self._fail(action.id, error, None)
        else:
            if isinstance(prepared, Hit):
                self._finish(action, prepared, prepared.record, ActionHit(action.id, prepared.key))
            else:
                self._submit(prepared)
        return True

    def _prepare(self, action: Action, miss: Miss, unlock: Callable[[], None]) -> Running | Hit:
        """The action with its order, its lock kept; or a hit: another build made it before the lock was ours."""
        with ExitStack() as locked:
            locked.callback(unlock)
            again = judge_again(action, miss, self._world.known)
            if isinstance(again, Hit):
                return again
            prepared = self._world.prepare(action, miss, self._progress.made)
            locked.pop_all()
        return Running(action, miss, prepared, unlock)

    def _submit(self, running: Running) -> None:
        action, miss = running.action, running.miss
        self._running[action.id] = self._by_key[miss.key] = running
        self._states.move(action.id, State.RUNNING)
        log = running.prepared.task.log
        begun = ActionStarted(action.id, miss.key, action.stage, action.backend, miss.reason, running.attempt, log)
        self._world.emit(begun)
        self._world.executor.submit(running.prepared.task)

    def _retry_due(self) -> None:
        """Start the attempts that are due; those whose inputs are no longer what they were go back."""
        now = self._world.clock()
        for name in self._states.of(State.DELAYED):
            running = self._running[name]
            if self._progress.lacks(name) or self._progress.is_outdated(name, running.miss.parts):
                self._give_back(running)
            elif running.due <= now and self._progress.has_needs(name):
                match self._world.offer(running.action):
                    case Now():
                        self._submit(running)
                    case Never(reason=error):
                        self._fail_running(running, error)
                    case Later():
                        pass

    # What came back.

    def _collect(self) -> None:
        if self._states.count(State.RUNNING):
            outcomes = self._world.executor.wait(self._patience_s())
            self._done += [(self._running[one.id], one) for one in outcomes if isinstance(one, Done)]
            if self._done and self._is_recording_due():
                self._record_done()
            for failed in (one for one in outcomes if isinstance(one, Failed)):
                self._on_failure(self._running[failed.id], failed.error)
        elif self._states.count(State.CONTENDED, State.DELAYED) and not self._is_stopping():
            self._world.sleep(POLL_S)

    def _on_failure(self, running: Running, error: Exception) -> None:
        is_free = isinstance(error, MachineLost) and running.losses < FREE_LOSSES
        may_retry = is_free or (running.attempt <= len(RETRY_AFTER_S) and not self._is_stopping())
        match error:
            case TransientError() if may_retry:
                if not self._is_stopping():
                    self._world.emit(ActionRetried(running.action.id, error, running.attempt))
                running.due = self._world.clock()
                if is_free:
                    running.losses += 1
                else:
                    running.due += RETRY_AFTER_S[running.attempt - 1]
                    running.attempt += 1
                self._states.move(running.action.id, State.DELAYED)
            case CorruptBlob(facts={"digest": digest}):
                self._world.cache.doubt(Digest(digest))
                self._give_back(running)
                self._remake_input(running.action, error)
            case _ if (cause := self._cause(running)) is not None and not isinstance(error, InputMoved):
                self._on_failure(running, cause)
            case _:
                self._fail_running(running, error)

    def _cause(self, running: Running) -> EpisodecError | None:
        """What may have made an action fail besides its backend: what it read changed or was damaged meanwhile."""
        self._world.look_anew()
        moved = running.prepared.moved()
        if moved is not None:
            return input_moved(running.action.id, moved)
        for one in (one for group in running.prepared.task.order.inputs.values() for one in group):
            if isinstance(one, StoredInput) and one.blob.place is None:
                try:
                    self._world.cache.open_blob(one.blob.digest)
                except CorruptBlob as damage:
                    facts = {**damage.facts, "digest": one.blob.digest}
                    return CorruptBlob("a stored input was damaged while it was read", facts=facts)
        return None

    def _patience_s(self) -> float:
        """How long an outcome is waited for."""
        return min(max(self._recorded_s + RECORD_S - self._world.clock(), 0), POLL_S) if self._done else POLL_S

    def _is_recording_due(self) -> bool:
        """Whether what came back is recorded now: it is time, or workers would be idle for want of its readers."""
        is_keeping_busy = self._states.count(State.READY) > 0 and not self._is_stopping()
        is_all = len(self._done) == self._states.count(State.RUNNING)
        return not is_keeping_busy or is_all or self._world.clock() >= self._recorded_s + RECORD_S

    def _record_done(self) -> None:
        """Record what came back. Files are looked at once for all of it, and after the last of it came."""
        done, self._done = self._done, []
        self._recorded_s = self._world.clock()
        self._world.look_anew()
        self._record(done)

    def _record(self, done: list[tuple[Running, Done]]) -> None:
        """Record what came back together: all in one write; where that fails, each alone."""
        if not done:
            return
        try:
            with self._world.cache.batch():
                kept = [self._keep(*one) for one in done]
        except EpisodecError:
            kept = [self._kept_alone(*one) for one in done]
        for (running, outcome), result in zip(done, kept, strict=True):
            if isinstance(result, Exception):
                self._fail_running(running, result)
            else:
                self._made(running, outcome, *result)

    def _kept_alone(self, running: Running, done: Done) -> tuple[Record, bool] | EpisodecError:
        try:
            with self._world.cache.batch():
                return self._keep(running, done)
        except EpisodecError as error:
            return error

    def _keep(self, running: Running, done: Done) -> tuple[Record, bool] | EpisodecError:
        """The record of a result, and whether its bytes are those of the last time; or why it is thrown away."""
        action, miss = running.action, running.miss
        moved = running.prepared.moved()
        if moved is not None:
            return input_moved(action.id, moved)
        record, is_remade = Record(done.outputs, done.seconds, done.notes), isinstance(miss.reason, Remade)
        sure = self._world.deterministic(action)
        record = self._world.cache.record(miss.key, record, deterministic=sure, replace=is_remade)
        return record, self._world.remember(action, miss, record)

    def _made(self, running: Running, done: Done, record: Record, unchanged: bool) -> None:  # noqa: FBT001 - as kept.
        action, miss = running.action, running.miss
        self._world.executor.forget(miss.key)
        self._release(running)
        self._ran.append(action.id)
        self._made_here[miss.key] = action.id, record
        self._world.emit(ActionMade(action.id, miss.key, done.seconds, unchanged))
        self._conclude(action.id, miss, record)
        for twin in running.twins:
            self._finish(self._graph.actions[twin], miss, record, ActionHit(twin, miss.key, action.id))

    def _finish(self, action: Action, verdict: Hit | Miss, record: Record, event: Event) -> None:
        """An action has a result that it did not make itself."""
        self._world.remember(action, verdict, record)
        self._world.emit(event)
        self._conclude(action.id, verdict, record)

    def _conclude(self, name: ActionId, verdict: Hit | Miss, record: Record) -> None:
        if self._progress.finish(name, verdict, record):
            self._on_made(name, verdict.key, record)

    def _fail_running(self, running: Running, error: Exception) -> None:
        self._release(running)
        for name in (running.action.id, *running.twins):
            self._fail(name, error, running.prepared.task.log)

    def _fail(self, name: ActionId, error: Exception, log: Path | None) -> None:
        tail = log_tail(log) if log is not None else ""
        self._world.emit(ActionFailed(name, error, log or Path(), tail))
        self._progress.fail(name)

    def _give_back(self, running: Running) -> None:
        """Let go of an action that cannot be made of what its inputs were: it is judged again, once they are made."""
        self._release(running)
        for each in (running.action.id, *running.twins):
            self._progress.settle(each)

    def _release(self, running: Running) -> None:
        running.unlock()
        del self._running[running.action.id], self._by_key[running.miss.key]

    def _remake_input(self, action: Action, damage: CorruptBlob) -> None:
        """A stored input of an action that was given back is damaged, and set aside: its maker is judged again (its
        result is a miss now), as is whoever has the same key.
        """
        if self._states[action.id] is not State.READY:
            return  # It waits for its maker already, or will not be made.
        maker = self._progress.maker_of(action, damage.facts.get("digest"))
        if maker is None:
            self._fail(action.id, damage, None)
            return
        key = self._progress.keys[maker.action]
        self._made_here.pop(key, None)
        self._remade[key] += 1
        if self._remade[key] > REMAKES:
            for name in self._progress.of_key(key):
                self._fail(name, Damage(damage, maker).stays(), None)
            return
        self._world.emit(BlobDamaged(maker.action, maker.output))
        for name in self._progress.of_key(key):
            self._progress.reopen(name)

    def _stop(self) -> None:
        """Let go of what is not finished. Workers end first: one that still wrote into its folders without the lock
        would meet another build there.
        """
        with ExitStack() as unfinished:  # Each is let go of, whatever becomes of the others.
            for running in self._running.values():
                unfinished.callback(running.unlock)
            if self._states.count(State.RUNNING):
                self._world.executor.close(kill=True)
        for name in self._states.of(*UNFINISHED):
            self._states.move(name, State.STOPPED)
