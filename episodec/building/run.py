"""The run of a graph: ready actions are judged; hits are taken, misses go to the executor, longest chain first.

Knows only the engine's values and protocols. It prints nothing (it emits events) and leaves freshness to
`engine.plan.judge`, which `plan` uses, too.
"""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

from episodec.building.asking import AskedTogether
from episodec.building.damage import Damage
from episodec.building.progress import RunProgress
from episodec.building.queue import Kind, Queue
from episodec.building.recording import RecordedResult, Recording
from episodec.building.run_context import POLL_S, REMAKES, RunContext, RunResult
from episodec.building.running import RunningAction, RunningActions
from episodec.building.states import UNFINISHED, State
from episodec.digest import Digest
from episodec.engine.action import Action, ActionId
from episodec.engine.cache import Record
from episodec.engine.events import (
    ActionFailed,
    ActionHit,
    ActionMade,
    ActionRetried,
    ActionSkipped,
    BlobDamaged,
    Event,
    Interrupting,
    WaitingForOther,
)
from episodec.engine.executor import Done, Failed, Later, Never, Now
from episodec.engine.graph import ActionGraph
from episodec.engine.key import ActionKey
from episodec.engine.plan import Hit, Miss, NotApproved, Pending, Verdict, judge
from episodec.errors import CorruptBlob, EpisodecError, GraphError, InputMoved, TakeError, TransientError


class Run:
    """One run over one graph; call `run` once. The states of actions are in `RunProgress`.

    `on_made` is called for each result, `on_reopened` for each that must not be used any more: its action
    is judged again.
    """

    def __init__(
        self,
        graph: ActionGraph,
        context: RunContext,
        *,
        keep_going: bool,
        on_made: Callable[[ActionId, ActionKey, Record], None] = lambda *_: None,
        on_reopened: Callable[[ActionId], None] = lambda _: None,
    ) -> None:
        self._graph = graph
        self._context = context
        self._keep_going = keep_going
        self._on_made = on_made
        self._queue = Queue(graph, context.seconds)
        self._progress = RunProgress(graph, self._enqueue, lambda *one: context.emit(ActionSkipped(*one)), on_reopened)
        self._states = self._progress.states
        self._in_hand = RunningActions(context, self._states)
        self._recording = Recording(context)
        self._asking = AskedTogether(graph, context.known)
        self._judged: dict[ActionId, Miss] = {}  # READY, but no room: not judged again until there is some.
        self._made_here: dict[ActionKey, tuple[ActionId, Record]] = {}  # A forced twin is not made a second time.
        self._ran: list[ActionId] = []
        self._remade: Counter[ActionKey] = Counter()  # How often each result was damaged.
        self._announced: set[ActionId] = set()  # Those that wait for another build.
        self._announced_stop = 0

    def run(self) -> RunResult:
        """Make everything that can be made; the result of the run. An action's failure raises nothing."""
        try:
            self._progress.begin()
            while self._is_work_left():
                self._announce_stop()
                if not self._is_stopping():
                    self._start_ready()
                self._collect()
            if self._recording:
                self._record()
        finally:
            self._in_hand.stop()
            for name in self._states.of(*UNFINISHED):
                self._states.move(name, State.STOPPED)
        records, keys, interrupted = self._progress.records, self._progress.keys, self._context.stop.level > 0
        return RunResult(records, keys, self._states.table(), tuple(self._ran), interrupted)

    # What to do next.

    def _is_work_left(self) -> bool:
        if self._is_stopping():
            return self._states.count(State.RUNNING) > 0 and self._context.stop.level < 2
        return self._states.count(State.READY, State.RUNNING, State.CONTENDED, State.DELAYED) > 0

    def _is_stopping(self) -> bool:
        return self._context.stop.level > 0 or (self._states.count(State.FAILED) > 0 and not self._keep_going)

    def _announce_stop(self) -> None:
        if self._context.stop.level > self._announced_stop:
            self._announced_stop = self._context.stop.level
            self._context.emit(Interrupting(self._states.count(State.RUNNING)))

    def _start_ready(self) -> None:
        for contended in self._states.of(State.CONTENDED):
            self._progress.settle(contended)
        self._retry_due()
        self._asking.ask(self._states.of(State.READY), self._progress.records)
        without_room: set[Kind] = set()
        judged = 0  # Actions without room: with more of them, actions that have room would wait.
        while judged < 64 and not self._is_stopping():
            name = self._queue.pop(without_room)
            if name is None:
                break
            action = self._graph.actions[name]
            # Otherwise it was queued before a result that it needs turned out to be damaged.
            if self._states[name] is State.READY and not self._advance(action):
                kind = action.backend, action.resources
                without_room.add(kind)
                self._queue.push(name, kind)
                judged += 1

    def _enqueue(self, name: ActionId) -> None:
        self._asking.forget(name)
        self._judged.pop(name, None)  # Its inputs may have changed since.
        self._queue.push(name)

    def _advance(self, action: Action) -> bool:
        """Judge a ready action and act on the verdict; False if it must be made and there is no room now."""
        judged = self._judged.pop(action.id, None)
        verdict: Verdict = judged or judge(action, self._progress.records, self._context.known)
        match verdict:
            case Hit(is_locked=True):
                self._take(action, verdict)
            case Hit():
                self._finish(action, verdict, verdict.record, ActionHit(action.id, verdict.key))
            case Miss(key=key) if (first := self._in_hand.of_key(key)) is not None:
                self._states.move(action.id, State.TWIN)
                first.twins.append(action.id)
            case Miss(key=key) if key in self._made_here:
                twin, record = self._made_here[key]
                self._finish(action, verdict, record, ActionHit(action.id, key, twin))
            case Miss(reason=NotApproved() as reason):
                self._fail(action.id, TakeError(reason.sentence, facts=reason.facts, hint=reason.hint))
            case Miss():
                return self._start(action, verdict)
            case Pending(waits_for=names):
                raise AssertionError(f"{action.id} is ready without {names}")
        return True

    def _take(self, action: Action, hit: Hit) -> None:
        """Use an approved result, if it is what its stage makes."""
        try:
            self._context.check_taken(action, hit, self._progress.records)
        except EpisodecError as error:
            self._fail(action.id, error)
        else:
            self._finish(action, hit, hit.record, ActionHit(action.id, hit.key))

    def _start(self, action: Action, miss: Miss) -> bool:
        match self._context.offer(action):
            case Later():
                self._judged[action.id] = miss
                return False
            case Never(reason=error):
                self._fail(action.id, error)
                return True
            case Now():
                pass
        unlock = self._context.try_lock(miss.key)
        if unlock is None:
            self._states.move(action.id, State.CONTENDED)
            if action.id not in self._announced:
                self._announced.add(action.id)
                self._context.emit(WaitingForOther(action.id))
            return True
        try:
            taken = self._in_hand.take(action, miss, self._progress.records, unlock)
        except EpisodecError as error:
            self._on_unprepared(action, error)
        else:
            if isinstance(taken, Hit):
                self._finish(action, taken, taken.record, ActionHit(action.id, taken.key))
            else:
                self._in_hand.submit(taken)
        return True

    def _retry_due(self) -> None:
        """Start the attempts that are due; send back actions whose inputs have changed."""
        now = self._context.clock()
        for name in self._states.of(State.DELAYED):
            running = self._in_hand[name]
            if self._progress.lacks(name) or self._progress.is_outdated(name, running.miss.parts):
                self._give_back(running)
            elif running.due <= now and self._progress.has_needs(name):
                match self._context.offer(running.action):
                    case Now():
                        self._in_hand.submit(running)
                    case Never(reason=error):
                        self._fail_running(running, error)
                    case Later():
                        pass

    # Handling outcomes.

    def _collect(self) -> None:
        if self._states.count(State.RUNNING):
            outcomes = self._context.executor.wait(self._recording.patience_s())
            self._recording.add((self._in_hand[one.id], one) for one in outcomes if isinstance(one, Done))
            if self._recording and self._is_recording_due():
                self._record()
            for failed in (one for one in outcomes if isinstance(one, Failed)):
                self._on_failure(self._in_hand[failed.id], failed.error)
        elif self._states.count(State.CONTENDED, State.DELAYED) and not self._is_stopping():
            self._context.sleep(POLL_S)

    def _on_failure(self, running: RunningAction, error: Exception) -> None:
        match error:
            case TransientError() if running.may_retry(error, is_stopping=self._is_stopping()):
                if not self._is_stopping():
                    self._context.emit(ActionRetried(running.action.id, error, running.attempt))
                running.delay(error, self._context.clock())
                self._states.move(running.action.id, State.DELAYED)
            case CorruptBlob(facts={"digest": digest}):
                self._context.cache.invalidate(Digest(digest))
                self._give_back(running)
                self._remake_input(running.action, error)
            case _ if (cause := self._in_hand.cause(running)) is not None and not isinstance(error, InputMoved):
                self._on_failure(running, cause)
            case _:
                self._fail_running(running, error)

    def _on_unprepared(self, action: Action, error: EpisodecError) -> None:
        match error:
            case GraphError():  # A bug in episodec: make no other action with it.
                raise error
            case CorruptBlob(facts={"digest": _}):  # An input is on another machine and cannot be fetched.
                self._remake_input(action, error)
            case _:
                self._fail(action.id, error)

    def _is_recording_due(self) -> bool:
        """Whether to record arrived results now: it is time, or workers would be idle because their readers
        cannot start.
        """
        is_keeping_busy = self._states.count(State.READY) > 0 and not self._is_stopping()
        is_all = len(self._recording) == self._states.count(State.RUNNING)
        return not is_keeping_busy or is_all or self._recording.is_due()

    def _record(self) -> None:
        for running, done, result in self._recording.record():
            if isinstance(result, RecordedResult):
                self._on_recorded(running, done, result)
            else:
                self._fail_running(running, result)

    def _on_recorded(self, running: RunningAction, done: Done, kept: RecordedResult) -> None:
        action, miss, record = running.action, running.miss, kept.record
        self._context.executor.forget(miss.key)
        self._in_hand.release(running)
        self._ran.append(action.id)
        self._made_here[miss.key] = action.id, record
        self._context.emit(ActionMade(action.id, miss.key, done.seconds, kept.unchanged))
        self._conclude(action.id, miss, record)
        if self._states[action.id] is State.MADE:  # Otherwise an input has changed meanwhile.
            self._context.share(action, miss, self._progress.records)
        for twin in running.twins:
            self._finish(self._graph.actions[twin], miss, record, ActionHit(twin, miss.key, action.id))

    def _finish(self, action: Action, verdict: Hit | Miss, record: Record, event: Event) -> None:
        """Conclude an action whose result came from the cache or a twin."""
        self._context.remember(action, verdict, record)
        self._context.emit(event)
        self._conclude(action.id, verdict, record)

    def _conclude(self, name: ActionId, verdict: Hit | Miss, record: Record) -> None:
        if self._progress.finish(name, verdict, record):
            self._on_made(name, verdict.key, record)

    def _fail_running(self, running: RunningAction, error: Exception) -> None:
        self._in_hand.release(running)
        log, tail = running.prepared.task.log, running.log_tail()
        for name in (running.action.id, *running.twins):
            self._fail(name, error, log, tail)

    def _fail(self, name: ActionId, error: Exception, log: Path | None = None, tail: str = "") -> None:
        self._context.emit(ActionFailed(name, error, log or Path(), tail))
        self._progress.fail(name)

    def _give_back(self, running: RunningAction) -> None:
        """Release an action whose inputs have changed; it is judged again once they are made."""
        self._in_hand.release(running)
        for each in (running.action.id, *running.twins):
            self._progress.settle(each)

    def _remake_input(self, action: Action, damage: CorruptBlob) -> None:
        """Judge the maker of a damaged input again, and all actions with the maker's key. Their result was moved aside,
        so they are misses now. `action`, the reader, was given back before.
        """
        if self._states[action.id] is not State.READY:
            return  # It already waits for its maker, or will not be made.
        maker = self._progress.maker_of(action, damage.facts.get("digest"))
        if maker is None:
            self._fail(action.id, damage)
            return
        key = self._progress.keys[maker.action]
        self._made_here.pop(key, None)
        self._remade[key] += 1
        if self._remade[key] > REMAKES:
            for name in self._progress.of_key(key):
                self._fail(name, Damage(damage, maker).stays())
            return
        self._context.emit(BlobDamaged(maker.action, maker.output))
        for name in self._progress.of_key(key):
            self._progress.reopen(name)
