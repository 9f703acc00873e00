"""The ancestry of a file in dist/, an action or an episode: the kinds of actions behind it, and the author's files.

Actions are judged as in a build, to tell which results the cache holds. Knows no stage and no system by name.
"""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from episodec.digest import Digest
from episodec.engine.action import Action, ActionId
from episodec.engine.graph import ActionGraph, closure, part
from episodec.engine.plan import Hit, Plan, judge_all
from episodec.project.loaded import LoadedEpisode
from episodec.project.tree import SERIES_FILE
from episodec.questions.named import FileStanding, Named, named
from episodec.questions.reads import digests_in
from episodec.series.request import Request

_SHARED = (SERIES_FILE, "character.yaml")  # Files that many specs depend on and no action reads.


@dataclass(frozen=True, slots=True)
class AncestorFile:
    """One artifact on the way."""

    action: ActionId
    name: str
    digest: Digest | None  # None: not in the cache for the present files.


@dataclass(frozen=True, slots=True)
class ActionKind:
    """The actions of one system in one stage."""

    stage: str
    backend: str
    actions: tuple[ActionId, ...]
    hits: int  # How many of these have their results in the cache.
    takes: tuple[str, ...]  # The stages whose outputs they read.
    reads: tuple[str, ...]  # The author's files that they read, or whose digests are in their params.
    outputs: tuple[AncestorFile, ...]


@dataclass(frozen=True, slots=True)
class AuthorFile:
    """An author's file that something comes from."""

    path: str  # Relative to the root.
    digest: Digest
    stages: tuple[
        str, ...
    ]  # Stages that read it; empty for specs, series.yaml and character.yaml, which only lowering reads.


@dataclass(frozen=True, slots=True)
class Ancestry:
    """The actions and author's files that a target comes from."""

    target: str
    file: FileStanding | None
    makers: tuple[ActionId, ...]  # The target's actions: those named, or those that made the file.
    kinds: tuple[ActionKind, ...]  # In data-flow order.
    files: tuple[AuthorFile, ...]
    goes_into: tuple[str, ...]  # Files in dist/ that depend on it, relative to the root; empty for a file in dist/.
    licences: Mapping[str, str]  # By backend.


def ancestry(request: Request, target: str, notice: Callable[[str], None] = lambda _: None) -> Ancestry:
    """The ancestry of the file in dist/, action or episode of this name.

    Raises:
        UsageError: nothing has this name.
        RejectedSpecs: its spec has errors.
    """
    with named(request, target, notice) as meant:
        return ancestry_of(meant, judge_all(part(meant.graph, meant.actions), meant.session.knowledge()))


def ancestry_of(meant: Named, judged: Plan) -> Ancestry:
    """The ancestry of a name that is already resolved and judged."""
    behind = closure(meant.graph, meant.actions)
    reads = {action.id: _files_read(action, meant.loaded) for action in meant.graph if action.id in behind}
    kinds: dict[tuple[str, str], list[Action]] = {}
    for action in meant.graph:  # Inputs first.
        if action.id in behind:
            kinds.setdefault((action.stage, action.backend), []).append(action)
    backends = meant.session.project.backends
    licences = {backend: backends.licence(backend) for _, backend in kinds}
    return Ancestry(
        target=meant.target,
        file=meant.file,
        makers=tuple(meant.actions),
        kinds=tuple(_kind(group, meant.graph, judged, reads) for group in kinds.values()),
        files=tuple(_author_files(meant, reads)),
        goes_into=() if meant.file is not None else tuple(_goes_into(meant)),
        licences={name: str(said) for name, said in licences.items() if said is not None},
    )


def _kind(
    group: Sequence[Action], graph: ActionGraph, judged: Plan, reads: Mapping[ActionId, Mapping[str, Digest]]
) -> ActionKind:
    takes = (graph.actions[name].stage for action in group for name in sorted(action.needs()))
    return ActionKind(
        stage=group[0].stage,
        backend=group[0].backend,
        actions=tuple(action.id for action in group),
        hits=sum(isinstance(judged[action.id], Hit) for action in group),
        takes=tuple(dict.fromkeys(takes)),
        reads=tuple(dict.fromkeys(path for action in group for path in reads[action.id])),
        outputs=tuple(
            AncestorFile(action.id, name, _digest(judged, action, name)) for action in group for name in action.outputs
        ),
    )


def _digest(judged: Plan, action: Action, output: str) -> Digest | None:
    verdict = judged[action.id]
    return verdict.record.outputs[output].digest if isinstance(verdict, Hit) else None


def _files_read(action: Action, loaded: Sequence[LoadedEpisode]) -> dict[str, Digest]:
    """The author's files that an action reads, and those of its episode whose digests are in its params."""
    by_path = {one.path: one.digest for one in action.sources()}
    digests = set(digests_in(action.params))
    if digests:
        for episode in loaded:
            if any(action.id == other.id for other in episode.lowered.actions):
                files = {**episode.shared, **episode.own}
                by_path |= {path: digest for path, digest in files.items() if digest in digests}
    return by_path


def _author_files(meant: Named, reads: Mapping[ActionId, Mapping[str, Digest]]) -> Iterator[AuthorFile]:
    """The files that lowering reads, then those that actions read."""
    asking = [one for one in meant.loaded if any(action.id in reads for action in one.lowered.actions)]
    by_path: dict[str, Digest] = {}
    for episode in asking:
        by_path |= {path: episode.own[path] for path in (episode.spec, *episode.decides)}
    for episode in asking:
        by_path |= {path: episode.shared[path] for path in sorted(episode.shared) if os.path.basename(path) in _SHARED}
    for path, digest in by_path.items():
        yield AuthorFile(path, digest, ())
    stages: dict[str, dict[str, None]] = {}
    digests: dict[str, Digest] = {}
    for name, files in reads.items():
        for path, digest in files.items():
            stages.setdefault(path, {})[meant.graph.actions[name].stage] = None
            digests[path] = digest
    for path, by in stages.items():
        if path not in by_path:
            yield AuthorFile(path, digests[path], tuple(by))


def _goes_into(meant: Named) -> Iterator[str]:
    """The deliverables that depend on the target's actions."""
    behind = set(meant.actions)
    for action in meant.graph:  # Inputs first.
        if any(name in behind for name in action.needs()):
            behind.add(action.id)
    for episode in meant.loaded:
        for delivered in episode.lowered.deliverables:
            if delivered.artifact.action in behind:
                yield f"{episode.folder}/{delivered.path}"
