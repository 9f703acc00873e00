"""Resolves the target of a question to actions, their episodes, and a file in dist/ if it is one.

A target is an action's id or its beginning, a file in dist/, a spec, or the number of an episode.
"""

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from episodec.engine.action import Action, ActionId
from episodec.engine.graph import ActionGraph
from episodec.errors import RejectedSpecs, UsageError
from episodec.project.authoring import nearest
from episodec.project.loaded import LoadedEpisode
from episodec.project.portraits import characters
from episodec.project.tree import Place
from episodec.publishing.index_page import ENTRIES, PAGE
from episodec.publishing.manifest import MANIFESTS, PREVIEWS, previews_of
from episodec.series.goals import SMALL, FramesGoal, Preview, cut_of, goes_on
from episodec.series.request import Request
from episodec.series.session import Session, linked, opened, places

_ID = re.compile(r"(?:(?P<season>[^/]+)-)?(?P<number>\d+)")
_PREVIEW = re.compile(rf"_(\d+)-(\d+)({SMALL})?\.mp4")  # How its name ends: `goals.preview_path`.


@dataclass(frozen=True, slots=True)
class FileStanding:
    """The state of one file in dist/."""

    path: str
    specs: tuple[str, ...]  # The specs that published it.
    state: str  # "as published", "changed" or "missing".


@dataclass(frozen=True, slots=True)
class Named:
    """A resolved target in an open series."""

    session: Session
    target: str  # As it was given.
    file: FileStanding | None  # None: it is not a file in dist/.
    loaded: tuple[LoadedEpisode, ...]  # The episodes of the target.
    graph: ActionGraph  # All of their actions.
    actions: Mapping[ActionId, LoadedEpisode]  # The target's actions, each with an episode that has it.


@contextmanager
def named(request: Request, target: str, notice: Callable[[str], None]) -> Iterator[Named]:
    """Resolve a target; its series is open within the block.

    Raises:
        UsageError: nothing has this name.
        RejectedSpecs: its spec has errors.
    """
    place, targets = series_around(target)
    folder, name = os.path.split(os.path.abspath(target))
    path = os.path.relpath(
        os.path.join(os.path.realpath(folder), name), place.root
    )  # Before the working folder changes.
    if _is_small(place.root, path):  # Its actions are lowered only on request.
        request = replace(request, asked=replace(request.asked, preview=True))
    with opened(place, targets, request, notice) as session:
        yield _Naming(session, target, path).named()


def _is_small(root: str, path: str) -> bool:
    """Whether a path is a small preview, or the manifest of one."""
    folder, _, name = path.rpartition("/")
    if folder.endswith(f"{PREVIEWS}/{MANIFESTS}"):
        there = os.path.join(root, folder.removesuffix(f"/{MANIFESTS}"))
        some = os.listdir(there) if os.path.isdir(there) else []
        return any(one.startswith(name.removesuffix(".json")) and one.endswith(f"{SMALL}.mp4") for one in some)
    return folder.endswith(PREVIEWS) and name.endswith(f"{SMALL}.mp4")


def is_name(target: str) -> bool:
    """Whether a text that does not name a file may name an action or an episode."""
    return bool(_ID.fullmatch(target)) or ("/" in target and not os.path.lexists(target.partition("/")[0] or "/"))


def is_published(target: str) -> bool:
    """Whether a path is in dist/; the file need not exist."""
    return "/dist/" in os.path.abspath(target)


def series_around(target: str) -> tuple[Place, list[str]]:
    """The series of a target, and the targets to open in it.

    Raises:
        UsageError: it belongs to no series, or there are several.
    """
    nearest, *others = places(_around(target))
    if others:
        raise UsageError("there are several series here", hint="change to one with -C, or name a file")
    return nearest


def _around(target: str) -> tuple[str, ...]:
    """A place from which the series of this target can be found; a file in dist/ may be missing."""
    place = os.path.abspath(target) if is_published(target) or os.path.lexists(target) else os.getcwd()
    before, mark, _ = place.partition("/dist/")
    return (before,) if mark else (os.path.dirname(place) if os.path.isfile(place) else place,)


class _Naming:
    """Resolves one target in an open series."""

    def __init__(self, session: Session, target: str, path: str) -> None:
        self._session = session
        self._target = target
        self._path = path  # The target as a path from the user's working folder, relative to the root.

    def named(self) -> Named:
        """The target as a spec, a file in dist/ or an action.

        Raises:
            UsageError: nothing has this name.
            RejectedSpecs: its spec has errors.
        """
        specs, file = self._specs()
        loaded = self._session.project.load(specs, set(self._session.specs))
        if not loaded:
            raise RejectedSpecs(
                "the spec behind this has errors",
                facts={"spec": ", ".join(specs)},
                hint="`episodec validate` shows them",
            )
        graph = linked(loaded)
        meant: dict[ActionId, LoadedEpisode] = {}  # A shared action belongs to its first episode.
        for episode in loaded:
            makers = None if file is None else self._makers(episode)
            for action in episode.lowered.actions:
                if self._meant(episode, action) if makers is None else action.id in makers:
                    meant.setdefault(action.id, episode)
        if not meant:
            self._refuse(loaded, graph, file)
        return Named(self._session, self._target, file, tuple(loaded), graph, meant)

    def _specs(self) -> tuple[list[str], FileStanding | None]:
        """The specs of the target, and its state if it is a file in dist/."""
        session = self._session
        for path in (self._path, self._target):
            if path in session.specs:
                return [path], None
            rows = session.cache.index.rows("SELECT DISTINCT spec, digest FROM published_files WHERE path = ?", (path,))
            if rows:
                self._path = path
                specs = tuple(sorted({row["spec"] for row in rows}))
                present = [spec for spec in specs if spec in session.specs]
                if not present:
                    raise UsageError(
                        "its spec is gone: the next build removes it", facts={"file": path, "spec": specs[0]}
                    )
                return present, FileStanding(path, specs, self._state(path, {row["digest"] for row in rows}))
        return self._page() or (self._numbered(), None)

    def _page(self) -> tuple[list[str], FileStanding] | None:
        """The specs whose entries the index page shows; None if the target is not the index page of this profile."""
        session, folder = self._session, self._session.project.series_file.folder()
        if self._path != f"{folder}/{PAGE}":
            return None
        sql = "SELECT DISTINCT spec FROM published_files WHERE live = 1 AND folder = ? AND path >= ? AND path < ?"
        rows = session.cache.index.rows(sql, (folder, f"{folder}/{ENTRIES}/", f"{folder}/{ENTRIES}0"))
        specs = sorted({row["spec"] for row in rows}.intersection(session.specs))
        if not specs:
            return None
        is_there = os.path.isfile(os.path.join(session.place.root, self._path))
        changed = "changed" if is_there and session.index_page.would_change(folder) else "as published"
        return specs, FileStanding(self._path, tuple(specs), changed if is_there else "missing")

    def _numbered(self) -> list[str]:
        """The specs whose action ids may begin with the target: ids begin with season and number, or with a character
        whose episodes share the action.
        """
        session = self._session
        numbers = session.project.numbers(session.specs)
        if os.path.exists(os.path.join(session.place.root, self._path)) or self._path.startswith("dist/"):
            raise UsageError(
                "this file is neither a result of episodec nor a spec",
                facts={"file": self._path},
                hint="`episodec impact` shows what depends on an author's file",
            )
        first, slash, _ = self._target.partition("/")
        matched = _ID.fullmatch(first)
        specs = [
            spec
            for spec, (season, number) in numbers.items()
            if matched and number == int(matched["number"]) and matched["season"] in (None, season)
        ]
        if not specs and slash and first in characters(session.place):
            specs = list(session.specs)
        if not specs:
            raise UsageError(
                "there is no such action, file or spec",
                facts={"target": self._target},
                hint="name an action, d13-072/voice/0001 or alpha/train/hybrid; all of a stage, d13-072/voice; a file"
                " in dist/; or a spec",
            )
        return specs

    def _state(self, path: str, digests: set[str]) -> str:
        try:
            return "as published" if self._session.digests.of(path) in digests else "changed"
        except OSError:
            return "missing"

    def _makers(self, loaded: LoadedEpisode) -> set[ActionId]:
        """The actions that made the file in dist/."""
        folder, _, name = self._path.rpartition("/")
        outer, _, inner = folder.rpartition("/")
        previews = previews_of(loaded.folder)
        if self._path == f"{loaded.folder}/{PAGE}":
            return self._entry_makers(loaded)
        if folder == previews:
            return _preview_makers(loaded, name)
        if folder == f"{previews}/{MANIFESTS}":
            return {maker for file in self._previews(loaded) for maker in _preview_makers(loaded, file)}
        if (outer, inner) == (loaded.folder, MANIFESTS):  # A manifest depends on every action.
            return {action.id for action in loaded.lowered.actions}
        return {
            one.artifact.action for one in loaded.lowered.deliverables if f"{loaded.folder}/{one.path}" == self._path
        }

    def _entry_makers(self, loaded: LoadedEpisode) -> set[ActionId]:
        return {one.artifact.action for one in loaded.lowered.deliverables if one.path.startswith(f"{ENTRIES}/")}

    def _previews(self, loaded: LoadedEpisode) -> list[str]:
        """The names of an episode's existing previews."""
        sql = "SELECT path FROM published_files WHERE live = 1 AND folder = ? AND spec = ?"
        rows = self._session.cache.index.rows(sql, (previews_of(loaded.folder), loaded.spec))
        return [row["path"].rpartition("/")[2] for row in rows]

    def _meant(self, loaded: LoadedEpisode, action: Action) -> bool:
        if loaded.spec in (self._path, self._target) or _ID.fullmatch(self._target):
            return True
        return any(goes_on(name, self._target) for name in _names_of(loaded, action))

    def _refuse(self, loaded: Sequence[LoadedEpisode], graph: ActionGraph, file: FileStanding | None) -> None:
        """Raises: UsageError, with a hint at a name that exists."""
        if file is not None:
            profile = self._path.split("/")[1]
            series = self._session.project.series
            if series is not None and profile in series.profiles:
                hint = f"`episodec why {self._target} --profile {profile}`"
                raise UsageError("this file belongs to another profile", facts={"file": file.path}, hint=hint)
            hint = "the spec has changed: the next build removes it"
            raise UsageError("its episode no longer delivers this file", facts={"file": file.path}, hint=hint)
        near = nearest(self._target, [name for one in loaded for name in _names(one)])
        raise UsageError(
            "no action has this name",
            facts={"target": self._target, "there are": ", ".join(list(graph.actions)[:20])},
            hint=f"did you mean `{near}`?" if near else None,
        )


def _preview_makers(loaded: LoadedEpisode, name: str) -> set[ActionId]:
    """The actions that made the chunks and the sound of the preview with this name."""
    matched = _PREVIEW.fullmatch(name.removeprefix(loaded.episode.name))
    if matched is None or int(matched[2]) > loaded.episode.frames:
        return set()
    frames = FramesGoal(int(matched[1]), int(matched[2]))
    cut = cut_of(Preview(frames) if matched[3] else frames, loaded)
    return {one.action for one in (*cut.chunks, *([] if cut.sound is None else [cut.sound]))}


def _names(loaded: LoadedEpisode) -> Iterator[str]:
    """All names of an episode's actions."""
    for action in loaded.lowered.actions:
        yield from _names_of(loaded, action)


def _names_of(loaded: LoadedEpisode, action: Action) -> tuple[str, str]:
    """An action's id, and the same without its season."""
    return action.id, action.id.removeprefix(f"{loaded.episode.season}-")
