"""The state of each episode: current, changed (and by which files), never built, or refused.

Checks traces first and lowers only episodes that are not current.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from episodec.engine.notes import EpisodeNote
from episodec.engine.plan import judge_all
from episodec.errors import SettingsError
from episodec.project.authoring import Diagnostic
from episodec.project.loaded import LoadedEpisode
from episodec.questions.fetching import SharedPart, delivered_by, shared_part
from episodec.series import noop
from episodec.series.request import Request
from episodec.series.session import Session, linked, opened, places

State = Literal["current", "changed", "new", "refused"]


@dataclass(frozen=True, slots=True)
class EpisodeStatus:
    """One episode."""

    spec: str
    state: State
    changed: tuple[str, ...] = ()  # Files that changed since it was built; empty: episodec itself changed.
    missing: tuple[str, ...] = ()  # Of `changed`, those that are gone.
    codes: tuple[str, ...] = ()  # The codes of its errors.
    notes: tuple[EpisodeNote, ...] = ()  # The notes of its last build, if it is current.
    shared: SharedPart = SharedPart()  # Results in a shared cache, if it is not current.


@dataclass(frozen=True, slots=True)
class SeriesStatus:
    """One series."""

    root: str
    episodes: tuple[EpisodeStatus, ...]
    gone: tuple[str, ...]  # Specs that were built and no longer exist.
    diagnostics: tuple[Diagnostic, ...]
    texts: Mapping[str, str]


def status(
    request: Request,
    notice: Callable[[str], None] = lambda _: None,
    standings: Mapping[str, noop.SeriesState] | None = None,
) -> list[SeriesStatus]:
    """The states of the chosen episodes of every series. `standings`: the known states of series, by folder."""
    answers = []
    for place, targets in places(request.targets):
        state = (standings or {}).get(place.folder())
        with opened(place, targets, request, notice, state) as session:
            answers.append(_series(session))
    return answers


def _series(session: Session) -> SeriesStatus:
    stale = set(session.stale)
    loaded = session.load()
    diagnostics = session.project.diagnostics
    refusals: dict[str, list[str]] = {}
    for diagnostic in diagnostics:
        if diagnostic.severity == "error":
            refusals.setdefault(diagnostic.path, []).append(diagnostic.code)
    notes = session.log.notes()
    if session.cache.index.replaced:  # The traces are gone: a damaged row was found, perhaps only now.
        stale = set(session.selected)
    odd = stale | set(refusals)
    shared = _shared(session, loaded)

    def state(spec: str) -> EpisodeStatus:
        if spec not in odd:
            return EpisodeStatus(spec, "current", notes=notes.get(spec, ()))
        return replace(_episode(session, spec, refusals), shared=shared.get(spec, SharedPart()))

    episodes = tuple(map(state, session.selected))
    return SeriesStatus(session.place.root, episodes, tuple(session.gone), tuple(diagnostics), session.project.texts)


def _shared(session: Session, loaded: Sequence[LoadedEpisode]) -> dict[str, SharedPart]:
    """The results in the shared cache, by spec. Without one, nothing is judged."""
    if session.shared is None:
        return {}
    try:
        judged = judge_all(linked(loaded), session.knowledge())
    except SettingsError:  # A backend is not set up here, which `plan` reports.
        return {}
    return {one.spec: shared_part(one.lowered.actions, judged, delivered_by([one])) for one in loaded}


def _episode(session: Session, spec: str, refusals: Mapping[str, list[str]]) -> EpisodeStatus:
    if spec in refusals:
        return EpisodeStatus(spec, "refused", codes=tuple(dict.fromkeys(refusals[spec])))
    changed = session.log.changed(spec)
    if changed is None:
        return EpisodeStatus(spec, "new")
    missing = tuple(path for path in changed if not os.path.lexists(os.path.join(session.place.root, path)))
    return EpisodeStatus(spec, "changed", tuple(changed), missing)
