"""A small world around the engine for its laws: sources in a folder, toy backends in this process, the cache in
memory.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from episodec.building.run import Run
from episodec.building.run_context import RunContext, RunResult, Stop
from episodec.digest import Canonical
from episodec.engine.action import Action, ActionId, Artifact, Source
from episodec.engine.cache import Record
from episodec.engine.events import ActionMade, Event
from episodec.engine.graph import ActionGraph, link
from episodec.engine.key import ActionKey
from episodec.engine.plan import Hit, Knowledge, Miss, Verdict, judge_all
from episodec.executors.inline import InlineExecutor
from episodec.runner.order import OrderBuilder
from episodec.runner.perform import performer
from episodec.store.digests import FileDigests
from episodec.store.index import Index
from episodec.store.locks import try_acquire
from episodec.store.memory import MemoryCache

TARGETS = {name: f"tests.toys.backends:{name.capitalize()}" for name in ("concat", "upper", "fail", "random", "spoil")}


@dataclass
class Tiny:
    """A cache, a folder of sources and everything that was told."""

    folder: Path
    versions: dict[str, str] = field(default_factory=dict)  # Backend to what its fingerprint says.
    events: list[Event] = field(default_factory=list)
    forced: set[ActionId] = field(default_factory=set)
    keep_going: bool = False
    meanwhile: Callable[[ActionKey], None] = lambda _: None  # What other builds do between a judgement and its lock.

    def __post_init__(self) -> None:
        (self.folder / "sources").mkdir(parents=True)
        self.cache = MemoryCache(self.folder / "cache")
        self.digests = FileDigests(Index(self.cache.layout), self.folder)

    def source(self, name: str, content: str) -> Source:
        """A file of an author, written and pinned."""
        path = self.folder / "sources" / name
        if not path.exists() or path.read_text() != content:
            path.write_text(content)
        return Source(f"sources/{name}", self.digests.of(path))

    def known(self) -> Knowledge:
        return Knowledge(self.cache.lookup, self.cache.last, self._fingerprint, lambda name: name in self.forced)

    def plan(self, graph: ActionGraph) -> dict[ActionId, Verdict]:
        return judge_all(graph, self.known())

    def build(self, actions: Iterable[Action] | ActionGraph) -> RunResult:
        graph = actions if isinstance(actions, ActionGraph) else link(actions)
        self.events.clear()
        workshop = OrderBuilder(str(self.folder), self.cache.layout, self.digests, lambda _: {}, lambda *_: {})
        world = RunContext(
            cache=self.cache,
            executor=InlineExecutor(performer(TARGETS, self.cache.blobs)),
            known=self.known(),
            try_lock=self._try_lock,
            prepare=workshop.prepare,
            look_anew=workshop.standing.reset,
            remember=self._remember,
            seconds=lambda _: None,
            emit=self.events.append,
            stop=Stop(),
        )
        return Run(graph, world, keep_going=self.keep_going).run()

    def contents(self, result: RunResult) -> dict[tuple[ActionId, str], bytes]:
        """The result of every finished action."""
        return {
            (name, output): self.cache.open_blob(blob.digest).read_bytes()
            for name, record in result.records.items()
            for output, blob in record.outputs.items()
        }

    def stopped_early(self) -> list[ActionId]:
        """Actions that ran and gave what they gave before."""
        return [event.id for event in self.events if isinstance(event, ActionMade) and event.unchanged]

    def _try_lock(self, key: ActionKey) -> Callable[[], None] | None:
        self.meanwhile(key)
        lock = try_acquire(self.cache.layout, key)
        return None if lock is None else lock.release

    def _fingerprint(self, stage: str, backend: str) -> Mapping[str, Canonical]:
        return {"backend": backend, "version": self.versions.get(backend, "1")}

    def _remember(self, action: Action, verdict: Hit | Miss, record: Record) -> bool:
        before = self.cache.last_outputs(action.id)
        self.cache.remember(action.id, verdict.key, verdict.parts.plain(), record)
        return before is not None and dict(before) == dict(record.outputs)


def act(name: str, *inputs: Artifact | Source, text: str = "", backend: str = "concat", outputs: int = 1) -> Action:
    """A toy action: its inputs in one ordered role, and a text."""
    names = tuple(f"out{index}.txt" for index in range(outputs))
    roles = {"part.txt": tuple(inputs)} if inputs else {}
    return Action(ActionId(name), "toy", backend, names, {"text": text}, roles)
