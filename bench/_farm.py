"""The driver of a build alone, as a process: `python -m bench._farm ROOT ACTIONS SLOTS [--single] [--tell FILE]`.

Twelve toy actions an episode, over the product's own run, index, locks and orders. The slots answer at once, and what
they made stays elsewhere, so that nothing but the driver is measured. With `--single` outcomes come back one at a time,
as from tasks of different lengths, else all that is ready together. With `--tell` it writes a JSON object: wall and
processor seconds of judging and of running, and the peak of memory.
"""

import argparse
import json
import resource
import sys
import time
from collections import deque
from collections.abc import Sequence
from pathlib import Path

from episodec.building.history import remember
from episodec.building.run import Run
from episodec.building.run_context import RunContext, Stop
from episodec.digest import Canonical, digest_bytes
from episodec.engine.action import Action, ActionId, Literal, Resources, Source
from episodec.engine.cache import Blob
from episodec.engine.executor import Done, Later, Now, Offer, Outcome, Task
from episodec.engine.graph import ActionGraph, link
from episodec.engine.key import ActionKey
from episodec.engine.plan import Knowledge, judge_all
from episodec.runner.order import OrderBuilder
from episodec.store.cache import open_cache
from episodec.store.digests import FileDigests
from episodec.store.layout import open_layout
from episodec.store.locks import try_acquire
from episodec.store.signature import Signature

STEPS = 12
# As long as those of our own backends are.
_FINGERPRINT: dict[str, Canonical] = {
    "functions": "xxh3-128:00000000000000000000000000000000",
    "packages": {f"package-{number}": f"{number}.0.0" for number in range(6)},
    "threads": 1,
    "version": "1",
}


class Farm:
    """Slots that answer at once. See `engine.executor.Executor`."""

    def __init__(self, slots: int, *, single: bool) -> None:
        self._slots = slots
        self._single = single
        self._running: deque[Task] = deque()

    def offer(self, backend: str, resources: Resources) -> Offer:
        return Now() if len(self._running) < self._slots else Later()

    def submit(self, task: Task) -> None:
        self._running.append(task)

    def wait(self, timeout_s: float | None) -> Sequence[Outcome]:
        count = 1 if self._single else len(self._running)
        return [_done(self._running.popleft()) for _ in range(count)]

    def forget(self, key: ActionKey) -> None:
        pass

    def close(self, *, kill: bool = False) -> None:
        pass


def _done(task: Task) -> Done:
    outputs = {name: Blob(digest_bytes(f"{task.id}/{name}".encode()), 1000, "farm") for name in task.order.outputs}
    return Done(task.id, outputs, 0.1)


def graph_of(root: Path, actions: int, digests: FileDigests) -> ActionGraph:
    """Episodes of twelve actions in four chains; each chain begins with rows of its own and the author's file."""
    file = root / "author.txt"
    file.write_text("words of an author\n")
    source = Source(file.name, digests.of(file))
    built: list[Action] = []
    for number in range(actions):
        episode, step = divmod(number, STEPS)
        params: dict[str, Canonical] = {"text": f"words of episode {episode} " * 8, "number": episode, "step": step}
        before = (built[-1].artifact(),) if step % 3 else (source, Literal(f"rows of {episode} {step}".encode() * 40))
        built.append(
            Action(ActionId(f"s01-{episode:05}/step{step:02}"), "toy", "toy", ("out.bin",), params, {"in.bin": before})
        )
    return link(built)


def main(asked: argparse.Namespace) -> dict[str, float]:
    """Build, and what it took."""
    root: Path = asked.root
    cache = open_cache(open_layout(root / "cache"), fetch=_nothing)
    digests = FileDigests(cache.index, root)
    graph = graph_of(root, asked.actions, digests)
    known = Knowledge(cache.lookup, cache.last, lambda *_: _FINGERPRINT)
    judged, judged_s = time.perf_counter(), time.process_time()
    judge_all(graph, known)
    started, started_s = time.perf_counter(), time.process_time()
    nothing: dict[str, Signature] = {}
    workshop = OrderBuilder(str(root), cache.layout, digests, lambda _: {}, lambda *_: nothing)
    world = RunContext(
        cache=cache,
        executor=Farm(asked.slots, single=asked.single),
        known=known,
        try_lock=lambda key: None if (lock := try_acquire(cache.layout, key)) is None else lock.release,
        prepare=workshop.prepare,
        look_anew=workshop.standing.reset,
        remember=lambda action, verdict, record: remember(cache, action, verdict, record, None),
        seconds=lambda _: None,
        emit=lambda _: None,
        stop=Stop(),
    )
    result = Run(graph, world, keep_going=False).run()
    ended, ended_s = time.perf_counter(), time.process_time()
    cache.index.close()
    if len(result.ran) != len(graph):
        raise SystemExit(f"{len(result.ran)} of {len(graph)} actions were made")
    return {
        "judge_s": started - judged,
        "judge_cpu_s": started_s - judged_s,
        "run_s": ended - started,
        "run_cpu_s": ended_s - started_s,
        "memory_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def _nothing(blob: Blob, target: Path) -> None:
    raise FileNotFoundError(f"{target}: nobody reads {blob.digest}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("root", type=Path)
    parser.add_argument("actions", type=int)
    parser.add_argument("slots", type=int)
    parser.add_argument("--single", action="store_true")
    parser.add_argument("--profile", action="store_true", help="print where the time goes")
    parser.add_argument("--tell", type=Path)
    arguments = parser.parse_args()
    if arguments.profile:
        import cProfile
        import pstats

        with cProfile.Profile() as profile:
            messages = main(arguments)
        pstats.Stats(profile, stream=sys.stderr).sort_stats("tottime").print_stats(35)
    else:
        messages = main(arguments)
    if arguments.tell is not None:
        arguments.tell.write_text(json.dumps(messages))
    else:
        print(json.dumps(messages))
