"""One series opened for a command: its store, its project and the judge's knowledge. Shared by builds and questions."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import chdir, contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from episodec.digest import Canonical, Digest
from episodec.engine.action import Action, ActionId
from episodec.engine.cache import Blob, Record
from episodec.engine.graph import ActionGraph, link, longest_path, part
from episodec.engine.plan import Hit, Knowledge, Verdict, judge_all
from episodec.errors import BackendError, ProjectError, SettingsError, UsageError
from episodec.project import tree
from episodec.project.backend_checks import check_here
from episodec.project.elsewhere import links_elsewhere
from episodec.project.loaded import LoadedEpisode
from episodec.project.loading import Project
from episodec.project.own_cache import check_cache
from episodec.project.systems import SYSTEMS
from episodec.project.takes import read_takes
from episodec.project.tree import Place
from episodec.publishing.index_page import IndexPage
from episodec.publishing.manifest import MANIFESTS, Delivery
from episodec.publishing.publish import Publisher
from episodec.series import noop
from episodec.series.caches import opened_cache
from episodec.series.goals import Cut, preview_path
from episodec.series.request import HEARD, SOON_S, Request
from episodec.series.select import is_number, select
from episodec.series.shared import SharedChoice, Sharing, sharing
from episodec.series.takes import SeriesTakes
from episodec.store import traces
from episodec.store.cache import DiskCache
from episodec.store.claims import Claims
from episodec.store.delivered import delivered_films
from episodec.store.digests import FileDigests
from episodec.store.signature import Signature
from episodec.store.trace_log import TraceLog


@dataclass(slots=True)
class Session:
    """One open series. While it is open, the working folder is the root, since the store's paths are relative to it."""

    place: Place
    request: Request
    cache: DiskCache
    digests: FileDigests
    project: Project
    log: TraceLog
    publisher: Publisher
    index_page: IndexPage
    specs: list[str]  # All specs of the series.
    selected: list[str]  # The requested ones.
    stale: list[str]  # The requested ones whose traces fail.
    other_stale: list[str]  # Other specs whose traces fail.
    gone: list[str]  # Specs with a trace that do not exist any more.
    shared: Sharing | None  # The shared cache.
    takes: SeriesTakes  # The approved takes of the loaded episodes.

    def load(self) -> list[LoadedEpisode]:
        """The requested and stale episodes, lowered; with `force` or `remake`, all requested ones.
        Diagnostics stay in `project`.
        """
        return self._load(self.selected if self.request.looks_at_all() else self.stale)

    def load_selected(self) -> list[LoadedEpisode]:
        """All requested episodes, lowered, including those whose traces hold."""
        return self._load(self.selected)

    def _load(self, specs: Sequence[str]) -> list[LoadedEpisode]:
        loaded = self.project.load(specs, set(self.specs), besides=self.other_stale, gone=self.gone)
        self.takes.add(loaded)
        return loaded

    def refused(self) -> list[str]:
        """The specs of the series that have errors. A current one may be among them, because another one changed."""
        wrong = self.project.refused()
        return [spec for spec in self.specs if spec in wrong]

    def removals(self) -> set[str]:
        """The deleted specs whose files are to leave dist/. None while a spec is misnamed: it may be one of them."""
        return set() if self.project.has_misnamed else {*self.gone, *self.publisher.gone(self.specs)}

    def is_blocked(self) -> bool:
        """Whether errors prevent the whole build. Without a series there is nothing to keep going with."""
        project = self.project
        return project.series is None or (project.has_errors() and not self.request.keep_going)

    def current(self) -> int:
        """How many of the requested specs are current, once the others are loaded."""
        return 0 if self.request.looks_at_all() else len({*self.selected}.difference(self.stale, self.refused()))

    def knowledge(self) -> Knowledge:
        """The knowledge that the judge decides from."""
        force = self.request.force
        return Knowledge(
            self.cache.lookup,
            self.cache.last,
            self.fingerprint,
            (lambda _: True) if force else (lambda _: False),
            lambda action: action.stage in self.request.remake,
            None if self.shared is None else self.shared.ask,
            None if self.takes.is_empty() else self.takes,
        )

    def locked_contents(self) -> set[Digest]:
        """The contents that the approved takes of all specs name, whether or not these have errors.

        Raises:
            ProjectError: a takes file cannot be read whole, so what it approves is unknown.
        """
        files: list[str] = []
        tree.spec_files(self.place, takes=files)
        contents: set[Digest] = set()
        for path in files:
            _, locks, diagnostics = read_takes(self.place.root, path)
            if wrong := [one.message for one in diagnostics if one.code != "F431"]:  # Two takes for the same are read.
                sentence = "a takes file has errors, so the results that it approves are unknown"
                facts = {"file": path, "error": wrong[0]}
                raise ProjectError(
                    sentence, facts=facts, hint="restore the file from git, or correct it; nothing was removed"
                )
            contents |= {output.digest for lock in locks for output in lock.outputs.values()}
        return contents

    def check_backends(self, graph: ActionGraph) -> None:
        """Refuse a graph with a backend that cannot run here.

        Raises:
            SettingsError: see `backend_checks.check_here`.
        """
        check_here(self.project.backends, (action.backend for action in graph if not self.takes.covers(action)))

    def fingerprint(self, stage: str, backend: str) -> Mapping[str, Canonical]:
        """The part of a backend in keys. Where its system is not installed, and takes are approved, there is none:
        no result has such a key.
        """
        try:
            return self.project.backends.fingerprint(stage, backend)
        except (SettingsError, BackendError) as error:
            if self.takes.is_empty():
                raise
            return {"not installed": error.sentence}

    def watches(self, action: Action) -> Mapping[str, Signature]:
        """The files behind the fingerprint of an action's backend; none where its system is not installed and its take
        is approved.
        """
        try:
            return self.project.backends.watches(action.stage, action.backend)
        except (SettingsError, BackendError):
            if not self.takes.covers(action):
                raise
            return {}

    def older_adapters(self, judged: Mapping[ActionId, Verdict], actions: Iterable[Action]) -> tuple[ActionId, ...]:
        """The actions among these whose results came from an older version of their adapter's code. They are kept."""
        ids = []
        for action in actions:
            verdict = judged[action.id]
            if not isinstance(verdict, Hit) or verdict.is_locked:
                continue
            code = self.project.backends.adapter(action.backend)
            if code is not None and self.cache.code_of(verdict.key) not in (None, code):
                ids.append(action.id)
        return tuple(ids)

    def made_files(self, loaded: LoadedEpisode, action: Action) -> dict[str, Path] | None:
        """An action's files by name, to be read while the series is open; None if they are not made for the
        current state.

        Only the action's own needs are judged: other parts of its episode may need tools that are not installed here.
        """
        graph = part(linked([loaded]), [action.id])
        verdict = judge_all(graph, self.knowledge())[action.id]
        if not isinstance(verdict, Hit):
            return None
        blobs = verdict.record.outputs.values()
        if verdict.is_locked and any(
            one.place is None and not self.cache.blobs.has(one.digest, one.size) for one in blobs
        ):
            return None  # Its bytes are in git, and a question brings nothing into the cache.
        return {name: self.cache.open_blob(blob.digest) for name, blob in verdict.record.outputs.items()}

    def films(self, specs: Sequence[str]) -> tuple[str, ...]:
        """The films and sound that these specs have in dist/, relative to the root."""
        folder = self.project.series_file.folder()
        return tuple(delivered_films(self.cache.layout.index, folder, specs))

    def jobs(self) -> int:
        """How many processors a build may use."""
        return self.request.jobs or self.project.settings.jobs or traces.processors()

    def seconds(self, graph: ActionGraph) -> Callable[[Action], float | None]:
        """The predicted seconds of each action, from recorded runs."""
        known = self.cache.seconds_for_many((action.id, action.stage, action.backend) for action in graph)
        return lambda action: known.get(action.id)

    def urgency(self, seconds: Callable[[Action], float | None]) -> Callable[[Action], float]:
        """The seconds of each action for the order of starts: recorded, or else declared by its backend."""
        declared, hears = self.project.backends.expected_s, self.request.hears

        def urgent(action: Action) -> float:
            predicted_s = declared(action) if (known := seconds(action)) is None else known
            return predicted_s + SOON_S if hears and action.stage == HEARD else predicted_s

        return urgent

    def delivery(
        self, loaded: LoadedEpisode, records: Mapping[ActionId, Record], keys: Mapping[ActionId, str]
    ) -> Delivery:
        """An episode's delivery, once all its actions are made."""
        from episodec import __version__

        files = {
            one.path: records[one.artifact.action].outputs[one.artifact.output] for one in loaded.lowered.deliverables
        }
        facts: dict[str, Canonical] = {
            "title": loaded.episode.title,
            "episode": loaded.digest,
            "rate": loaded.episode.rate,
            "frames": loaded.episode.frames,
            "source": None if loaded.source is None else loaded.source.plain(),
            "disclosure": loaded.episode.disclosure,
            "profile": loaded.profile,
            "tool": f"episodec {__version__}",
            "licences": self._licences(loaded),
            "actions": self._actions_of(loaded, records, keys),
        }
        return Delivery(loaded.spec, loaded.episode.name, loaded.folder, files, facts)

    def preview_delivery(
        self,
        loaded: LoadedEpisode,
        cut: Cut,
        film: Blob,
        records: Mapping[ActionId, Record],
        keys: Mapping[ActionId, str],
    ) -> Delivery:
        """The delivery of a preview. records: of all actions that it is made of, and maybe of others."""
        folder, _, name = preview_path(cut, loaded).rpartition("/")
        facts: dict[str, Canonical] = {
            "preview": True,
            "episode": loaded.digest,
            "rate": loaded.episode.rate,
            "start_frame": cut.start_frame,
            "frames": cut.end_frame - cut.start_frame,
            "source": None if loaded.source is None else loaded.source.plain(),
            "actions": self._actions_of(loaded, records, keys),
        }
        return Delivery(loaded.spec, loaded.episode.name, folder, {name: film}, facts)

    def _actions_of(
        self, loaded: LoadedEpisode, records: Mapping[ActionId, Record], keys: Mapping[ActionId, str]
    ) -> dict[str, Canonical]:
        """The episode's actions that have records, for its manifest."""
        return {
            action.id: {
                "key": keys[action.id],
                "stage": action.stage,
                "backend": action.backend,
                "fingerprint": self.fingerprint(action.stage, action.backend),
                "outputs": {name: blob.digest for name, blob in sorted(records[action.id].outputs.items())},
            }
            for action in loaded.lowered.actions
            if action.id in records
        }

    def systems(self) -> dict[str, str | None]:
        """The foreign systems of all profiles and their terms of use, in the order of the profiles."""
        profiles = {} if self.project.series is None else self.project.series.profiles
        names = dict.fromkeys(name for one in profiles.values() for name in one.backends.values())
        known = self.project.backends.targets()
        return {name: self.project.backends.licence(name) for name in names if name in SYSTEMS and name in known}

    def _licences(self, loaded: LoadedEpisode) -> dict[str, Canonical]:
        """The terms of use of the systems that took part, by backend; episodec's own have none."""
        names = sorted({action.backend for action in loaded.lowered.actions})
        return {name: licence for name in names if (licence := self.project.backends.licence(name)) is not None}


def places(targets: Sequence[str]) -> list[tuple[Place, list[str]]]:
    """The series that contain these targets, each with its own targets; numbers and ranges belong to the series here.

    Raises:
        UsageError: a target is in no series, or the working folder is not.
    """
    paths = [target for target in targets if os.path.lexists(target)]
    named = set(paths)
    others = [target for target in targets if target not in named]
    for target in others:
        if not is_number(target):
            hint = "a path must exist; numbers are written 72, 70-75 or d13/72"
            raise UsageError("there is no such file or folder", facts={"target": target}, hint=hint)
    series: dict[tuple[str, str], tuple[Place, list[str]]] = {}
    known: dict[str, Place | None] = {}  # By folder: a shell's `*` names thousands of files in one folder.
    for path in paths or ["."]:
        real = os.path.realpath(path)
        folder = real if os.path.isdir(real) else os.path.dirname(real)
        if folder not in known:
            known[folder] = tree.locate(folder)
        here = known[folder]
        for place in [here] if here is not None else tree.locate_below(path):
            series.setdefault((place.root, place.series), (place, []))[1].append(path if paths else place.folder())
    if not series:
        hint = "create one with `episodec new`, or name its folder: `episodec build episodes/`"
        raise UsageError(
            "no series.yaml was found in this folder or above it",
            facts={"place": ", ".join(paths) or os.getcwd()},
            hint=hint,
        )
    if others:
        if len(series) > 1:
            raise UsageError(
                "numbers are ambiguous: there are several series here",
                facts={"numbers": " ".join(others)},
                hint="name the series' folder, too",
            )
        for _, own in series.values():
            own[:] = (own if paths else []) + others
    return list(series.values())


@contextmanager
def opened(
    place: Place,
    targets: Sequence[str],
    request: Request,
    notice: Callable[[str], None],
    standing: noop.SeriesState | None = None,
) -> Iterator[Session]:
    """Open the series, with the working folder at its root. `standing`: the state that the no-op path found."""
    absolute = {os.path.abspath(target) if os.path.lexists(target) else target: target for target in targets}
    state = standing or _series_state(place, request)
    specs, gone, compiler = state.specs, state.gone, state.toolchain
    for folder in state.skipped_links:
        notice(f"{folder} is a link that leads out of the project: its specs are left out")
    for sentence in links_elsewhere(place, targets or ["."]):
        notice(sentence)
    check_cache(place.root, place.cache())
    with chdir(place.root), opened_cache(place, request, notice) as cache:
        digests = FileDigests(cache.index, place.root)
        project = Project(place, cache.index, digests, request.asked, compiler, request.environment)
        if request.backends is not None or request.worker_path:
            project.use_backends(request.backends, request.worker_path)
        if request.lower is not None:
            project.use_lowering(request.lower)
        project.refuse_misnamed(state.strays)
        log = TraceLog(cache.index, digests, place.series, request.asked.variant(), compiler)
        selected = select(absolute, place, specs, project.numbers)
        known: dict[int, bool] = {}
        with cache.batch():  # A fresh checkout changes every signature: one write for all of them.
            fallen = [spec for spec in state.stale if not log.refresh(spec, known, _takes_there(spec))]
            if fallen or known:
                log.folders.settle()
        chosen = set(selected)
        root, variant = Path(place.root), request.asked.variant()
        publisher = Publisher(root, Claims(cache.index, place.series), cache.blobs, digests)
        cache.index.when_replaced(publisher.import_manifests)  # Manifests in dist/ list episodec's files, too.
        index_page = IndexPage(root, cache.layout, cache.index, cache.blobs, place.series, variant, compiler)
        stale = [spec for spec in fallen if spec in chosen]
        besides = [spec for spec in fallen if spec not in chosen]
        named = project.series.shared_cache if project.series is not None else None
        shared = sharing(SharedChoice(project.settings, named, request), cache, place.root, notice)
        takes = SeriesTakes(
            cache,
            place.series,
            project.backends.is_adapter,
            is_locked=request.locked,
            reads_shared=shared is not None,
            only_reads=request.only_reads,
        )
        parts = publisher, index_page, specs, selected, stale, besides, gone, shared, takes
        yield Session(place, request, cache, digests, project, log, *parts)


def _takes_there(spec: str) -> str | None:
    """The takes file of a spec, if there is one."""
    path = tree.takes_of(spec)
    return path if os.path.lexists(path) else None


def delivered(loaded: LoadedEpisode) -> tuple[str, ...]:
    """The paths of an episode in dist/, relative to the root: its deliverables and its manifest."""
    paths = [f"{loaded.folder}/{one.path}" for one in loaded.lowered.deliverables]
    return (*paths, str(PurePosixPath(loaded.folder, MANIFESTS, f"{loaded.episode.name}.json")))


def _series_state(place: Place, request: Request) -> noop.SeriesState:
    try:
        return noop.series_state(place, request.asked.variant(), request.environment)
    except OSError as error:
        facts = {"folder": error.filename or place.folder(), "reason": error.strerror or error}
        raise ProjectError("a folder of the series cannot be read", facts=facts) from error


def linked(loaded: Iterable[LoadedEpisode]) -> ActionGraph:
    """The graph of these episodes; shared actions are in it once."""
    return link(action for one in loaded for action in one.lowered.actions)


def predicted(
    graph: ActionGraph, plan: Mapping[ActionId, Verdict], seconds: Callable[[Action], float | None], jobs: int
) -> float | None:
    """Predicted seconds until everything that is not a hit is made, from recorded durations; None if none
    of it ever ran.

    The maximum of the longest chain and of all work divided by the jobs: no schedule is shorter.
    """
    known = {
        action.id: duration_s
        for action in graph
        if not isinstance(plan[action.id], Hit) and (duration_s := seconds(action)) is not None
    }
    if not known:
        return None
    return max(*longest_path(graph, known).values(), sum(known.values()) / max(jobs, 1))
