"""The state of each episode: current, changed (and by which files), never built, or refused.

Checks traces first and lowers only episodes that are not current.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from episodec.engine.notes import EpisodeNote
from episodec.project.authoring import Diagnostic
from episodec.series import noop
from episodec.series.request import Request
from episodec.series.session import Session, opened, places

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
    session.load()
    diagnostics = session.project.diagnostics
    refusals: dict[str, list[str]] = {}
    for diagnostic in diagnostics:
        if diagnostic.severity == "error":
            refusals.setdefault(diagnostic.path, []).append(diagnostic.code)
    notes = session.log.notes()
    if session.cache.index.replaced:  # The traces are gone: a damaged row was found, perhaps only now.
        stale = set(session.selected)
    odd = stale | set(refusals)
    episodes = tuple(
        _episode(session, spec, refusals) if spec in odd else EpisodeStatus(spec, "current", notes=notes.get(spec, ()))
        for spec in session.selected
    )
    return SeriesStatus(session.place.root, episodes, tuple(session.gone), tuple(diagnostics), session.project.texts)


def _episode(session: Session, spec: str, refusals: Mapping[str, list[str]]) -> EpisodeStatus:
    if spec in refusals:
        return EpisodeStatus(spec, "refused", codes=tuple(dict.fromkeys(refusals[spec])))
    changed = session.log.changed(spec)
    if changed is None:
        return EpisodeStatus(spec, "new")
    missing = tuple(path for path in changed if not os.path.lexists(os.path.join(session.place.root, path)))
    return EpisodeStatus(spec, "changed", tuple(changed), missing)
