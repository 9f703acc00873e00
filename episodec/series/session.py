"""One series opened for a command: its store, its project, and what the judge may ask. Shared by build and by the
questions.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import chdir, contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from episodec.digest import Canonical
from episodec.engine.action import Action, ActionId
from episodec.engine.cache import Record
from episodec.engine.graph import ActionGraph, link, longest_path, part
from episodec.engine.plan import Hit, Knowledge, Verdict, judge_all
from episodec.errors import ProjectError, UsageError
from episodec.project import tree
from episodec.project.backend_checks import check_here
from episodec.project.elsewhere import links_elsewhere
from episodec.project.loaded import Loaded
from episodec.project.loading import Project
from episodec.project.own_cache import check_cache
from episodec.project.tree import Place
from episodec.publishing.index_page import Bindery
from episodec.publishing.manifest import MANIFESTS, Parcel
from episodec.publishing.publish import Press
from episodec.series import noop
from episodec.series.caches import opened_cache
from episodec.series.request import HEARD, SOON_S, Request
from episodec.series.select import is_number, select
from episodec.store import traces
from episodec.store.cache import DiskCache
from episodec.store.digests import FileDigests
from episodec.store.trace_log import TraceLog


@dataclass(slots=True)
class Session:
    """One open series. The working folder is the root while it is open, since the store's paths are relative to it."""

    place: Place
    request: Request
    cache: DiskCache
    digests: FileDigests
    project: Project
    log: TraceLog
    press: Press
    bindery: Bindery
    specs: list[str]  # All of the series.
    wanted: list[str]  # Those that were asked for.
    stale: list[str]  # Those of the wanted whose trace does not hold.
    besides: list[str]  # Others whose trace does not hold.
    gone: list[str]  # Traced once, and no longer there.

    def load(self) -> list[Loaded]:
        """The wanted and stale episodes, lowered; with `force` or `remake`, all that are wanted. Diagnostics stay in
        `project`.
        """
        specs = self.wanted if self.request.looks_at_all() else self.stale
        return self.project.load(specs, set(self.specs), besides=self.besides, gone=self.gone)

    def load_wanted(self) -> list[Loaded]:
        """All wanted episodes, lowered, also those whose trace holds."""
        return self.project.load(self.wanted, set(self.specs), besides=self.besides, gone=self.gone)

    def refused(self) -> list[str]:
        """The specs of the series that are wrong; one that stood may be, since another one has changed."""
        wrong = self.project.refused()
        return [spec for spec in self.specs if spec in wrong]

    def leaving(self) -> set[str]:
        """The specs that are gone, whose files are to leave dist/. None while a spec is misnamed: it may be one."""
        return set() if self.project.has_misnamed else {*self.gone, *self.press.gone(self.specs)}

    def is_blocked(self) -> bool:
        """Whether nothing is built because of errors. Without a series there is nothing to keep going."""
        project = self.project
        return project.series is None or (project.has_errors() and not self.request.keep_going)

    def current(self) -> int:
        """How many of the wanted stand, once the others are loaded."""
        return 0 if self.request.looks_at_all() else len({*self.wanted}.difference(self.stale, self.refused()))

    def knowledge(self) -> Knowledge:
        """What the judge may ask."""
        force = self.request.force
        return Knowledge(
            self.cache.lookup,
            self.cache.last,
            self.project.backends.fingerprint,
            (lambda _: True) if force else (lambda _: False),
            lambda action: action.stage in self.request.remake,
        )

    def check_backends(self, graph: ActionGraph) -> None:
        """Refuse a graph of which some backend cannot run here.

        Raises:
            SettingsError: see `backend_checks.check_here`.
        """
        check_here(self.project.backends, (action.backend for action in graph))

    def older_adapters(self, judged: Mapping[ActionId, Verdict], actions: Iterable[Action]) -> tuple[ActionId, ...]:
        """Of these actions, those whose results an adapter made by other code than it has now: they are kept."""
        found = []
        for action in actions:
            verdict, code = judged[action.id], self.project.backends.adapter(action.backend)
            if isinstance(verdict, Hit) and code is not None and self.cache.code_of(verdict.key) not in (None, code):
                found.append(action.id)
        return tuple(found)

    def made(self, loaded: Loaded, action: Action) -> dict[str, Path] | None:
        """An action's files by name, to be read while the series is open; None where they are not made as all stands.

        Judged is only what the action hangs on: the rest of its episode may need what is not set up here.
        """
        graph = part(linked([loaded]), [action.id])
        verdict = judge_all(graph, self.knowledge())[action.id]
        if not isinstance(verdict, Hit):
            return None
        return {name: self.cache.open_blob(blob.digest) for name, blob in verdict.record.outputs.items()}

    def films(self, specs: Sequence[str]) -> tuple[str, ...]:
        """What these specs have in dist/ to be seen or heard, relative to the root."""
        folder = self.project.series_file.folder()
        return tuple(traces.delivered_films(self.cache.layout.index, folder, specs))

    def jobs(self) -> int:
        """How many processors a build may use."""
        return self.request.jobs or self.project.settings.jobs or traces.processors()

    def seconds(self, graph: ActionGraph) -> Callable[[Action], float | None]:
        """Predicted seconds of each action, from recorded runs."""
        known = self.cache.seconds_for_many((action.id, action.stage, action.backend) for action in graph)
        return lambda action: known.get(action.id)

    def urgency(self, seconds: Callable[[Action], float | None]) -> Callable[[Action], float]:
        """Seconds of each action for the order of starts: as recorded, else as its backend declares."""
        declared, hears = self.project.backends.expected_s, self.request.hears

        def urgent(action: Action) -> float:
            found = declared(action) if (known := seconds(action)) is None else known
            return found + SOON_S if hears and action.stage == HEARD else found

        return urgent

    def parcel(self, loaded: Loaded, made: Mapping[ActionId, Record], keys: Mapping[ActionId, str]) -> Parcel:
        """What an episode delivers, once all its actions are made."""
        from episodec import __version__

        files = {
            one.path: made[one.artifact.action].outputs[one.artifact.output] for one in loaded.lowered.deliverables
        }
        actions: dict[str, Canonical] = {
            action.id: {
                "key": keys[action.id],
                "stage": action.stage,
                "backend": action.backend,
                "fingerprint": self.project.backends.fingerprint(action.stage, action.backend),
                "outputs": {name: blob.digest for name, blob in sorted(made[action.id].outputs.items())},
            }
            for action in loaded.lowered.actions
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
            "actions": actions,
        }
        return Parcel(loaded.spec, loaded.episode.name, loaded.folder, files, facts)

    def _licences(self, loaded: Loaded) -> dict[str, Canonical]:
        """On what terms the systems that took part may be used, by backend; those of ours have nothing to say."""
        names = sorted({action.backend for action in loaded.lowered.actions})
        return {name: said for name in names if (said := self.project.backends.licence(name)) is not None}


def places(targets: Sequence[str]) -> list[tuple[Place, list[str]]]:
    """The series that these targets are in, each with its own targets; numbers and ranges belong to the series here.

    Raises:
        UsageError: there is no series at a target, or none here.
    """
    paths = [target for target in targets if os.path.lexists(target)]
    named = set(paths)
    others = [target for target in targets if target not in named]
    for target in others:
        if not is_number(target):
            hint = "a path must exist; numbers are written 72, 70-75 or d13/72"
            raise UsageError("there is no such file or folder", facts={"target": target}, hint=hint)
    found: dict[tuple[str, str], tuple[Place, list[str]]] = {}
    known: dict[str, Place | None] = {}  # By folder: a shell's `*` names thousands of files of one.
    for path in paths or ["."]:
        real = os.path.realpath(path)
        folder = real if os.path.isdir(real) else os.path.dirname(real)
        if folder not in known:
            known[folder] = tree.locate(folder)
        here = known[folder]
        for place in [here] if here is not None else tree.locate_below(path):
            found.setdefault((place.root, place.series), (place, []))[1].append(path if paths else place.folder())
    if not found:
        hint = "`episodec new` makes a series; or name its folder: `episodec build episodes/`"
        raise UsageError(
            "there is no series.yaml at or above this place",
            facts={"place": ", ".join(paths) or os.getcwd()},
            hint=hint,
        )
    if others:
        if len(found) > 1:
            raise UsageError(
                "a number needs to know its series",
                facts={"numbers": " ".join(others)},
                hint="name the folder of the series, too",
            )
        for _, own in found.values():
            own[:] = (own if paths else []) + others
    return list(found.values())


@contextmanager
def opened(
    place: Place,
    targets: Sequence[str],
    request: Request,
    notice: Callable[[str], None],
    standing: noop.Standing | None = None,
) -> Iterator[Session]:
    """The series opened, with the working folder at its root. `standing`: what the no-op path has seen already."""
    absolute = {os.path.abspath(target) if os.path.lexists(target) else target: target for target in targets}
    found = standing or _standing(place, request)
    specs, gone, compiler = found.specs, found.gone, found.surroundings
    for folder in found.left_out:
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
        project.refuse_misnamed(found.strays)
        log = TraceLog(cache.index, digests, place.series, request.asked.variant(), compiler)
        wanted = select(absolute, place, specs, project.numbers)
        known: dict[int, bool] = {}
        with cache.batch():  # A fresh checkout moves every signature: one write for all of them.
            fallen = [spec for spec in found.stale if not log.refresh(spec, known)]
            if fallen or known:
                log.folders.settle()
        chosen = set(wanted)
        root, variant = Path(place.root), request.asked.variant()
        press = Press(root, place.series, cache.index, cache.blobs, digests)
        cache.index.when_replaced(press.learn)  # What is ours in dist/ is told by the manifests, too.
        bindery = Bindery(root, cache.layout, cache.index, cache.blobs, place.series, variant, compiler)
        stale = [spec for spec in fallen if spec in chosen]
        besides = [spec for spec in fallen if spec not in chosen]
        yield Session(place, request, cache, digests, project, log, press, bindery, specs, wanted, stale, besides, gone)


def delivered(loaded: Loaded) -> tuple[str, ...]:
    """Every path of an episode in dist/, relative to the root: its deliverables and its manifest."""
    paths = [f"{loaded.folder}/{one.path}" for one in loaded.lowered.deliverables]
    return (*paths, str(PurePosixPath(loaded.folder, MANIFESTS, f"{loaded.episode.name}.json")))


def _standing(place: Place, request: Request) -> noop.Standing:
    try:
        return noop.stale_specs(place, request.asked.variant(), request.environment)
    except OSError as error:
        facts = {"folder": error.filename or place.folder(), "reason": error.strerror or error}
        raise ProjectError("a folder of the series cannot be read", facts=facts) from error


def linked(loaded: Iterable[Loaded]) -> ActionGraph:
    """The graph of these episodes; actions that they share stand in it once."""
    return link(action for one in loaded for action in one.lowered.actions)


def predicted(
    graph: ActionGraph, plan: Mapping[ActionId, Verdict], seconds: Callable[[Action], float | None], jobs: int
) -> float | None:
    """Seconds until all that is not a hit is made, by recorded durations; None when none of it ever ran.

    The longest chain, or all work spread over the jobs, whichever takes longer: no schedule is shorter.
    """
    known = {
        action.id: found
        for action in graph
        if not isinstance(plan[action.id], Hit) and (found := seconds(action)) is not None
    }
    if not known:
        return None
    return max(*longest_path(graph, known).values(), sum(known.values()) / max(jobs, 1))
