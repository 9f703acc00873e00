"""What a build would do now, and why: the same judge, asked without running anything."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from episodec.engine.action import Action, ActionId
from episodec.engine.graph import ActionGraph
from episodec.engine.plan import Hit, Miss, Pending, Plan, Reason, judge_all
from episodec.engine.protocols import Record
from episodec.project.authoring import Diagnostic
from episodec.project.loading import Loaded
from episodec.publish import MANIFESTS, Parcel
from episodec.session import Request, Session, linked, opened, places, predicted


@dataclass(frozen=True, slots=True)
class Planned:
    """An action that a build makes, or may make."""

    id: ActionId
    stage: str
    backend: str
    reason: Reason | None  # None: pending.
    waits_for: tuple[ActionId, ...]  # Only of a pending one, which may still be a hit.
    seconds: float | None  # Predicted; None when nothing like it ran before.


@dataclass(frozen=True, slots=True)
class EpisodePlan:
    """An episode that a build would look at."""

    spec: str
    name: str
    actions: tuple[Planned, ...]  # Without those that are in the cache.
    hits: int
    writes: tuple[str, ...]  # Into dist/: what differs now, or may once it is made.
    removes: tuple[str, ...]  # From dist/: what this episode delivered before and does no longer.


@dataclass(frozen=True, slots=True)
class SeriesPlan:
    """What a build of one series would do."""

    root: str
    episodes: int  # All that were asked for.
    current: int
    plans: tuple[EpisodePlan, ...]
    removes: tuple[str, ...]  # From dist/: what specs delivered that are gone.
    seconds: float | None  # Predicted until all is made.
    diagnostics: tuple[Diagnostic, ...]
    texts: Mapping[str, str]
    blocked: bool  # Because of errors nothing would be built.

    def count(self, *, pending: bool) -> int:
        """How many actions are certain to run, or may run."""
        ids = {one.id for plan in self.plans for one in plan.actions if (one.reason is None) == pending}
        return len(ids)


def plan(request: Request, notice: Callable[[str], None] = lambda _: None) -> list[SeriesPlan]:
    """The plan of every series that the request names.

    Raises:
        EpisodecError: a build could not begin either.
    """
    plans = []
    for place, targets in places(request.targets):
        with opened(place, targets, request, notice) as session:
            plans.append(plan_series(session))
    return plans


def plan_series(session: Session) -> SeriesPlan:
    """The plan of an open series."""
    request, project = session.request, session.project
    loaded = session.load()
    current = session.current()
    found = tuple(project.diagnostics)
    if project.has_errors() and not request.keep_going:
        texts = project.texts
        return SeriesPlan(session.place.root, len(session.wanted), current, (), (), None, found, texts, blocked=True)
    graph = linked(loaded)
    judged = judge_all(graph, session.knowledge())
    seconds = session.seconds(graph)
    return SeriesPlan(
        root=session.place.root,
        episodes=len(session.wanted),
        current=current,
        plans=tuple(_episode(session, one, graph, judged, seconds) for one in loaded),
        removes=_retired(session, loaded),
        seconds=predicted(graph, judged, seconds, session.jobs()),
        diagnostics=found,
        texts=project.texts,
        blocked=False,
    )


def _episode(
    session: Session, loaded: Loaded, graph: ActionGraph, judged: Plan, seconds: Callable[[Action], float | None]
) -> EpisodePlan:
    actions = [graph.actions[action.id] for action in loaded.lowered.actions]
    planned = tuple(_planned(action, judged, seconds) for action in actions if not isinstance(judged[action.id], Hit))
    made: dict[ActionId, Record] = {}
    keys: dict[ActionId, str] = {}
    for action in actions:
        if isinstance(verdict := judged[action.id], Hit):
            made[action.id], keys[action.id] = verdict.record, verdict.key
    paths = delivered(loaded)
    if planned:
        writes = _may_differ(session, loaded, made)
    else:
        writes = tuple(session.press.differing(session.parcel(loaded, made, keys)))
    removes, _ = session.press.leaving(loaded.spec, loaded.folder, frozenset(paths))
    name = loaded.episode.name
    return EpisodePlan(loaded.spec, name, planned, len(actions) - len(planned), writes, tuple(removes))


def _may_differ(session: Session, loaded: Loaded, made: Mapping[ActionId, Record]) -> tuple[str, ...]:
    """The deliverables that are made anew, those that are known and differ now, and the manifest."""
    known = {
        one.path: made[one.artifact.action].outputs[one.artifact.output]
        for one in loaded.lowered.deliverables
        if one.artifact.action in made
    }
    sound = {f"{loaded.folder}/{path}" for path in known}
    sound -= set(session.press.differing(Parcel(loaded.spec, loaded.episode.name, loaded.folder, known, {})))
    return tuple(path for path in delivered(loaded) if path not in sound)


def delivered(loaded: Loaded) -> tuple[str, ...]:
    """Every path of an episode in dist/, relative to the root: its deliverables and its manifest."""
    paths = [f"{loaded.folder}/{one.path}" for one in loaded.lowered.deliverables]
    return (*paths, str(PurePosixPath(loaded.folder, MANIFESTS, f"{loaded.episode.name}.json")))


def _planned(action: Action, judged: Plan, seconds: Callable[[Action], float | None]) -> Planned:
    match judged[action.id]:
        case Miss(reason=reason):
            return Planned(action.id, action.stage, action.backend, reason, (), seconds(action))
        case Pending(waits_for=waits_for):
            return Planned(action.id, action.stage, action.backend, None, waits_for, seconds(action))
        case Hit():
            raise AssertionError(action.id)


def _retired(session: Session, loaded: list[Loaded]) -> tuple[str, ...]:
    """What a build would take out of dist/ because its spec is gone."""
    prefix = f"{session.place.series}/" if session.place.series else ""
    learnt = [spec for spec in session.press.learn(session.project.folder()) if spec.startswith(prefix)]
    gone = sorted({*session.gone, *learnt} - set(session.specs))
    claimed = frozenset(path for one in loaded for path in delivered(one))
    return tuple(path for spec in gone for path in session.press.leaving(spec, "dist", claimed)[0])
