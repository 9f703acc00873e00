"""Which actions read a file themselves, and which episodes look at it. Knows nothing of what follows from that."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from episodec.digest import Canonical, is_digest
from episodec.engine.action import ActionId
from episodec.engine.graph import ActionGraph
from episodec.errors import SettingsError, UsageError
from episodec.project.loaded import Loaded
from episodec.project.tree import SERIES_FILE, locate
from episodec.series.request import Request
from episodec.series.session import Session, linked, opened, places


@dataclass(frozen=True, slots=True)
class Direct:
    """Who looks at one file."""

    file: str  # Relative to the root, or absolute outside of it.
    how: str  # How it is used: "spec", "series", "input", "backend", "checked" or "nothing".
    episodes: tuple[Loaded, ...]  # That are looked at again when it changes.
    # Actions that read it; of a spec, series.yaml, character.yaml or a camera path: all that may.
    reads: tuple[ActionId, ...]


@dataclass(frozen=True, slots=True)
class Readable:
    """A series, lowered as a whole."""

    session: Session
    loaded: Sequence[Loaded]
    graph: ActionGraph
    readers: "Readers"

    @property
    def unreadable(self) -> int:
        """Episodes with errors, about which nothing can be said."""
        return len(self.session.wanted) - len(self.loaded)

    def direct(self, names: Sequence[str]) -> Direct:
        """Who looks at a file, by its names: where it stands, and where links lead from there.

        Raises:
            UsageError: there is no such file, and nothing waits for one; or it is a folder, and no backend loads it.
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
        if any(file in one.decides for one in episodes):  # What lowering made of it stands in their inputs and params.
            return Direct(file, "series", tuple(episodes), tuple(lowered))
        if reads := self.readers.of(file, episodes):
            return Direct(file, "input", tuple(episodes), tuple(reads))
        if episodes:
            return Direct(file, "checked", tuple(episodes), ())
        loads = self.readers.through_backends(os.path.join(self.session.place.root, file))
        hit = set(loads)
        episodes = [one for one in self.loaded if any(action.id in hit for action in one.lowered.actions)]
        return Direct(file, "backend" if loads else "nothing", tuple(episodes), tuple(loads))

    def _own(self, lowered: Sequence[ActionId], episodes: Sequence[Loaded]) -> list[ActionId]:
        """Those of these actions that no other episode has, too: what all lower alike hangs on none of their specs."""
        specs = {one.spec for one in episodes}
        others = {action.id for one in self.loaded if one.spec not in specs for action in one.lowered.actions}
        return [name for name in lowered if name not in others]


class Readers:
    """Actions by the files that they read as inputs, that their params name by digest, or that their backends load."""

    def __init__(self, session: Session, graph: ActionGraph, notice: Callable[[str], None]) -> None:
        self._session = session
        self._graph = graph
        self._notice = notice
        self._inputs: dict[str, set[ActionId]] = {}
        self._told: dict[str, set[ActionId]] | None = None
        self._loads: Mapping[str, list[ActionId]] | None = None
        for action in graph:
            for path in {one.path for one in action.sources()}:
                self._inputs.setdefault(path, set()).add(action.id)

    def of(self, file: str, episodes: Iterable[Loaded]) -> list[ActionId]:
        """The actions that have this file, relative to the root, as an input, or its digest in their params.

        `episodes`: those that hang on the file; of others, an equal digest is that of an equal file.
        """
        if self._told is None:
            self._told = self._telling()
        found = set(self._inputs.get(file, ()))
        for one in episodes:
            digest = one.own.get(file) or one.shared.get(file) or ""
            if telling := self._told.get(digest):
                found |= telling.intersection(action.id for action in one.lowered.actions)
        return [action.id for action in self._graph if action.id in found] if found else []

    def _telling(self) -> dict[str, set[ActionId]]:
        """The actions by each digest that stands in their params."""
        found: dict[str, set[ActionId]] = {}
        for action in self._graph:
            for digest in digests_in(action.params):
                found.setdefault(digest, set()).add(action.id)
        return found

    def through_backends(self, path: str) -> list[ActionId]:
        """The actions whose backend loads the file at this absolute path."""
        if self._loads is None:
            self._loads = self._watched()
        return self._loads.get(path, [])

    def _watched(self) -> dict[str, list[ActionId]]:
        """A backend that this machine cannot run yet loads nothing here: that is told, and is no reason to fail."""
        backends = self._session.project.backends
        found: dict[str, list[ActionId]] = {}
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
                found.setdefault(path, []).append(action.id)
        return found


def digests_in(value: Canonical | Mapping[str, Canonical]) -> Iterator[str]:
    """Every digest in a plain value."""
    if isinstance(value, str):
        if is_digest(value):
            yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from digests_in(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from digests_in(one)


@contextmanager
def asked_about(
    request: Request, files: Sequence[str], notice: Callable[[str], None]
) -> Iterator[tuple[Readable, list[list[str]]]]:
    """The series that these files belong to, and the names of each: relative to its root, or absolute outside.

    Raises:
        UsageError: a file is in no series, or they are in several.
    """
    absolute = [os.path.join(os.path.realpath(os.path.dirname(one) or "."), os.path.basename(one)) for one in files]
    found = places(request.targets or tuple(_inside(absolute)))
    if len(found) > 1:
        raise UsageError("these files belong to several series", hint="ask for one series after the other")
    place, _ = found[0]
    with opened(place, [place.folder()], request, notice) as session:
        loaded = session.load_wanted()
        graph = linked(loaded)
        inside = session.place.root.rstrip("/") + "/"
        names = [[path.removeprefix(inside) for path in (one, os.path.realpath(one))] for one in absolute]
        yield Readable(session, loaded, graph, Readers(session, graph, notice)), names


def _inside(files: Iterable[str]) -> list[str]:
    """Folders from which the series is found; a file elsewhere (a model, a binary) is asked about from here."""
    folders = [one if os.path.isdir(one) else os.path.dirname(one) for one in files]
    return [folder for folder in folders if locate(folder) is not None][:1]
