"""The actions that read a file directly, and the episodes that depend on it. Ignores what follows from them."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from episodec.digest import Canonical, is_digest
from episodec.engine.action import ActionId
from episodec.engine.graph import ActionGraph
from episodec.errors import SettingsError, UsageError
from episodec.project.loaded import LoadedEpisode
from episodec.project.tree import SERIES_FILE, locate
from episodec.series.request import Request
from episodec.series.session import Session, linked, opened, places


@dataclass(frozen=True, slots=True)
class Direct:
    """The direct readers of one file."""

    file: str  # Relative to the root, or absolute outside of it.
    how: str  # How it is used: "spec", "series", "input", "backend", "checked" or "nothing".
    episodes: tuple[LoadedEpisode, ...]  # Those that are checked again when it changes.
    # Actions that read it; for a spec, series.yaml, character.yaml or a camera path, all that may.
    reads: tuple[ActionId, ...]


@dataclass(frozen=True, slots=True)
class Readable:
    """A series, lowered as a whole."""

    session: Session
    loaded: Sequence[LoadedEpisode]
    graph: ActionGraph
    readers: "Readers"

    @property
    def unreadable(self) -> int:
        """The number of episodes with errors, whose dependencies are unknown."""
        return len(self.session.selected) - len(self.loaded)

    def direct(self, names: Sequence[str]) -> Direct:
        """The direct readers of a file, given by its path and its path with links resolved.

        Raises:
            UsageError: the file does not exist and nothing reads it; or it is a folder, and no backend loads it.
        """
        answers = [self._direct(name) for name in dict.fromkeys(names)]
        known = [one for one in answers if one.how != "nothing"]
        path = os.path.join(self.session.place.root, names[0])
        if not known and os.path.isdir(path):
            facts = {"file": os.path.normpath(names[0])}
            raise UsageError("this is a folder", facts=facts, hint="name a file in it")
        if not known and not os.path.lexists(path):
            raise UsageError("there is no such file", facts={"file": names[0]})
        return (known or answers)[0]

    def _direct(self, file: str) -> Direct:
        episodes = [one for one in self.loaded if file in one.own or file in one.shared]
        lowered = list(dict.fromkeys(action.id for one in episodes for action in one.lowered.actions))
        if file in self.session.specs:
            return Direct(file, "spec", tuple(episodes), tuple(self._own(lowered, episodes)))
        if episodes and os.path.basename(file) in (SERIES_FILE, "character.yaml"):
            return Direct(file, "series", tuple(episodes), tuple(lowered))
        if any(file in one.decides for one in episodes):  # Lowering puts its contents into their inputs and params.
            return Direct(file, "series", tuple(episodes), tuple(lowered))
        if reads := self.readers.of(file, episodes):
            return Direct(file, "input", tuple(episodes), tuple(reads))
        if episodes:
            return Direct(file, "checked", tuple(episodes), ())
        loads = self.readers.through_backends(os.path.join(self.session.place.root, file))
        hit = set(loads)
        episodes = [one for one in self.loaded if any(action.id in hit for action in one.lowered.actions)]
        return Direct(file, "backend" if loads else "nothing", tuple(episodes), tuple(loads))

    def _own(self, lowered: Sequence[ActionId], episodes: Sequence[LoadedEpisode]) -> list[ActionId]:
        """Those actions that no other episode has: actions that episodes share depend on none of their specs."""
        specs = {one.spec for one in episodes}
        others = {action.id for one in self.loaded if one.spec not in specs for action in one.lowered.actions}
        return [name for name in lowered if name not in others]


class Readers:
    """Finds the actions that read a file as an input, have its digest in their params, or whose backend loads it."""

    def __init__(self, session: Session, graph: ActionGraph, notice: Callable[[str], None]) -> None:
        self._session = session
        self._graph = graph
        self._notice = notice
        self._inputs: dict[str, set[ActionId]] = {}
        self._by_telling: dict[str, set[ActionId]] | None = None
        self._loads: Mapping[str, list[ActionId]] | None = None
        for action in graph:
            for path in {one.path for one in action.sources()}:
                self._inputs.setdefault(path, set()).add(action.id)

    def of(self, file: str, episodes: Iterable[LoadedEpisode]) -> list[ActionId]:
        """The actions that have this file, relative to the root, as an input, or its digest in their params.

        `episodes`: those that depend on the file. Params of other episodes are ignored, since an equal digest there
        comes from another file with equal contents.
        """
        if self._by_telling is None:
            self._by_telling = self._telling()
        ids = set(self._inputs.get(file, ()))
        for episode in episodes:
            digest = episode.own.get(file) or episode.shared.get(file) or ""
            if telling := self._by_telling.get(digest):
                ids |= telling.intersection(action.id for action in episode.lowered.actions)
        return [action.id for action in self._graph if action.id in ids] if ids else []

    def _telling(self) -> dict[str, set[ActionId]]:
        """The actions by digests in their params."""
        by_digest: dict[str, set[ActionId]] = {}
        for action in self._graph:
            for digest in digests_in(action.params):
                by_digest.setdefault(digest, set()).add(action.id)
        return by_digest

    def through_backends(self, path: str) -> list[ActionId]:
        """The actions whose backend loads the file at this absolute path."""
        if self._loads is None:
            self._loads = self._watched()
        return self._loads.get(path, [])

    def _watched(self) -> dict[str, list[ActionId]]:
        """Actions by the files that their backends load. A backend that is not set up here only causes a notice."""
        backends = self._session.project.backends
        by_path: dict[str, list[ActionId]] = {}
        missing: dict[str, None] = {}
        for action in self._graph:
            if action.backend in missing:
                continue
            try:
                watches = backends.watches(action.stage, action.backend)
            except SettingsError as error:
                missing[action.backend] = None
                self._notice(
                    f"backend {action.backend} is not set up here, so its files are not known: {error.sentence}"
                )
                continue
            for path in watches:
                by_path.setdefault(path, []).append(action.id)
        return by_path


def digests_in(value: Canonical | Mapping[str, Canonical]) -> Iterator[str]:
    """Every digest in a plain value."""
    if isinstance(value, str):
        if is_digest(value):
            yield value
    elif isinstance(value, Mapping):
        for element in value.values():
            yield from digests_in(element)
    elif isinstance(value, list | tuple):
        for element in value:
            yield from digests_in(element)


@contextmanager
def asked_about(
    request: Request, files: Sequence[str], notice: Callable[[str], None]
) -> Iterator[tuple[Readable, list[list[str]]]]:
    """The series of these files, and each file's paths, as given and with links resolved, relative to the root.

    Raises:
        UsageError: a file is in no series, or the files are in several.
    """
    absolute = [os.path.join(os.path.realpath(os.path.dirname(one) or "."), os.path.basename(one)) for one in files]
    series_places = places(request.targets or tuple(_inside(absolute)))
    if len(series_places) > 1:
        raise UsageError("these files belong to several series", hint="ask about one series at a time")
    place, _ = series_places[0]
    with opened(place, [place.folder()], request, notice) as session:
        loaded = session.load_selected()
        graph = linked(loaded)
        inside = session.place.root.rstrip("/") + "/"
        names = [[path.removeprefix(inside) for path in (one, os.path.realpath(one))] for one in absolute]
        yield Readable(session, loaded, graph, Readers(session, graph, notice)), names


def _inside(files: Iterable[str]) -> list[str]:
    """Folders in which to look for the series; for a file outside (a model, a binary) the working folder is used."""
    folders = [one if os.path.isdir(one) else os.path.dirname(one) for one in files]
    return [folder for folder in folders if locate(folder) is not None][:1]
