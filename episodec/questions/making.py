"""How much of a comparison is already in the cache, and how long the rest takes. The cache is not changed."""

import os
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from episodec.engine.action import ActionId
from episodec.engine.compare import Comparison
from episodec.engine.graph import ActionGraph
from episodec.engine.plan import Hit, Knowledge, Pending, judge_all
from episodec.errors import SettingsError
from episodec.project.loading import Project
from episodec.project.own_cache import check_cache
from episodec.project.tree import Place
from episodec.series.request import Request
from episodec.series.session import predicted
from episodec.store.borrowed import borrowed
from episodec.store.cache import DiskCache, open_cache
from episodec.store.traces import processors


@dataclass(frozen=True, slots=True)
class Making:
    """The work of a build of the later side."""

    hits: tuple[ActionId, ...] | None  # Actions in the cache among those that do not stay; None: unknown.
    unmade: int | None  # How many of those that stay are not in the cache.
    why_unknown: str | None  # Why an existing cache cannot tell.
    seconds: float | None  # Predicted time of those that neither stay nor are hits; None: there are none.
    is_recorded: bool  # Whether all times are from recorded runs; else some are declared by backends.


def asked_of_cache(
    request: Request, place: Place, project: Project | None, graph: ActionGraph, compared: Comparison
) -> Making:
    """The work for a graph, the later one of a comparison, given the cache of a place.

    Raises:
        ProjectError: git tracks the cache, which therefore comes from elsewhere.
    """
    moving = [name for name, one in compared.standing.items() if one != "stays"]
    cache = place.cache()
    with ExitStack() as held:
        store: DiskCache | None = None
        made_ids: set[ActionId] | None = None
        reason: str | None = None
        if project is not None and os.path.isfile(os.path.join(cache, "index.db")):
            check_cache(place.root, cache)
            store = open_cache(held.enter_context(borrowed(cache)))
            held.callback(store.index.close)
            made_ids, reason = _making(store, project, graph)
        todo = [name for name in moving if name not in (made_ids or ()) and name not in compared.twins]
        seconds, is_recorded = _seconds(request, project, graph, todo, store)
        if made_ids is None:
            return Making(None, None, reason, seconds, is_recorded)
        unmade = sum(one == "stays" and name not in made_ids for name, one in compared.standing.items())
        return Making(tuple(name for name in moving if name in made_ids), unmade, None, seconds, is_recorded)


def _making(store: DiskCache, project: Project, graph: ActionGraph) -> tuple[set[ActionId] | None, str | None]:
    """The actions whose results are in the cache, or the reason why they are unknown."""
    try:
        judged = judge_all(graph, Knowledge(store.lookup, store.last, project.backends.fingerprint))
    except SettingsError as error:
        return None, error.sentence
    return {name for name, verdict in judged.items() if isinstance(verdict, Hit)}, None


def _seconds(
    request: Request, project: Project | None, graph: ActionGraph, todo: Sequence[ActionId], store: DiskCache | None
) -> tuple[float | None, bool]:
    """The predicted time of these actions in seconds, and whether all of it is from recorded runs."""
    if not todo or project is None:
        return None, False
    actions = [graph.actions[name] for name in todo]
    known = store.seconds_for_many((one.id, one.stage, one.backend) for one in actions) if store else {}
    every = {one.id: known[one.id] if one.id in known else project.backends.expected_s(one) for one in actions}
    jobs = request.jobs or project.settings.jobs or processors()
    pending = dict.fromkeys(graph.actions, Pending(()))
    return predicted(graph, pending, lambda action: every.get(action.id), jobs), len(known) == len(actions)
