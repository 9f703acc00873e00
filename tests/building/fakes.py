"""The surroundings of a run, in memory: results by key, workers, locks and time, each of which goes by a script."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from episodec.building.run import Run
from episodec.building.run_context import RunContext, RunResult, Stop
from episodec.digest import Canonical, Digest, digest_bytes
from episodec.engine.action import Action, ActionId, Resources
from episodec.engine.cache import Blob, Record
from episodec.engine.events import Event
from episodec.engine.executor import Done, Failed, Later, Never, Now, Offer, Order, Outcome, StoredInput, Task
from episodec.engine.graph import ActionGraph, link
from episodec.engine.key import ActionKey, action_key, key_parts
from episodec.engine.plan import Hit, Knowledge, Miss, input_digests
from episodec.errors import BackendError, CorruptBlob, MachineLost, StoreError, TransientError
from episodec.runner.order import Prepared

FAILS = BackendError("the tool failed")
FLICKERS = TransientError("the tool may work the next time")
FULL = StoreError("the disk is full")
GONE = MachineLost("the machine is gone")
NO_GPU = BackendError("there is no GPU")
OUTPUT = "out.txt"


def act(name: str, *inputs: Action, text: str | None = None, gpus: int = 0) -> Action:
    """An action that reads these; its key is its own, unless `text` makes it another's twin."""
    roles = {"part.txt": tuple(one.artifact() for one in inputs)} if inputs else {}
    params = {"text": name if text is None else text}
    return Action(ActionId(name), "toy", "toy", (OUTPUT,), params, roles, Resources(gpus=gpus))


@dataclass
class Fake:
    """Surroundings of runs that share their results. Scripts name an action, and have an entry an attempt."""

    errors: Mapping[str, list[Any]] = field(default_factory=dict)  # Attempts end with these; None: with a result.
    damaged: Mapping[str, list[str]] = field(default_factory=dict)  # The input that is damaged when they are laid out.
    spoilt: Mapping[str, list[str]] = field(default_factory=dict)  # The input that is damaged when they end.
    away: set[str] = field(default_factory=set)  # Actions whose results stay where they were made.
    gpus_until: int | None = None  # So many outcomes later there is no GPU any more; None: there always is one.
    refused: dict[int, bool] = field(default_factory=dict)  # Locks by turn; whether the other build makes the result.
    full: set[int] = field(default_factory=set)  # Turns at which a result cannot be recorded.
    moved: set[str] = field(default_factory=set)  # Actions whose sources change while they run.
    varying: set[str] = field(default_factory=set)  # Actions that never give the same bytes twice.
    equal: set[str] = field(default_factory=set)  # Actions that give the same bytes as each other.
    forced: set[str] = field(default_factory=set)
    late: set[str] = field(default_factory=set)  # They come back only when nothing else runs.
    stops: dict[int, int] = field(default_factory=dict)  # To which level, once so many outcomes came.
    seconds: Mapping[str, float] = field(default_factory=dict)  # Predicted.
    slots: int = 2
    together: int = 1  # So many outcomes come back together.
    turn_s: float = 0.1  # From one outcome to the next.

    def __post_init__(self) -> None:
        # A machine that is lost so seldom fails nobody.
        self.had_errors = {name for name, script in self.errors.items() if {*script} - {None, GONE}}
        self.records: dict[ActionKey, Record] = {}
        self.present: set[Digest] = set()  # Blobs that are sound.
        self.elsewhere: set[Digest] = set()  # Blobs that the cache knows to be elsewhere, though they may be gone.
        self.unkept: set[ActionKey] = set()  # Keys whose results cannot be recorded.
        self.intact: set[ActionKey] = set()  # Keys made by a run, whose results are sound.
        self.locked: set[ActionKey] = set()
        self.folders: Counter[ActionKey] = Counter()  # Work folders that lie there.
        self.running: dict[ActionId, Task] = {}
        self.inputs: dict[ActionId, dict[str, Digest]] = {}  # Of each order, by who made them.
        self.unread: dict[ActionId, Digest] = {}  # An input that could not be read when it was laid out.
        self.events: list[Event] = []
        self.on_made: list[ActionId] = []
        self.standing_keys: dict[ActionId, ActionKey] = {}  # Results that were told of and stand.
        self.stop = Stop()
        self.now_s = 0.0
        self.turns = self.recorded = self.outcomes = self.looks = 0

    def run(self, *actions: Action, keep_going: bool = False) -> RunResult:
        return self.run_graph(link(actions), keep_going=keep_going)

    def run_graph(self, graph: ActionGraph, *, keep_going: bool = False) -> RunResult:
        world = RunContext(
            cache=self,  # type: ignore[arg-type]
            executor=self,
            known=Knowledge(self.lookup, lambda _: None, self._fingerprint, self.forced.__contains__),
            try_lock=self._try_lock,
            prepare=self._prepare,
            look_anew=self._look_anew,
            remember=self._remember,
            seconds=lambda action: self.seconds.get(action.id),
            emit=self.events.append,
            stop=self.stop,
            clock=self._clock,
            sleep=self._sleep,
        )
        return Run(graph, world, keep_going=keep_going, on_made=self._hear, on_reopened=self._hear_no_more).run()

    def ids_of(self, kind: type[Any]) -> list[ActionId]:
        """The actions of all events of a kind."""
        return [event.id for event in self.events if isinstance(event, kind)]

    # The cache.

    def lookup(self, key: ActionKey) -> Record | None:
        record, known = self.records.get(key), self.present | self.elsewhere
        return record if record and all(blob.digest in known for blob in record.outputs.values()) else None

    def record(self, key: ActionKey, record: Record, *, deterministic: bool = True, replace: bool = False) -> Record:
        self.recorded += 1
        if self.recorded in self.full:
            self.unkept.add(key)
        if key in self.unkept:
            raise FULL
        first = record if replace else self.lookup(key) or record
        self.records[key] = first
        self.elsewhere |= {blob.digest for blob in first.outputs.values() if blob.place is not None}
        self.intact.add(key)
        return first

    @contextmanager
    def batch(self) -> Iterator[None]:
        records, intact, elsewhere = dict(self.records), set(self.intact), set(self.elsewhere)
        try:
            yield
        except StoreError:
            self.records, self.intact, self.elsewhere = records, intact, elsewhere
            raise

    def open_blob(self, digest: Digest) -> Path:
        if digest not in self.present:
            raise CorruptBlob("a stored result is missing", facts={"digest": digest})
        return Path(digest)

    def invalidate(self, digest: Digest) -> None:
        self.elsewhere.discard(digest)

    # The executor.

    def offer(self, backend: str, resources: Resources) -> Offer:
        if resources.gpus and self.gpus_until is not None and self.outcomes >= self.gpus_until:
            return Never(NO_GPU)
        return Now() if len(self.running) < self.slots else Later()

    def submit(self, task: Task) -> None:
        key = task.order.key
        assert len(self.running) < self.slots, "it was asked for room before"
        assert key in self.locked, "who runs holds the lock of its key"
        assert key not in {other.order.key for other in self.running.values()}, "no key runs twice at once"
        assert key not in self.intact or task.id in self.forced, "nothing that is there is made again"
        self.folders[key] += 1
        self.running[task.id] = task
        script = self.damaged.get(task.id)
        inputs = self.inputs[task.id]
        if script:
            self._damage(inputs[script.pop(0)])
        missing = [digest for digest in inputs.values() if digest not in self.present]
        if missing:
            self.unread[task.id] = missing[0]

    def forget(self, key: ActionKey) -> None:
        assert key in self.intact, "what is forgotten is recorded"

    def wait(self, timeout_s: float | None) -> Sequence[Outcome]:
        self._sleep(self.turn_s)
        ready = [name for name in self.running if name not in self.late] or list(self.running)
        return [self._outcome(self.running.pop(name)) for name in ready[: self.together]]

    def close(self, *, kill: bool = False) -> None:
        self.running.clear()
        self.folders.clear()

    def _outcome(self, task: Task) -> Outcome:
        self.outcomes += 1
        self.stop.level = max(self.stop.level, self.stops.get(self.outcomes, 0))
        self.folders[task.order.key] -= 1
        unread = self.unread.pop(task.id, None)
        if unread is not None:
            return Failed(task.id, CorruptBlob("a stored result is missing", facts={"digest": unread}), 1.0)
        spoilt = self.spoilt.get(task.id)
        if spoilt:
            self._damage(self.inputs[task.id][spoilt.pop(0)])
        errors = self.errors.get(task.id)
        error = errors.pop(0) if errors else None
        if error is not None:
            if isinstance(error, MachineLost):
                for digest in set(self.elsewhere):
                    self._damage(digest)
            return Failed(task.id, error, 1.0)
        version = self.outcomes if task.id in self.varying else 0
        content = "equal" if task.id in self.equal else f"{task.order.key} {version}"
        return Done(task.id, self._kept(content, "a machine" if task.id in self.away else None), 1.0)

    def _kept(self, content: str, place: str | None = None) -> Mapping[str, Blob]:
        digest = digest_bytes(content.encode())
        self.present.add(digest)
        return {OUTPUT: Blob(digest, 1, place)}

    # Orders, locks, time.

    def _prepare(self, action: Action, miss: Miss, built: Mapping[ActionId, Record]) -> Prepared:
        key, read = miss.key, input_digests(action, built)
        assert key == action_key(key_parts(action, {}, read)), "it runs under its key"
        self.inputs[action.id] = {name: built[name].outputs[OUTPUT].digest for name in action.needs()}
        inputs = {role: tuple(StoredInput(role, Blob(one, 1)) for one in group) for role, group in read.items()}
        order = Order(key, action.stage, action.backend, action.params, inputs, action.outputs)
        task = Task(action.id, order, Path("log"), gpus=action.resources.gpus)
        return Prepared(task, lambda: "source" if action.id in self.moved else None)

    def _look_anew(self) -> None:
        self.looks += 1

    def _damage(self, digest: Digest) -> None:
        self.present.discard(digest)
        for key, record in self.records.items():
            if any(blob.digest == digest for blob in record.outputs.values()):
                self.intact.discard(key)

    def _try_lock(self, key: ActionKey) -> Callable[[], None] | None:
        self.turns += 1
        if self.turns in self.refused:
            if self.refused[self.turns] and self.lookup(key) is None:
                self.records[key] = Record(self._kept(f"{key} 0"), 1.0)
            return None
        assert key not in self.locked, "no lock is taken twice"
        self.locked.add(key)

        def unlock() -> None:
            self.locked.remove(key)

        return unlock

    def _clock(self) -> float:
        self._sleep(0.01)
        return self.now_s

    def _sleep(self, seconds: float) -> None:
        self.now_s += seconds
        assert self.now_s < 100, "it waits for what never comes"

    def _hear(self, name: ActionId, key: ActionKey, record: Record) -> None:
        assert name not in self.standing_keys, "a result is told once, unless it was taken back"
        self.on_made.append(name)
        self.standing_keys[name] = key

    def _hear_no_more(self, name: ActionId) -> None:
        del self.standing_keys[name]

    def _remember(self, action: Action, verdict: Hit | Miss, record: Record) -> bool:
        return False

    def _fingerprint(self, stage: str, backend: str) -> Mapping[str, Canonical]:
        return {}
