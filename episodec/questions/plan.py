"""The plan of a build and its reasons, from the judge that builds use, without running anything."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from episodec.engine.action import Action, ActionId
from episodec.engine.cache import Record
from episodec.engine.graph import ActionGraph, part
from episodec.engine.plan import Hit, Miss, Pending, Plan, Reason, judge_all
from episodec.project.authoring import Diagnostic
from episodec.project.loaded import LoadedEpisode
from episodec.publishing.index_page import ENTRIES, PAGE
from episodec.publishing.manifest import Delivery
from episodec.publishing.release import Release
from episodec.questions.fetching import SharedPart, delivered_by, shared_part
from episodec.series import noop
from episodec.series.goals import FramesGoal, Goals, chosen, cut_of, preview_path
from episodec.series.request import Request, check_options
from episodec.series.session import Session, delivered, linked, opened, places, predicted


@dataclass(frozen=True, slots=True)
class Planned:
    """An action that a build would or may make."""

    id: ActionId
    stage: str
    backend: str
    reason: Reason | None  # None: pending.
    waits_for: tuple[ActionId, ...]  # Of a pending action, which may still be a hit.
    seconds: float | None  # Predicted; None if no similar action has run.


@dataclass(frozen=True, slots=True)
class EpisodePlan:
    """An episode that is not current."""

    spec: str
    name: str
    actions: tuple[Planned, ...]  # Without hits.
    hits: int
    writes: tuple[str, ...]  # To dist/: files that differ or may differ once they are made.
    removes: tuple[str, ...]  # From dist/: files that this episode no longer delivers.
    older: tuple[ActionId, ...] = ()  # Hits that an adapter made with older code.
    spoken_anew: float = 0.0  # The share of the narration whose sentences are made, 0 to 1, by characters.
    shared: SharedPart = SharedPart()  # Hits that are in a shared cache.


@dataclass(frozen=True, slots=True)
class SeriesPlan:
    """The plan of a build of one series."""

    root: str
    episodes: int  # The number of episodes chosen.
    current: int
    plans: tuple[EpisodePlan, ...]
    removes: tuple[str, ...]  # From dist/: files of specs that are gone.
    writes: tuple[str, ...]  # To dist/: the index page, if it differs or may differ once the episodes are made.
    seconds: float | None  # Predicted time of the whole build.
    diagnostics: tuple[Diagnostic, ...]
    texts: Mapping[str, str]
    blocked: bool  # Nothing would be built, because of errors.
    is_partial: bool = False  # Only some actions are chosen; no episode would be published.
    shared: SharedPart = SharedPart()  # As for each episode; results that several need count once.

    def count(self, *, pending: bool) -> int:
        """The number of actions that may run (`pending`), or that certainly run."""
        ids = {one.id for plan in self.plans for one in plan.actions if (one.reason is None) == pending}
        return len(ids)


def plan(
    request: Request,
    notice: Callable[[str], None] = lambda _: None,
    standings: Mapping[str, noop.SeriesState] | None = None,
) -> list[SeriesPlan]:
    """The plan of every series that the request names. `standings`: the known states of series, by folder.

    Raises:
        EpisodecError: a build could not begin.
    """
    plans = []
    for place, targets in places(request.targets):
        state = (standings or {}).get(place.folder())
        with opened(place, targets, request, notice, state) as session:
            plans.append(plan_series(session))
    return plans


def plan_series(session: Session) -> SeriesPlan:
    """The plan of an open series."""
    project = session.project
    loaded = session.load()
    current = session.current()
    diagnostics = tuple(project.diagnostics)
    if session.is_blocked():
        texts = project.texts
        return SeriesPlan(
            session.place.root, len(session.selected), current, (), (), (), None, diagnostics, texts, blocked=True
        )
    check_options(session.request, loaded, len(session.selected))
    goals, graph = session.request.goals, linked(loaded)
    if goals is not None:
        graph = part(graph, chosen(goals, loaded))
    session.check_backends(graph)
    judged = judge_all(graph, session.knowledge())
    seconds = session.seconds(graph)
    if goals is not None:
        return _partial(session, goals, loaded, graph, judged)
    leaving, planned = _leaving(session, loaded), {one.spec for one in loaded}
    plans = tuple(_episode(session, one, graph, judged, seconds, leaving.get(one.spec, [])) for one in loaded)
    removes = tuple(path for spec, paths in leaving.items() if spec not in planned for path in paths)
    return SeriesPlan(
        root=session.place.root,
        episodes=len(session.selected),
        current=current,
        plans=plans,
        removes=removes,
        writes=_page(session, plans, removes),
        seconds=predicted(graph, judged, seconds, session.jobs()),
        diagnostics=diagnostics,
        texts=project.texts,
        blocked=False,
        shared=shared_part(graph, judged, delivered_by(loaded)),
    )


def _partial(
    session: Session, goals: Goals, loaded: Sequence[LoadedEpisode], graph: ActionGraph, judged: Plan
) -> SeriesPlan:
    """The plan of a partial build: the chosen actions of each episode and what they need."""
    seconds = session.seconds(graph)
    plans = []
    for episode in loaded:
        actions = [action for action in episode.lowered.actions if action.id in graph.actions]
        missing = tuple(_planned(two, judged, seconds) for two in actions if not isinstance(judged[two.id], Hit))
        writes = (preview_path(cut_of(goals, episode), episode),) if isinstance(goals, FramesGoal) else ()
        older = session.older_adapters(judged, actions)
        hits, anew = len(actions) - len(missing), _spoken_anew(actions, judged)
        shared = shared_part(actions, judged, ())
        plans.append(EpisodePlan(episode.spec, episode.episode.name, missing, hits, writes, (), older, anew, shared))
    return SeriesPlan(
        root=session.place.root,
        episodes=len(session.selected),
        current=0,
        plans=tuple(plans),
        removes=(),
        writes=(),
        seconds=predicted(graph, judged, seconds, session.jobs()),
        diagnostics=tuple(session.project.diagnostics),
        texts=session.project.texts,
        blocked=False,
        is_partial=True,
        shared=shared_part(graph, judged, ()),
    )


def _episode(
    session: Session,
    loaded: LoadedEpisode,
    graph: ActionGraph,
    judged: Plan,
    seconds: Callable[[Action], float | None],
    leaving: Sequence[str],
) -> EpisodePlan:
    actions = [graph.actions[action.id] for action in loaded.lowered.actions]
    planned = tuple(_planned(action, judged, seconds) for action in actions if not isinstance(judged[action.id], Hit))
    records: dict[ActionId, Record] = {}
    keys: dict[ActionId, str] = {}
    for action in actions:
        if isinstance(verdict := judged[action.id], Hit):
            records[action.id], keys[action.id] = verdict.record, verdict.key
    if planned:
        writes = _may_differ(session, loaded, records)
    else:
        writes = tuple(session.publisher.differing_paths(session.delivery(loaded, records, keys)))
    name = loaded.episode.name
    older = session.older_adapters(judged, actions)
    hits, anew = len(actions) - len(planned), _spoken_anew(actions, judged)
    shared = shared_part(actions, judged, delivered_by([loaded]))
    return EpisodePlan(loaded.spec, name, planned, hits, writes, tuple(leaving), older, anew, shared)


def _spoken_anew(actions: Sequence[Action], judged: Plan) -> float:
    letters = {one.id: len(str(one.params.get("text") or " ")) for one in actions if one.stage == "voice"}
    anew = sum(count for name, count in letters.items() if not isinstance(judged[name], Hit))
    return anew / sum(letters.values()) if letters else 0.0


def _may_differ(session: Session, loaded: LoadedEpisode, records: Mapping[ActionId, Record]) -> tuple[str, ...]:
    """The deliverables that are still to be made, those whose published file differs, and the manifest."""
    known = {
        one.path: records[one.artifact.action].outputs[one.artifact.output]
        for one in loaded.lowered.deliverables
        if one.artifact.action in records
    }
    sound = {f"{loaded.folder}/{path}" for path in known}
    sound -= set(
        session.publisher.differing_paths(Delivery(loaded.spec, loaded.episode.name, loaded.folder, known, {}))
    )
    return tuple(path for path in delivered(loaded) if path not in sound)


def _planned(action: Action, judged: Plan, seconds: Callable[[Action], float | None]) -> Planned:
    match judged[action.id]:
        case Miss(reason=reason):
            return Planned(action.id, action.stage, action.backend, reason, (), seconds(action))
        case Pending(waits_for=waits_for):
            return Planned(action.id, action.stage, action.backend, None, waits_for, seconds(action))
        case Hit():
            raise AssertionError(action.id)


def _page(session: Session, plans: Sequence[EpisodePlan], removes: Sequence[str]) -> tuple[str, ...]:
    """The index page, if a build would or may write or remove it."""
    folder = session.project.series_file.folder()
    changing = {*removes, *(path for one in plans for path in (*one.writes, *one.removes))}
    if any(path.startswith(f"{folder}/{ENTRIES}/") for path in changing) or session.index_page.would_change(folder):
        return (f"{folder}/{PAGE}",)
    return ()


def _leaving(session: Session, loaded: list[LoadedEpisode]) -> dict[str, list[str]]:
    """The files that a build would remove from dist/, by their spec, which is gone or no longer delivers them."""
    session.publisher.import_manifests()
    gone = session.removals()
    paths = frozenset(path for one in loaded for path in delivered(one))
    leaving = session.publisher.removals(Release({one.spec: one.folder for one in loaded}, paths, gone))
    by_spec: dict[str, list[str]] = {}
    for path, spec in leaving.removable.items():
        by_spec.setdefault(spec, []).append(path)
    return by_spec
