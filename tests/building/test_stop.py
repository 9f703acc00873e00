"""The second Ctrl-C, with real workers: they are dead before another build can get their locks and folders."""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from episodec.building.run import Run
from episodec.building.run_context import RunContext, Stop
from episodec.building.states import State
from episodec.engine.graph import link
from episodec.engine.key import ActionKey
from episodec.engine.plan import Knowledge
from episodec.executors.local import LocalExecutor
from episodec.runner.order import OrderBuilder
from episodec.store.digests import FileDigests
from episodec.store.index import Index
from episodec.store.locks import Lock, try_acquire
from episodec.store.memory import MemoryCache
from tests.engine.worlds import act
from tests.toys.orders import REPOSITORY, TOYS


def living(pids: Path) -> list[int]:
    """Those of the processes noted there that have not ended."""
    alive = []
    for pid in map(int, pids.read_text().split()):
        with suppress(OSError):
            if b") Z" not in Path(f"/proc/{pid}/stat").read_bytes():
                alive.append(pid)
    return alive


def test_workers_end_and_their_folders_go_before_their_locks_do(tmp_path: Path) -> None:
    pids, stop, left = tmp_path / "pids", Stop(), list[tuple[list[int], list[Path]]]()
    cache = MemoryCache(tmp_path / "cache")
    digests = FileDigests(Index(cache.layout), tmp_path)
    settings = {"pids": str(pids)}
    workshop = OrderBuilder(str(tmp_path), cache.layout, digests, lambda _: settings, lambda *_: {})
    executor = LocalExecutor(TOYS, tmp_path / "cache", 1, extra_path=[str(REPOSITORY)])

    def let_go(lock: Lock) -> None:
        left.append((living(pids), list(Path(cache.layout.work).iterdir())))
        lock.release()

    def try_lock(key: ActionKey) -> Callable[[], None]:
        lock = try_acquire(cache.layout, key)
        assert lock is not None
        return lambda: let_go(lock)

    def press_twice() -> None:
        while not (pids.exists() and len(pids.read_text().split()) == 4):
            time.sleep(0.01)
        stop.level = 2

    world = RunContext(
        cache=cache,
        executor=executor,
        known=Knowledge(cache.lookup, cache.last, lambda *_: {}),
        try_lock=try_lock,
        prepare=workshop.prepare,
        look_anew=workshop.standing.reset,
        remember=lambda *_: False,
        seconds=lambda _: None,
        emit=lambda _: None,
        stop=stop,
    )
    threading.Thread(target=press_twice, daemon=True).start()
    result = Run(link([act("one", backend="spawn")]), world, keep_going=False).run()
    executor.close()
    assert left == [([], [])]
    assert result.states == {"one": State.STOPPED}
