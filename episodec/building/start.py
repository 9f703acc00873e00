"""The executor of a session, the contracts of its orders, and the dependencies of a run. Knows settings and backends;
no graph and no results.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from episodec.building.approved import TakenCheck
from episodec.building.history import remember
from episodec.building.run_context import RunContext, Stop
from episodec.engine.action import Action, ActionId, Artifact
from episodec.engine.cache import Record
from episodec.engine.events import Event
from episodec.engine.executor import Executor
from episodec.engine.plan import Hit, Miss
from episodec.executors.local import LocalExecutor
from episodec.project.backends import Register
from episodec.runner.order import OrderBuilder, Prepared
from episodec.series.session import Session
from episodec.store.locks import try_acquire

Prepare = Callable[[Action, Miss, Mapping[ActionId, Record]], Prepared]
"""Prepares the order of a judged miss: `OrderBuilder.prepare`."""


def start_executor(session: Session, *, ahead: bool = False) -> Executor:
    """The executor of this session: worker processes on this machine, maybe kept from the last build, unless the
    request brings another one. `ahead`: work is expected, so the first worker (60 ms) starts while specs are read.
    """
    backends, settings = session.project.backends, session.project.settings
    store = Path(session.cache.layout.root)
    if session.request.executor is not None:
        return session.request.executor(Register(backends), store)
    limits = session.jobs(), settings.gpus, settings.memory_mib, session.request.worker_path

    def start() -> LocalExecutor:
        executor = LocalExecutor(Register(backends), store, *limits, is_held=session.request.has_contracts())
        if ahead:
            with suppress(OSError):  # Reported by the first action that needs a worker.
                executor.prestart()
        return executor

    kept = session.request.workers
    if kept is None:
        return start()
    identity = repr((backends.compiler, str(store), limits, session.request.has_contracts()))
    return kept.lend(identity, Register(backends), start, backends.all_inputs)


def with_contracts(session: Session, prepare: Prepare) -> Prepare:
    """Wrap `prepare` to check actions against their stages' contracts; one that does not fit raises GraphError, a bug
    in episodec.
    """
    if not session.request.has_contracts():
        return prepare
    from episodec.contracts.hold import check_action  # Not needed by a build that makes nothing.

    def checked(action: Action, miss: Miss, records: Mapping[ActionId, Record]) -> Prepared:
        check_action(action)
        return prepare(action, miss, records)

    return checked


def bringing_inputs(session: Session, prepare: Prepare) -> Prepare:
    """Wrap `prepare` to fetch inputs that lie in the shared cache: workers of this machine read the local one."""
    shared = session.shared
    if shared is None:
        return prepare

    def fetched(action: Action, miss: Miss, records: Mapping[ActionId, Record]) -> Prepared:
        artifacts = [one for group in action.inputs.values() for one in group if isinstance(one, Artifact)]
        blobs = [records[one.action].outputs[one.output] for one in artifacts]
        shared.bring(blobs)
        for blob in blobs:
            if blob.place is not None:
                session.cache.open_blob(blob.digest)  # Raises CorruptBlob if it was not fetched.
        return prepare(action, miss, records)

    return fetched


def run_context(
    session: Session,
    executor: Executor,
    seconds: Callable[[Action], float | None],
    emit: Callable[[Event], None],
    stop: Stop,
) -> RunContext:
    """The dependencies of a run over this session's actions. `seconds`: predicted, for the order of starts."""
    backends, cache = session.project.backends, session.cache
    order_builder = OrderBuilder(session.place.root, cache.layout, session.digests, backends.settings, backends.inputs)

    def remembered(action: Action, verdict: Hit | Miss, record: Record) -> bool:
        code = backends.adapter(action.backend) if isinstance(verdict, Miss) else None
        return remember(cache, action, verdict, record, code)

    def share(action: Action, miss: Miss, records: Mapping[ActionId, Record]) -> None:
        if session.shared is not None:
            sure = backends.backend(action.backend).deterministic
            session.shared.offer(action, miss.key, miss.parts, records, sure=sure)

    prepare = with_contracts(session, order_builder.prepare)
    return RunContext(
        cache=cache,
        executor=executor,
        known=session.knowledge(),
        try_lock=lambda key: None if (lock := try_acquire(cache.layout, key)) is None else lock.release,
        # An executor of other machines brings inputs to them itself.
        prepare=prepare if session.request.fetch is not None else bringing_inputs(session, prepare),
        look_anew=order_builder.standing.reset,
        remember=remembered,
        seconds=seconds,
        emit=emit,
        stop=stop,
        deterministic=lambda action: backends.backend(action.backend).deterministic,
        share=share,
        check_taken=TakenCheck(session, order_builder) if session.request.has_contracts() else lambda *_: None,
    )
