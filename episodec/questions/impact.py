"""What hangs on a file: the episodes that are looked at again when it changes, and the actions that read it.

All actions behind those count, too, with how long they took. An upper bound: an unchanged result stops a rebuild.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from episodec.engine.action import Action, ActionId
from episodec.engine.graph import ActionGraph
from episodec.engine.plan import Pending
from episodec.errors import UsageError
from episodec.noop import SERIES_FILE
from episodec.project.loading import Loaded
from episodec.session import Request, Session, linked, opened, places, predicted


@dataclass(frozen=True, slots=True)
class Impact:
    """What hangs on one file."""

    file: str  # Relative to the root, or absolute outside of it.
    how: str  # How it is used: "spec", "series", "input", "backend", "checked" or "nothing".
    episodes: tuple[str, ...]  # Specs that are looked at again.
    reads: tuple[ActionId, ...]  # Actions that would run at once; of a spec, series.yaml or character.yaml: at most.
    behind: tuple[ActionId, ...]  # Actions that follow from them, unless a result is unchanged.
    stages: Mapping[str, int]  # Actions of both kinds, by stage.
    seconds: float | None  # Predicted to make them all; None when none of them ever ran.
    unreadable: int  # Episodes with errors, about which nothing can be said.


def impact(request: Request, files: Sequence[str], notice: Callable[[str], None] = lambda _: None) -> list[Impact]:
    """What hangs on each of these files.

    Raises:
        UsageError: a file is in no series, or not there.
    """
    absolute = [os.path.join(os.path.realpath(os.path.dirname(one) or "."), os.path.basename(one)) for one in files]
    found = places(request.targets or tuple(_inside(absolute)))
    if len(found) > 1:
        raise UsageError("these files belong to several series", hint="ask for one series after the other")
    place, _ = found[0]
    with opened(place, [place.folder()], request, notice) as session:
        loaded = session.load_wanted()
        graph = linked(loaded)
        asked = _Graph(session, loaded, graph, unreadable=len(session.wanted) - len(loaded))
        inside = session.place.root.rstrip("/") + "/"
        return [asked.of_any([path.removeprefix(inside) for path in (one, os.path.realpath(one))]) for one in absolute]


def _inside(files: Iterable[str]) -> list[str]:
    """Folders from which the series is found; a file elsewhere (a model, a binary) is asked about from here."""
    from episodec.noop import locate

    folders = [one if os.path.isdir(one) else os.path.dirname(one) for one in files]
    return [folder for folder in folders if locate(folder) is not None][:1]


class _Graph:
    """One series, lowered as a whole."""

    def __init__(self, session: Session, loaded: Sequence[Loaded], graph: ActionGraph, unreadable: int) -> None:
        self._session = session
        self._loaded = loaded
        self._graph = graph
        self._unreadable = unreadable
        self._seconds = session.seconds(graph)
        self._readers: dict[str, list[ActionId]] = {}  # Made once for all files.
        backends = session.project.backends
        for action in graph:
            for path in {*(one.path for one in action.sources()), *backends.watches(action.stage, action.backend)}:
                self._readers.setdefault(path, []).append(action.id)

    def of_any(self, names: Sequence[str]) -> Impact:
        """What hangs on a file, by its names: where it stands, and where links lead from there.

        Raises:
            UsageError: there is no such file, and nothing waits for one.
        """
        answers = [self.of(name) for name in dict.fromkeys(names)]
        known = [one for one in answers if one.how != "nothing"]
        if not known and not os.path.lexists(os.path.join(self._session.place.root, names[0])):
            raise UsageError("there is no such file", facts={"file": names[0]})
        return (known or answers)[0]

    def of(self, file: str) -> Impact:
        """What hangs on one file, relative to the root or absolute."""
        episodes = [one for one in self._loaded if file in one.own or file in one.shared]
        reads = self._readers.get(file, [])
        how = self._how(file, bool(reads), bool(episodes))
        if how in ("spec", "series"):
            reads = list(dict.fromkeys(action.id for one in episodes for action in one.lowered.actions))
        elif how == "backend":
            hit = set(reads)
            episodes = [one for one in self._loaded if any(action.id in hit for action in one.lowered.actions)]
        direct = dict.fromkeys(reads)
        behind = [name for name in self._behind(reads) if name not in direct]
        names = [*direct, *behind]
        return Impact(
            file=file,
            how=how,
            episodes=tuple(one.spec for one in episodes),
            reads=tuple(direct),
            behind=tuple(behind),
            stages=dict(Counter(self._graph.actions[name].stage for name in names)),
            seconds=self._predicted(names),
            unreadable=self._unreadable,
        )

    def _how(self, file: str, read: bool, known: bool) -> str:  # noqa: FBT001 - called once, above.
        name = os.path.basename(file)
        if file in self._session.specs:
            return "spec"
        if known and name in (SERIES_FILE, "character.yaml"):
            return "series"
        if read:
            return "backend" if os.path.isabs(file) else "input"
        return "checked" if known else "nothing"

    def _behind(self, names: Iterable[ActionId]) -> list[ActionId]:
        """All that read these actions' outputs, directly or not."""
        found: dict[ActionId, None] = {}
        todo = list(names)
        while todo:
            for reader in self._graph.readers[todo.pop()]:
                if reader not in found:
                    found[reader] = None
                    todo.append(reader)
        return list(found)

    def _predicted(self, names: Iterable[ActionId]) -> float | None:
        """As `plan` would say, were these all pending."""
        wanted = set(names)

        def seconds(action: Action) -> float | None:
            return self._seconds(action) if action.id in wanted else None

        return predicted(self._graph, dict.fromkeys(self._graph.actions, Pending(())), seconds, self._session.jobs())
