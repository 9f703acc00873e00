"""A build of some actions and everything they need: the same graph, judge and cache as a whole build.

It publishes no episode and records no trace, but the next whole build reuses its results. Requested pictures and sound
are copied to where users find them: previews beside the published films, takes by name into the cache.
"""

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from episodec.building.ahead import FramesAhead, in_film_order
from episodec.building.excerpt import write_excerpt
from episodec.building.outcome import Outcome
from episodec.building.reported import reported
from episodec.building.run import Run
from episodec.building.run_context import RunResult, Stop
from episodec.building.sharing import finish_sharing
from episodec.building.sounded import Hearing
from episodec.building.start import run_context
from episodec.building.taken_whole import take_whole
from episodec.building.users import tell, users_of
from episodec.engine.action import ActionId, Artifact
from episodec.engine.cache import Record
from episodec.engine.events import BuildFinished, BuildStarted, Event, FilesRemoved, PreviewWritten
from episodec.engine.executor import Executor
from episodec.engine.graph import ActionGraph, part
from episodec.engine.key import ActionKey
from episodec.engine.plan import judge_all, must_run
from episodec.errors import CorruptBlob
from episodec.project.loaded import LoadedEpisode
from episodec.series.goals import (
    ActionsGoal,
    Cut,
    FramesGoal,
    Goals,
    Preview,
    SentenceGoal,
    StillGoal,
    WholeEpisodesGoal,
    chosen,
    cut_of,
    preview_path,
    speech_of,
    still_of,
    the_one,
)
from episodec.series.session import Session, linked, predicted
from episodec.store.work import remove_dead_work
from episodec.tools.ffmpeg import program

TRIES = 3  # A stored result that turns out to be damaged when it is copied out is made again.


class PartialBuild:
    """A build of a part of one series."""

    def __init__(self, session: Session, emit: Callable[[Event], None], stop: Stop) -> None:
        self._session = session
        self._emit = emit
        self._stop = stop
        self._keys: dict[ActionId, ActionKey] = {}

    def run(self, loaded: Sequence[LoadedEpisode], goals: Goals, executor: Executor) -> Outcome:
        """Make the requested goals.

        Raises:
            UsageError: the episodes have no such actions or frames.
        """
        session, started = self._session, time.monotonic()
        graph = part(linked(loaded), chosen(goals, loaded))
        session.check_backends(graph)
        self._begin(loaded, graph)
        remove_dead_work(session.cache.layout)
        result, files = self._run_goals(loaded, goals, graph, executor)
        finish_sharing(session, result.keys, self._emit, self._stop)
        hit = len(result.records.keys() - set(result.ran))
        by_stage = dict(Counter(graph.actions[name].stage for name in result.ran))
        if result.ran:
            self._emit(reported(graph, result))
        seconds = time.monotonic() - started
        self._emit(BuildFinished(len(result.ran), hit, len(result.failed), len(result.skipped), seconds, by_stage))
        return Outcome(
            diagnostics=tuple(session.project.diagnostics),
            texts=session.project.texts,
            episodes=len(session.selected),
            current=0,
            published=0,
            made_count=len(result.ran),
            failed=result.failed,
            unpublished=(),
            interrupted=result.interrupted,
            keep_going=session.request.keep_going,
            is_partial=True,
            files=files,
        )

    def _begin(self, loaded: Sequence[LoadedEpisode], graph: ActionGraph) -> None:
        session, seconds = self._session, self._session.seconds(graph)
        plan = judge_all(graph, session.knowledge())
        expected = predicted(graph, plan, seconds, session.jobs())
        self._emit(BuildStarted(len(loaded), 0, len(graph), len(must_run(plan)), expected))

    def _run_goals(
        self, loaded: Sequence[LoadedEpisode], goals: Goals, graph: ActionGraph, executor: Executor
    ) -> tuple[RunResult, tuple[str, ...]]:
        """The result of the run, and the requested files; no files if an action was not made."""
        seconds = self._session.urgency(self._session.seconds(graph))
        if isinstance(goals, Preview):
            seconds = in_film_order(seconds, cut_of(goals, the_one(loaded)))
        result = self._run(loaded, goals, graph, executor, seconds)
        for attempt in range(TRIES):
            if result.failed or result.interrupted:
                break
            try:
                return result, self._taken_out(goals, loaded, result)
            except CorruptBlob:  # The damaged blob was moved aside, so its action is a miss now.
                if attempt == TRIES - 1:
                    raise
            result = result.then(self._run(loaded, goals, graph, executor, seconds))
        return result, ()

    def _run(
        self,
        loaded: Sequence[LoadedEpisode],
        goals: Goals,
        graph: ActionGraph,
        executor: Executor,
        seconds: Callable[..., float | None],
    ) -> RunResult:
        users, hears = users_of(loaded), Hearing(self._session, self._emit)
        ahead = self._frames_ahead(goals, loaded)

        def on_made(name: ActionId, key: ActionKey, record: Record) -> None:
            self._keys[name] = key
            tell(users[name], name, record, self._emit)
            hears.tell(graph.actions[name], users[name], record)
            if ahead is not None:
                ahead.tell(name, record, hears.executed)

        context = run_context(self._session, executor, seconds, hears.emit, self._stop)
        return Run(graph, context, keep_going=self._session.request.keep_going, on_made=on_made).run()

    def _taken_out(self, goals: Goals, loaded: Sequence[LoadedEpisode], result: RunResult) -> tuple[str, ...]:
        """The requested files, as absolute paths.

        Raises:
            CorruptBlob: a result is damaged and was moved aside.
        """
        session, records = self._session, result.records
        match goals:
            case ActionsGoal():
                return ()
            case WholeEpisodesGoal(folder=folder):
                return take_whole(session, loaded, records, result.keys, folder)
            case StillGoal():
                return (str(self._blob(still_of(the_one(loaded)), records)),)
            case SentenceGoal(number=number):
                episode = the_one(loaded)
                name = episode.episode.name if number is None else f"{episode.episode.name}_{number}"
                place = Path(session.cache.layout.listen, f"{name}.wav")
                speech = speech_of(goals, episode)
                session.cache.blobs.copy_out(records[speech.action].outputs[speech.output].digest, place)
                return (str(place),)
            case FramesGoal() | Preview():
                episode = the_one(loaded)
                return (str(Path(session.place.root, self._previewed(cut_of(goals, episode), records, episode))),)

    def _frames_ahead(self, goals: Goals, loaded: Sequence[LoadedEpisode]) -> FramesAhead | None:
        """The writer of a preview's first new frames; None without a preview, or if nobody waits for it."""
        if not isinstance(goals, Preview) or not self._session.request.hears:
            return None
        episode = the_one(loaded)

        def write(part: Cut, records: Mapping[ActionId, Record]) -> None:
            self._previewed(part, records, episode, is_ahead=True)

        return FramesAhead(cut_of(goals, episode), write)

    def _previewed(
        self, cut: Cut, records: Mapping[ActionId, Record], loaded: LoadedEpisode, *, is_ahead: bool = False
    ) -> str:
        """Publish a preview of this cut in place of the episode's previous one; its path, relative to the root."""
        session, episode = self._session, loaded.episode
        session.publisher.import_manifests()
        path = preview_path(cut, loaded)
        chunks = [self._blob(one, records) for one in cut.chunks]
        sound = None if cut.sound is None else self._blob(cut.sound, records)
        with TemporaryDirectory(dir=session.cache.layout.incoming) as place:
            film = Path(place, "preview.mp4")
            write_excerpt(chunks, episode.rate, sound, cut.start_frame, film, self._ffmpeg(loaded))
            blob = session.cache.put_file(film)
        session.publisher.publish(session.preview_delivery(loaded, cut, blob, records, self._keys))
        if removed := session.publisher.sweep(folder=path.rpartition("/")[0])[0]:
            self._emit(FilesRemoved(removed))
        self._emit(PreviewWritten(loaded.spec, path, is_ahead))
        return path

    def _blob(self, artifact: Artifact, records: Mapping[ActionId, Record]) -> Path:
        return self._session.cache.open_blob(records[artifact.action].outputs[artifact.output].digest)

    def _ffmpeg(self, loaded: LoadedEpisode) -> Path:
        """The ffmpeg that muxes the episode's film."""
        backend = next(action.backend for action in loaded.lowered.actions if action.stage == "mux")
        return program(self._session.project.backends.settings(backend))
