"""The stages and systems that use a file, and those that do not, found through the action graph of one profile, with
the digests of the results in the cache. Knows no stage and no system by name.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from episodec.digest import Digest
from episodec.engine.action import Action, ActionId, Artifact
from episodec.engine.cache import Record
from episodec.engine.graph import ActionGraph
from episodec.engine.plan import Hit, Verdict, judge
from episodec.errors import SettingsError, UsageError
from episodec.questions.reads import Direct, Readable, asked_about
from episodec.series.request import Request


@dataclass(frozen=True, slots=True)
class MadeArtifact:
    """One artifact that a file went into."""

    action: ActionId
    output: str
    digest: Digest | None  # None: not in the cache for the present files, or unknown on this machine.
    size: int | None  # bytes


@dataclass(frozen=True, slots=True)
class Use:
    """The use of a file by one system in one stage."""

    stage: str
    backend: str
    actions: int  # Actions that the file goes into; 0: the system does not use it.
    of: int  # All of its actions.
    reads: int  # Actions that read the file themselves.
    through: tuple[str, ...]  # Stages and outputs through which it reaches the other actions: `scene: still.scene`.
    episodes: tuple[str, ...]  # Specs with such an action.
    made: tuple[MadeArtifact, ...]
    licence: str | None  # A sentence on the terms of its model.


@dataclass(frozen=True, slots=True)
class Lineage:
    """Where a file goes."""

    file: str  # Relative to the root, or absolute outside of it.
    digest: Digest | None  # None: the file does not exist yet.
    how: str  # As in `impact`.
    profile: str
    uses: tuple[Use, ...]  # In data-flow order.
    others: tuple[Use, ...]  # Systems that do not use it.
    episodes: tuple[str, ...]  # Specs with an action that it goes into.
    of: int  # All episodes.
    unreadable: int  # Episodes with errors, whose use is unknown.
    unknown: Mapping[str, str]  # Backends that are not set up on this machine, and why; digests after them are unknown.


def lineage(request: Request, file: str, notice: Callable[[str], None] = lambda _: None) -> Lineage:
    """Where this file goes.

    Raises:
        UsageError: the file is in no series, does not exist, is a folder, or is outside the project.
    """
    with asked_about(request, [file], notice) as (series, (names,)):
        direct = series.direct(names)
        if direct.how == "nothing" and os.path.isabs(direct.file):
            facts = {"file": direct.file, "project": series.session.place.root}
            raise UsageError("this file is outside the project, and no backend loads it", facts=facts)
        ways = ways_of(series.graph, direct)
        verdicts, unknown = _judged(series)
        uses = [_use(series, group, direct, ways, verdicts) for group in _systems(series.graph)]
        loaded = series.loaded
        return Lineage(
            file=direct.file,
            digest=_digest(series, direct.file),
            how=direct.how,
            profile=series.session.project.series_file.profile()[0],
            uses=tuple(one for one in uses if one.actions),
            others=tuple(one for one in uses if not one.actions),
            episodes=tuple(one.spec for one in loaded if any(action.id in ways for action in one.lowered.actions)),
            of=len(loaded),
            unreadable=series.unreadable,
            unknown=unknown,
        )


def ways_of(graph: ActionGraph, direct: Direct) -> dict[ActionId, tuple[Artifact, ...]]:
    """Every action that the file goes into, with the artifacts through which it does; none if only read directly."""
    reads = set(direct.reads)
    by_action: dict[ActionId, tuple[Artifact, ...]] = {}
    for action in graph:  # Inputs first.
        inputs = (one for group in action.inputs.values() for one in group if isinstance(one, Artifact))
        ways = tuple(one for one in inputs if one.action in by_action)
        if ways or action.id in reads:
            by_action[action.id] = ways
    return by_action


def _judged(series: Readable) -> tuple[dict[ActionId, Verdict], dict[str, str]]:
    """The verdict on every action whose backend can be fingerprinted here, and why the other backends cannot."""
    known = replace(series.session.knowledge(), ask_shared=None)  # It would be asked action by action.
    verdicts: dict[ActionId, Verdict] = {}
    records: dict[ActionId, Record] = {}
    unknown: dict[str, str] = {}
    for action in series.graph:
        try:
            verdict = judge(action, records, known)
            series.session.project.backends.fingerprint(action.stage, action.backend)  # Also for pending actions.
        except SettingsError as error:
            unknown[action.backend] = error.sentence
            continue
        verdicts[action.id] = verdict
        if isinstance(verdict, Hit):
            records[action.id] = verdict.record
    return verdicts, unknown


def _systems(graph: ActionGraph) -> list[list[Action]]:
    """The actions of each backend in each stage, in data-flow order."""
    groups: dict[tuple[str, str], list[Action]] = {}
    for action in graph:
        groups.setdefault((action.stage, action.backend), []).append(action)
    return list(groups.values())


def _use(
    series: Readable,
    group: Sequence[Action],
    direct: Direct,
    ways: Mapping[ActionId, tuple[Artifact, ...]],
    verdicts: Mapping[ActionId, Verdict],
) -> Use:
    """The use of the file by one system; `group`: all of its actions."""
    using = [action for action in group if action.id in ways]
    names = {action.id for action in using}
    own = set(direct.reads)
    through = (one for action in using for one in ways[action.id])
    stage, backend = group[0].stage, group[0].backend
    return Use(
        stage=stage,
        backend=backend,
        actions=len(using),
        of=len(group),
        reads=len(names & own),
        through=tuple(dict.fromkeys(f"{series.graph.actions[one.action].stage}: {one.output}" for one in through)),
        episodes=tuple(one.spec for one in series.loaded if any(action.id in names for action in one.lowered.actions)),
        made=tuple(_artifact_of(action, output, verdicts) for action in using for output in action.outputs),
        licence=series.session.project.backends.licence(backend),
    )


def _artifact_of(action: Action, output: str, verdicts: Mapping[ActionId, Verdict]) -> MadeArtifact:
    verdict = verdicts.get(action.id)
    if not isinstance(verdict, Hit):
        return MadeArtifact(action.id, output, None, None)
    blob = verdict.record.outputs[output]
    return MadeArtifact(action.id, output, blob.digest, blob.size)


def _digest(series: Readable, file: str) -> Digest | None:
    try:
        return series.session.digests.of(file)
    except OSError:
        return None
