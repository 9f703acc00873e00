"""Running a graph: what is ready is judged; hits are taken, misses handed to the executor, longest chain first.

Knows the engine's values and the protocols only. It prints nothing (it emits events) and never decides freshness
itself: that is `engine.plan.judge`, the same that `plan` asks.
"""

import heapq
import time
from collections.abc import Callable
from pathlib import Path

from episodec.building.world import POLL_S, RETRY_AFTER_S, Flight, Result, World, input_moved, log_tail
from episodec.engine.action import Action, ActionId, Artifact
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
from episodec.engine.graph import ActionGraph, longest_path
from episodec.engine.key import ActionKey
from episodec.engine.plan import Hit, Miss, Pending, Remade, Verdict, judge
from episodec.engine.protocols import Done, Failed, Outcome, Record
from episodec.errors import CorruptBlob, EpisodecError, TransientError


class Run:
    """One run over one graph. `go` is called once.

    Invariant: each action is in exactly one of: waiting for needs, ready, flying, contended, later, made, failed,
    skipped.
    """

    def __init__(
        self,
        graph: ActionGraph,
        world: World,
        *,
        keep_going: bool,
        on_made: Callable[[ActionId, ActionKey, Record], None] = lambda *_: None,
    ) -> None:
        self._graph = graph
        self._world = world
        self._keep_going = keep_going
        self._on_made = on_made
        self._made: dict[ActionId, Record] = {}
        self._keys: dict[ActionId, ActionKey] = {}
        self._ran: list[ActionId] = []
        self._failed: list[ActionId] = []
        self._skipped: list[ActionId] = []
        self._ready: list[tuple[float, int, ActionId]] = []
        self._flights: dict[ActionId, Flight] = {}
        self._flying: dict[ActionKey, Flight] = {}
        # What this run made itself, so that a forced twin is not made twice.
        self._made_by: dict[ActionKey, ActionId] = {}
        # Judged and found without room: not judged again before there is some.
        self._no_room: dict[ActionId, Miss] = {}
        self._contended: list[ActionId] = []
        self._told_contended: set[ActionId] = set()
        self._later: list[tuple[float, ActionId, Flight]] = []
        self._also_waiting: dict[ActionId, list[ActionId]] = {}  # Readers whose input was found damaged, by its maker.
        self._told_stop = 0
        predicted = {action.id: world.seconds(action) or 0.0 for action in graph}
        self._ahead = longest_path(graph, predicted)
        self._order = {name: place for place, name in enumerate(graph.actions)}

    def go(self) -> Result:
        """Make everything that can be made, and tell what it came to. Raises nothing of an action's own failures."""
        for action in self._graph:
            if not action.needs():
                self._push(action.id)
        while self._work_left():
            self._heed_stop()
            if not self._stopping():
                self._start_ready()
            self._collect()
        self._let_go()
        return Result(
            self._made,
            self._keys,
            tuple(self._ran),
            tuple(self._failed),
            tuple(self._skipped),
            interrupted=self._world.stop.level > 0,
        )

    # What to do next.

    def _work_left(self) -> bool:
        if self._stopping():
            return bool(self._flights) and self._world.stop.level < 2
        return bool(self._ready or self._flights or self._contended or self._later)

    def _stopping(self) -> bool:
        return self._world.stop.level > 0 or (bool(self._failed) and not self._keep_going)

    def _heed_stop(self) -> None:
        level = self._world.stop.level
        if level > self._told_stop:
            self._told_stop = level
            self._world.emit(Interrupting(len(self._flights)))

    def _push(self, name: ActionId) -> None:
        heapq.heappush(self._ready, (-self._ahead[name], self._order[name], name))

    def _start_ready(self) -> None:
        self._retry_contended()
        self._start_due()
        no_room: list[ActionId] = []
        while self._ready and len(no_room) < 64 and not self._stopping():
            _, _, name = heapq.heappop(self._ready)
            if not self._advance(self._graph.actions[name]):
                no_room.append(name)
        for name in no_room:
            self._push(name)

    def _advance(self, action: Action) -> bool:
        """Judge one action and do what follows; False when there is no room to make it now."""
        if action.id in self._made or action.id in self._flights:
            return True  # It was pushed by two of its inputs, one of them made again.
        verdict: Verdict = self._no_room.pop(action.id, None) or judge(action, self._made, self._world.known)
        match verdict:
            case Hit(key=key, record=record):
                self._world.remember(action, verdict, record)
                self._finish(action.id, key, record, ActionHit(action.id, key))
            case Miss(key=key) if key in self._flying:
                self._flying[key].twins.append(action.id)
            case Miss(key=key) if key in self._made_by:
                twin = self._made_by[key]
                self._world.remember(action, verdict, self._made[twin])
                self._finish(action.id, key, self._made[twin], ActionHit(action.id, key, twin=twin))
            case Miss():
                return self._start(action, verdict)
            case Pending(waits_for=names):  # Its input was found damaged and is being made again.
                for name in names:
                    self._also_waiting.setdefault(name, []).append(action.id)
        return True

    def _start(self, action: Action, miss: Miss) -> bool:
        world = self._world
        needed = action.resources
        if not world.executor.has_room(needed.cpus, needed.gpus, needed.memory_mib):
            self._no_room[action.id] = miss
            return False
        unlock = world.try_lock(miss.key)
        if unlock is None:
            if action.id not in self._told_contended:
                self._told_contended.add(action.id)
                world.emit(WaitingForOther(action.id))
            self._contended.append(action.id)
            return True
        again = judge(action, self._made, world.known)  # Another build may have made it before the lock was ours.
        if isinstance(again, Hit):
            unlock()
            world.remember(action, again, again.record)
            self._finish(action.id, again.key, again.record, ActionHit(action.id, again.key))
            return True
        try:
            prepared = world.prepare(action, miss, self._made)
        except CorruptBlob as damage:
            unlock()
            self._make_input_again(action, damage)
            return True
        except EpisodecError as error:
            unlock()
            self._fail(action.id, error, None)
            return True
        self._fly(Flight(action, miss, prepared, unlock))
        return True

    def _fly(self, flight: Flight) -> None:
        action, miss = flight.action, flight.miss
        self._flights[action.id] = flight
        self._flying[miss.key] = flight
        log = flight.prepared.task.log
        begun = ActionStarted(action.id, miss.key, action.stage, action.backend, miss.reason, flight.attempt, log)
        self._world.emit(begun)
        self._world.executor.submit(flight.prepared.task)

    def _retry_contended(self) -> None:
        contended, self._contended = self._contended, []
        for name in contended:
            self._push(name)

    def _start_due(self) -> None:
        now = self._world.clock()
        due = [entry for entry in self._later if entry[0] <= now]
        self._later = [entry for entry in self._later if entry[0] > now]
        for moment, name, flight in due:
            needed = flight.action.resources
            if self._world.executor.has_room(needed.cpus, needed.gpus, needed.memory_mib):
                self._fly(flight)
            else:
                self._later.append((moment, name, flight))

    # What came back.

    def _collect(self) -> None:
        if not self._flights:
            if (self._contended or self._later) and not self._stopping():
                time.sleep(POLL_S)
            return
        for outcome in self._world.executor.wait(POLL_S):
            self._land(outcome)

    def _land(self, outcome: Outcome) -> None:
        flight = self._flights.pop(outcome.id)
        may_retry = flight.attempt <= len(RETRY_AFTER_S) and not self._stopping()
        match outcome:
            case Done():
                self._land_done(flight, outcome)
            case Failed(error=TransientError() as error) if may_retry:
                self._world.emit(ActionRetried(outcome.id, error, flight.attempt))
                wait = RETRY_AFTER_S[flight.attempt - 1]
                flight.attempt += 1
                self._later.append((self._world.clock() + wait, outcome.id, flight))
            case Failed(error=error):
                self._give_up(flight, error)

    def _land_done(self, flight: Flight, done: Done) -> None:
        action, miss = flight.action, flight.miss
        moved = flight.prepared.moved()
        if moved is not None:
            self._give_up(flight, input_moved(action.id, moved))
            return
        try:
            record = Record(done.outputs, done.seconds)
            record = self._world.cache.record(
                miss.key,
                record,
                deterministic=self._world.deterministic(action),
                replace=isinstance(miss.reason, Remade),
            )
            unchanged = self._world.remember(action, miss, record)
        except EpisodecError as error:
            self._give_up(flight, error)
            return
        flight.prepared.clean()
        flight.prepared.recorded()
        flight.unlock()
        del self._flying[miss.key]
        self._made_by[miss.key] = action.id
        self._ran.append(action.id)
        self._finish(action.id, miss.key, record, ActionMade(action.id, miss.key, done.seconds, unchanged))
        for twin in flight.twins:
            self._world.remember(self._graph.actions[twin], miss, record)
            self._finish(twin, miss.key, record, ActionHit(twin, miss.key, twin=action.id))

    def _give_up(self, flight: Flight, error: Exception) -> None:
        flight.prepared.clean()
        flight.unlock()
        del self._flying[flight.miss.key]
        self._fail(flight.action.id, error, flight.prepared.task.log)
        for twin in flight.twins:
            self._fail(twin, error, flight.prepared.task.log)

    def _fail(self, name: ActionId, error: Exception, log: Path | None) -> None:
        self._failed.append(name)
        tail = log_tail(log) if log is not None else ""
        self._world.emit(ActionFailed(name, error, log or Path(), tail))
        todo = list(self._graph.readers[name]) + self._also_waiting.pop(name, [])
        while todo:
            reader = todo.pop()
            if reader not in self._made and reader not in self._skipped:
                self._skipped.append(reader)
                self._world.emit(ActionSkipped(reader, name))
                todo.extend(self._graph.readers[reader])

    def _let_go(self) -> None:
        """After a stop: what still runs or waits for its retry gives back its lock and its folder."""
        for flight in [*self._flights.values(), *(flight for _, _, flight in self._later)]:
            flight.prepared.clean()
            flight.unlock()

    def _finish(self, name: ActionId, key: ActionKey, record: Record, event: Event) -> None:
        self._made[name] = record
        self._keys[name] = key
        self._world.emit(event)
        self._on_made(name, key, record)
        for reader in {*self._graph.readers[name], *self._also_waiting.pop(name, [])}:
            if reader not in self._made and all(needed in self._made for needed in self._graph.actions[reader].needs()):
                self._push(reader)

    def _make_input_again(self, action: Action, damage: CorruptBlob) -> None:
        """A stored input is damaged: its maker is judged again (its result is a miss now), and this action waits for
        it.
        """
        wanted = damage.facts.get("digest")
        for group in action.inputs.values():
            for one in group:
                if isinstance(one, Artifact) and self._made[one.action].outputs[one.output].digest == wanted:
                    self._world.emit(BlobDamaged(one.action, one.output))
                    del self._made[one.action]
                    self._made_by.pop(self._keys.pop(one.action), None)
                    self._no_room.clear()  # They were judged with the result that is gone.
                    self._also_waiting.setdefault(one.action, []).append(action.id)
                    self._push(one.action)
                    return
        self._fail(action.id, damage, None)
