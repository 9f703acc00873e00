"""The whole compiler on one page: skip what is current; read, lower, link, judge, run and publish the rest."""

from collections.abc import Callable, Mapping

from episodec.building.outcome import Outcome
from episodec.building.partial import PartialBuild
from episodec.building.run_context import Stop
from episodec.building.series_build import SeriesBuild
from episodec.building.start import start_executor
from episodec.engine.events import (
    Event,
)
from episodec.errors import StoreError
from episodec.series import noop
from episodec.series.request import Request, check_options
from episodec.series.session import Session, opened, places
from episodec.store.locks import hold_store


def build(
    request: Request,
    emit: Callable[[Event], None],
    stop: Stop,
    notice: Callable[[str], None] = lambda _: None,
    standings: Mapping[str, noop.SeriesState] | None = None,
) -> list[Outcome]:
    """Build every series that the request names, one after the other.

    `standings`: the states of series that were already scanned, by folder.

    Raises:
        EpisodecError: the build could not start; nothing was changed.
    """
    outcomes = []
    for place, targets in places(request.targets):
        state = (standings or {}).get(place.folder())
        with opened(place, targets, request, notice, state) as session:
            outcomes.append(_build_series(session, emit, stop))
    return outcomes


def _build_series(session: Session, emit: Callable[[Event], None], stop: Stop) -> Outcome:
    lock = hold_store(session.cache.layout)
    if lock is None:
        raise StoreError(
            "`episodec gc` is cleaning this cache",
            facts={"cache": session.cache.layout.root},
            hint="build again when it has finished",
        )
    with lock:
        executor = start_executor(session, ahead=bool(session.stale) or session.request.looks_at_all())
        try:
            loaded = session.load()
            session.log.invalidate(session.refused())
            diagnostics = tuple(session.project.diagnostics)
            if session.is_blocked():
                episode_count, current = len(session.selected), session.current()
                return Outcome(
                    diagnostics, session.project.texts, episode_count, current, 0, 0, (), (), interrupted=False
                )
            check_options(session.request, loaded, len(session.selected))
            if session.request.goals is not None:
                return PartialBuild(session, emit, stop).run(loaded, session.request.goals, executor)
            return SeriesBuild(session, emit, stop).run(loaded, diagnostics, executor)
        finally:
            executor.close(kill=stop.level > 1)
