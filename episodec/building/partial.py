"""A build of some actions and everything they need: the same graph, judge and cache as a whole build.

It publishes no episode and records no trace, but the next whole build reuses its results. Requested pictures and sound
are copied to where users find them: previews beside the published films, takes by name into the cache.
"""

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from episodec.building.excerpt import write_excerpt
from episodec.building.outcome import Outcome
from episodec.building.reported import reported
from episodec.building.run import Run
from episodec.building.sounded import Hearing
from episodec.building.start import world_of
from episodec.building.taken_whole import take_whole
from episodec.building.users import tell, users_of
from episodec.building.world import Result, Stop
from episodec.engine.action import ActionId, Artifact
from episodec.engine.cache import Record
from episodec.engine.events import BuildFinished, BuildStarted, Event, FilesRemoved, PreviewWritten
from episodec.engine.executor import Executor
from episodec.engine.graph import ActionGraph, part
from episodec.engine.key import ActionKey
from episodec.engine.plan import judge_all, must_run
from episodec.errors import CorruptBlob
from episodec.project.loaded import Loaded
from episodec.publishing.manifest import Parcel
from episodec.series.goals import (
    Frames,
    Goals,
    Only,
    Preview,
    Sentence,
    Still,
    Whole,
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

    def go(self, loaded: Sequence[Loaded], goals: Goals, executor: Executor) -> Outcome:
        """Make the requested goals.

        Raises:
            UsageError: the episodes have no such actions or frames.
        """
        session, started = self._session, time.monotonic()
        graph = part(linked(loaded), chosen(goals, loaded))
        session.check_backends(graph)
        self._begin(loaded, graph)
        remove_dead_work(session.cache.layout)
        result, files = self._made(loaded, goals, graph, executor)
        hit = len(result.made.keys() - set(result.ran))
        by_stage = dict(Counter(graph.actions[name].stage for name in result.ran))
        if result.ran:
            self._emit(reported(graph, result))
        seconds = time.monotonic() - started
        self._emit(BuildFinished(len(result.ran), hit, len(result.failed), len(result.skipped), seconds, by_stage))
        return Outcome(
            diagnostics=tuple(session.project.diagnostics),
            texts=session.project.texts,
            episodes=len(session.wanted),
            current=0,
            published=0,
            made=len(result.ran),
            failed=result.failed,
            unpublished=(),
            interrupted=result.interrupted,
            keep_going=session.request.keep_going,
            is_partial=True,
            files=files,
        )

    def _begin(self, loaded: Sequence[Loaded], graph: ActionGraph) -> None:
        session, seconds = self._session, self._session.seconds(graph)
        plan = judge_all(graph, session.knowledge())
        expected = predicted(graph, plan, seconds, session.jobs())
        self._emit(BuildStarted(len(loaded), 0, len(graph), len(must_run(plan)), expected))

    def _made(
        self, loaded: Sequence[Loaded], goals: Goals, graph: ActionGraph, executor: Executor
    ) -> tuple[Result, tuple[str, ...]]:
        """The result of the run, and the requested files; no files if an action was not made."""
        seconds = self._session.urgency(self._session.seconds(graph))
        result = self._run(loaded, graph, executor, seconds)
        for attempt in range(TRIES):
            if result.failed or result.interrupted:
                break
            try:
                return result, self._taken_out(goals, loaded, result)
            except CorruptBlob:  # The damaged blob was moved aside, so its action is a miss now.
                if attempt == TRIES - 1:
                    raise
            result = result.then(self._run(loaded, graph, executor, seconds))
        return result, ()

    def _run(
        self, loaded: Sequence[Loaded], graph: ActionGraph, executor: Executor, seconds: Callable[..., float | None]
    ) -> Result:
        users = users_of(loaded)

        hears = Hearing(self._session, self._emit)

        def on_made(name: ActionId, _key: ActionKey, record: Record) -> None:
            tell(users[name], name, record, self._emit)
            hears.tell(graph.actions[name], users[name], record)

        world = world_of(self._session, executor, seconds, hears.emit, self._stop)
        return Run(graph, world, keep_going=self._session.request.keep_going, on_made=on_made).run()

    def _taken_out(self, goals: Goals, loaded: Sequence[Loaded], result: Result) -> tuple[str, ...]:
        """The requested files, as absolute paths.

        Raises:
            CorruptBlob: a result is damaged and was moved aside.
        """
        session, made = self._session, result.made
        match goals:
            case Only():
                return ()
            case Whole(folder=folder):
                return take_whole(session, loaded, made, result.keys, folder)
            case Still():
                return (str(self._blob(still_of(the_one(loaded)), made)),)
            case Sentence(number=number):
                one = the_one(loaded)
                name = one.episode.name if number is None else f"{one.episode.name}_{number}"
                place = Path(session.cache.layout.listen, f"{name}.wav")
                speech = speech_of(goals, one)
                session.cache.blobs.copy_out(made[speech.action].outputs[speech.output].digest, place)
                return (str(place),)
            case Frames() | Preview():
                return (str(Path(session.place.root, self._previewed(goals, the_one(loaded), made))),)

    def _previewed(self, frames: Frames | Preview, loaded: Loaded, made: Mapping[ActionId, Record]) -> str:
        """Publish a preview of these frames in place of the episode's previous one; its path, relative to the root."""
        session, cut, episode = self._session, cut_of(frames, loaded), loaded.episode
        session.press.learn()
        path = preview_path(cut, loaded)
        folder, _, name = path.rpartition("/")
        chunks = [self._blob(one, made) for one in cut.chunks]
        sound = None if cut.sound is None else self._blob(cut.sound, made)
        with TemporaryDirectory(dir=session.cache.layout.incoming) as place:
            film = Path(place, name)
            write_excerpt(chunks, episode.rate, sound, cut.start_frame, film, self._ffmpeg(loaded))
            blob = session.cache.put_file(film)
        parcel = Parcel(loaded.spec, episode.name, folder, {name: blob}, {"preview": True, "episode": loaded.digest})
        session.press.publish(parcel)
        if removed := session.press.sweep(folder=folder)[0]:
            self._emit(FilesRemoved(removed))
        self._emit(PreviewWritten(loaded.spec, path))
        return path

    def _blob(self, artifact: Artifact, made: Mapping[ActionId, Record]) -> Path:
        return self._session.cache.open_blob(made[artifact.action].outputs[artifact.output].digest)

    def _ffmpeg(self, loaded: Loaded) -> Path:
        """The ffmpeg that muxes the episode's film."""
        backend = next(action.backend for action in loaded.lowered.actions if action.stage == "mux")
        return program(self._session.project.backends.settings(backend))
