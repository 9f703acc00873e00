"""`build --check`: make finished deterministic actions again and compare. Nothing is recorded.

With a sample, only some of those whose results came from a shared cache.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from math import ceil
from pathlib import Path

from episodec.building.run import Run
from episodec.building.run_context import RunContext, Stop
from episodec.building.start import bringing_inputs, start_executor, with_contracts
from episodec.digest import Digest, digest_bytes, digest_value
from episodec.engine.action import Action, ActionId
from episodec.engine.cache import Blob, Record
from episodec.engine.events import Event
from episodec.engine.graph import ActionGraph, link
from episodec.engine.key import ActionKey
from episodec.engine.notes import notes_text
from episodec.engine.plan import Hit, Knowledge, Miss, Verdict, judge_all
from episodec.errors import StoreError
from episodec.remote.layout import sha256_at
from episodec.runner.order import OrderBuilder
from episodec.series.request import Request
from episodec.series.session import Session, linked, opened, places
from episodec.store.cache import DiskCache
from episodec.store.index import Transaction
from episodec.store.locks import hold_store, try_acquire


@dataclass(frozen=True, slots=True)
class Difference:
    """An output whose bytes differ the second time."""

    action: ActionId
    stage: str
    backend: str
    output: str
    recorded: Digest
    recomputed: Digest


@dataclass(frozen=True, slots=True)
class Checked:
    """The outcome of a check."""

    made_count: int  # Actions that were made again.
    differences: tuple[Difference, ...]
    failed: tuple[ActionId, ...]
    left_out: int  # Actions that are not deterministic, or not made yet.
    interrupted: bool
    shared: int | None = None  # With a sample: the results among which it was chosen.


@dataclass(frozen=True, slots=True)
class Sample:
    """Some of the results that came from a shared cache."""

    share: float  # 0 to 1.
    seed: str  # Another one chooses others.
    least: int = 5  # Actions, if there are so many.

    def chosen(self, keys: Collection[ActionKey]) -> set[ActionKey]:
        """The keys of this sample, the same for the same keys and seed."""
        count = max(self.least, ceil(self.share * len(keys)))
        return set(sorted(keys, key=lambda key: digest_value("sample", [self.seed, key]))[:count])


def recheck(
    request: Request,
    emit: Callable[[Event], None],
    stop: Stop,
    notice: Callable[[str], None] = lambda _: None,
    sample: Sample | None = None,
) -> list[Checked]:
    """Make the requested episodes' deterministic actions again and compare the results.

    Raises:
        EpisodecError: the check could not start.
    """
    answers = []
    for place, targets in places(request.targets):
        with opened(place, targets, request, notice) as session:
            lock = hold_store(session.cache.layout)
            if lock is None:
                raise StoreError("`episodec gc` is cleaning this cache", hint="check again when it has finished")
            with lock:
                answers.append(_check(session, emit, stop, sample))
    return answers


def _check(session: Session, emit: Callable[[Event], None], stop: Stop, sample: Sample | None) -> Checked:
    whole = linked(session.load_selected())
    known = session.knowledge()
    judged = judge_all(whole, Knowledge(known.lookup, known.last_parts, known.fingerprint))
    graph = _finished(whole, {name for name, verdict in judged.items() if isinstance(verdict, Hit)})
    backends = session.project.backends

    def again(name: ActionId) -> bool:
        return backends.backend(graph.actions[name].backend).deterministic

    chosen, shared = {name for name in graph.actions if again(name)}, None
    keys = {verdict.key: name for name, verdict in judged.items() if isinstance(verdict, Hit)}
    if sample is not None:
        from_shared = {key: name for key, name in keys.items() if name in chosen and _is_shared(session, judged[name])}
        chosen, shared = {from_shared[key] for key in sample.chosen(from_shared)}, len(from_shared)
    witness = Witness(session.cache)
    executor = start_executor(session)
    order_builder = OrderBuilder(
        session.place.root, session.cache.layout, session.digests, backends.settings, backends.inputs
    )
    context = RunContext(
        cache=witness,
        executor=executor,
        known=Knowledge(known.lookup, known.last_parts, known.fingerprint, chosen.__contains__),
        try_lock=lambda key: None if (lock := try_acquire(session.cache.layout, key)) is None else lock.release,
        prepare=bringing_inputs(session, with_contracts(session, order_builder.prepare)),
        look_anew=order_builder.standing.reset,
        remember=_nothing_new,
        seconds=session.urgency(session.seconds(graph)),
        emit=emit,
        stop=stop,
    )
    try:
        result = Run(graph, context, keep_going=True).run()
    finally:
        executor.close(kill=stop.level > 1)
    differences = tuple(
        _named(graph.actions[keys[key]], output, recorded, now) for key, output, recorded, now in witness.differences
    )
    left_out = len(whole) - len(chosen)
    return Checked(len(result.ran), differences, result.failed, left_out, result.interrupted, shared)


def _is_shared(session: Session, verdict: Verdict) -> bool:
    """Whether a result came from a shared cache."""
    blobs = verdict.record.outputs.values() if isinstance(verdict, Hit) else ()
    away = (session.cache.away(blob.digest) for blob in blobs)
    return any(blob is not None and sha256_at(blob.place) is not None for blob in away)


def _finished(graph: ActionGraph, hits: set[ActionId]) -> ActionGraph:
    """The subgraph of actions that are hits and whose needs are hits, too."""
    whole: set[ActionId] = set()
    for action in graph:  # Inputs first.
        if action.id in hits and action.needs() <= whole:
            whole.add(action.id)
    return link(graph.actions[name] for name in whole)


def _nothing_new(_action: Action, _verdict: Hit | Miss, _record: Record) -> bool:
    return True


def _named(action: Action, output: str, recorded: Digest, recomputed: Digest) -> Difference:
    return Difference(action.id, action.stage, action.backend, output, recorded, recomputed)


@dataclass(slots=True)
class Witness:
    """A cache that records nothing: each second result is compared with the first."""

    cache: DiskCache
    differences: list[tuple[ActionKey, str, Digest, Digest]] = field(default_factory=list)

    def lookup(self, key: ActionKey) -> Record | None:
        """See engine.cache.Cache."""
        return self.cache.lookup(key)

    def record(self, key: ActionKey, record: Record, *, deterministic: bool = True, replace: bool = False) -> Record:
        """The first result of this key; any difference of the second is noted."""
        first = self.cache.lookup(key)
        if first is None:
            return record
        for name, blob in first.outputs.items():
            if (digest := record.outputs[name].digest) != blob.digest:
                self.differences.append((key, name, blob.digest, digest))
        now, then = (digest_bytes(notes_text([("", one.notes)])) for one in (record, first))
        if now != then:
            self.differences.append((key, "notes", then, now))
        return first

    def open_blob(self, digest: Digest) -> Path:
        """See engine.cache.Cache."""
        return self.cache.open_blob(digest)

    def invalidate(self, digest: Digest) -> None:
        """See engine.cache.Cache."""
        self.cache.invalidate(digest)

    def batch(self) -> Transaction:
        """See engine.cache.Cache."""
        return self.cache.batch()

    def put_file(self, path: Path) -> Blob:
        """See engine.cache.Cache."""
        return self.cache.put_file(path)

    def put_bytes(self, content: bytes) -> Blob:
        """See engine.cache.Cache."""
        return self.cache.put_bytes(content)
