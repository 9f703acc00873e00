"""Where the actions of a session run. Knows settings and backends; no graph and no results."""

from contextlib import suppress
from pathlib import Path

from episodec.engine.protocols import Executor
from episodec.executors.local import LocalExecutor
from episodec.project.backends import Register
from episodec.series.session import Session


def start_executor(session: Session, *, ahead: bool = False) -> Executor:
    """Where this session's actions run: in worker processes of this machine, unless the request brings
    something else. `ahead`: work is expected, and the first worker (60 ms) starts while specs are read.
    """
    backends, settings = session.project.backends, session.project.settings
    store = Path(session.cache.layout.root)
    if session.request.executor is not None:
        return session.request.executor(Register(backends), store)
    path = session.request.worker_path
    executor = LocalExecutor(Register(backends), store, session.jobs(), settings.gpus, settings.memory_mib, path)
    if ahead:
        with suppress(OSError):  # Told by the first action that needs it.
            executor.prestart()
    return executor
