"""What of a comparison is made already, and how long the rest takes. Where there is a cache it is asked, and left as it
is.
"""

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
    """What a build of the later side would have to make."""

    hits: tuple[ActionId, ...] | None  # Of what does not stay, what is in the cache; None: that is not known.
    unmade: int | None  # Of what stays, what is not in the cache.
    why_unknown: str | None  # Why a cache that is there does not tell it.
    seconds: float | None  # Predicted, for all that does not stay and is no hit; None: there is nothing of it.
    is_recorded: bool  # Whether all of that is by recorded runs; else some of it is by what backends declare.


def asked_of_cache(
    request: Request, place: Place, project: Project | None, graph: ActionGraph, compared: Comparison
) -> Making:
    """What the cache of a place knows of a graph, the later one of a comparison.

    Raises:
        ProjectError: git tracks the cache, so that somebody else has made it.
    """
    moving = [name for name, one in compared.standing.items() if one != "stays"]
    cache = place.cache()
    with ExitStack() as held:
        store: DiskCache | None = None
        made: set[ActionId] | None = None
        reason: str | None = None
        if project is not None and os.path.isfile(os.path.join(cache, "index.db")):
            check_cache(place.root, cache)
            store = open_cache(held.enter_context(borrowed(cache)))
            held.callback(store.index.close)
            made, reason = _made(store, project, graph)
        todo = [name for name in moving if name not in (made or ()) and name not in compared.twins]
        seconds, is_recorded = _seconds(request, project, graph, todo, store)
        if made is None:
            return Making(None, None, reason, seconds, is_recorded)
        unmade = sum(one == "stays" and name not in made for name, one in compared.standing.items())
        return Making(tuple(name for name in moving if name in made), unmade, None, seconds, is_recorded)


def _made(store: DiskCache, project: Project, graph: ActionGraph) -> tuple[set[ActionId] | None, str | None]:
    """The actions whose results are in the cache, or why that cannot be told."""
    try:
        judged = judge_all(graph, Knowledge(store.lookup, store.last, project.backends.fingerprint))
    except SettingsError as error:
        return None, error.sentence
    return {name for name, verdict in judged.items() if isinstance(verdict, Hit)}, None


def _seconds(
    request: Request, project: Project | None, graph: ActionGraph, todo: Sequence[ActionId], store: DiskCache | None
) -> tuple[float | None, bool]:
    """How long these actions take, and whether all of that was seen before."""
    if not todo or project is None:
        return None, False
    actions = [graph.actions[name] for name in todo]
    known = store.seconds_for_many((one.id, one.stage, one.backend) for one in actions) if store else {}
    every = {one.id: known[one.id] if one.id in known else project.backends.expected_s(one) for one in actions}
    jobs = request.jobs or project.settings.jobs or processors()
    pending = dict.fromkeys(graph.actions, Pending(()))
    return predicted(graph, pending, lambda action: every.get(action.id), jobs), len(known) == len(actions)
