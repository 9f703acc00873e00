"""The build of one series: judge, run and publish the episodes that are not current."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress

from episodec.building.damage import Damage, locate
from episodec.building.outcome import Outcome
from episodec.building.reported import reported
from episodec.building.room import check_room
from episodec.building.run import Run
from episodec.building.run_context import RunResult, Stop
from episodec.building.sharing import finish_sharing
from episodec.building.sounded import Hearing
from episodec.building.start import run_context
from episodec.building.users import tell, users_of
from episodec.digest import Digest
from episodec.engine.action import Action, ActionId
from episodec.engine.cache import Record
from episodec.engine.events import (
    BlobDamaged,
    BuildFinished,
    BuildStarted,
    EpisodePublished,
    Event,
    FileKept,
    FilesRemoved,
    PagePublished,
    PublishFailed,
)
from episodec.engine.executor import Executor
from episodec.engine.graph import ActionGraph
from episodec.engine.key import ActionKey
from episodec.engine.notes import EpisodeNote
from episodec.engine.plan import judge_all, must_run
from episodec.errors import CorruptBlob, EpisodecError
from episodec.project.loaded import LoadedEpisode
from episodec.project.warned import told_of, warnings_of
from episodec.publishing.index_page import PAGE
from episodec.series.session import Session, delivered, linked, predicted
from episodec.spec.diagnostic import Diagnostic
from episodec.store.signature import GRAIN_NS
from episodec.store.trace_log import Trace
from episodec.store.work import remove_dead_work

Seconds = Callable[[Action], float]

FEW = 8  # How many episodes' films are looked up.
PASSES = 3  # A stored result that turns out to be damaged during publishing is made again in the next pass.


class SeriesBuild:
    """The build of one series: the run, and the publishing of each episode as soon as its last action is made."""

    def __init__(self, session: Session, emit: Callable[[Event], None], stop: Stop) -> None:
        self._session = session
        self._emit = emit
        self._stop = stop
        self._published: set[str] = set()
        self._damaged: dict[str, Damage] = {}  # The damage that kept each spec from being published in this pass.
        self._unpublished: list[str] = []
        self._records: dict[ActionId, Record] = {}
        self._keys: dict[ActionId, ActionKey] = {}
        self._warnings: Mapping[str, Sequence[Diagnostic]] = {}
        self._traces: list[tuple[int, Trace]] = []  # With the time.time_ns() from which each can be recorded.
        # Traces of episodes that release files. They are recorded after those files are removed: until then the next
        # build has to look here again.
        self._untidy: list[tuple[int, Trace]] = []

    def run(self, loaded: list[LoadedEpisode], diagnostics: tuple[Diagnostic, ...], executor: Executor) -> Outcome:
        session, started = self._session, time.monotonic()
        self._warnings = warnings_of(diagnostics)
        session.publisher.import_manifests()
        graph = linked(loaded)
        session.check_backends(graph)
        seconds = session.seconds(graph)
        plan = judge_all(graph, session.knowledge())
        check_room(session, graph, plan, {one.artifact.action for each in loaded for one in each.lowered.deliverables})
        self._emit(
            BuildStarted(
                len(loaded),
                session.current(),
                len(graph),
                len(must_run(plan)),
                predicted(graph, plan, seconds, session.jobs()),
            )
        )
        remove_dead_work(session.cache.layout)
        try:
            result = self._passes(loaded, graph, executor, session.urgency(seconds))
        finally:
            executor.close(kill=self._stop.level > 1)  # Workers exit while the clock moves on.
            self._record_traces(all_of_them=True)
        late = finish_sharing(session, result.keys, self._emit, self._stop)
        session.log.invalidate(
            {one.spec for one in loaded if {action.id for action in one.lowered.actions} & set(late)}
        )
        self._tell_damage()
        if not result.interrupted:
            self._tidy({path for one in loaded for path in delivered(one)})
        if self._stop.level <= 1:
            self._write_index_page()
        if result.ran:
            self._emit(reported(graph, result))
        by_stage = dict(Counter(graph.actions[name].stage for name in result.ran))
        hit = len(result.records.keys() - set(result.ran))
        self._emit(
            BuildFinished(
                len(result.ran), hit, len(result.failed), len(result.skipped), time.monotonic() - started, by_stage
            )
        )
        return Outcome(
            diagnostics,
            session.project.texts,
            len(session.selected),
            session.current(),
            len(self._published),
            len(result.ran),
            result.failed,
            tuple(self._unpublished),
            result.interrupted,
            session.request.keep_going,
            len(set(session.selected).intersection(session.log.noted())),
            session.place.root,
            session.project.series_file.folder(),
            len(standing := self._standing()),
            session.films(standing[:FEW]),
        )

    def _standing(self) -> list[str]:
        """The requested specs that are up to date in dist/."""
        session = self._session
        looked_at = session.selected if session.request.looks_at_all() else session.stale
        missing = {*looked_at, *session.refused()} - self._published
        return [spec for spec in session.selected if spec not in missing]

    def _passes(
        self, loaded: list[LoadedEpisode], graph: ActionGraph, executor: Executor, seconds: Seconds
    ) -> RunResult:
        """Run and publish; repeat for episodes whose stored results turned out to be damaged during publishing."""
        result = self._pass(loaded, graph, executor, seconds)
        for _ in range(PASSES - 1):
            again = [one for one in loaded if one.spec in self._damaged]
            if not again or result.interrupted:
                break
            for artifact in dict.fromkeys(damage.artifact for damage in self._damaged.values()):
                if artifact is not None:
                    self._emit(BlobDamaged(artifact.action, artifact.output))
            self._damaged.clear()
            result = result.then(self._pass(again, linked(again), executor, seconds))
        return result

    def _pass(self, loaded: list[LoadedEpisode], graph: ActionGraph, executor: Executor, seconds: Seconds) -> RunResult:
        session = self._session
        waiting = {one.spec: {action.id for action in one.lowered.actions} for one in loaded}
        users, hears = users_of(loaded), Hearing(session, self._emit)

        def on_reopened(name: ActionId) -> None:
            for episode in users[name]:
                waiting[episode.spec].add(name)

        def on_made(name: ActionId, key: ActionKey, record: Record) -> None:
            if name in self._records and _result(self._records[name]) != _result(record):
                self._withdraw(one.spec for one in users[name])
            self._records[name], self._keys[name] = record, key
            tell(users[name], name, record, self._emit)
            hears.tell(graph.actions[name], users[name], record)
            for episode in users[name]:
                waiting[episode.spec].discard(name)
                if not waiting[episode.spec] and episode.spec not in self._published:
                    self._publish(episode)
            self._record_traces(all_of_them=False)

        context = run_context(session, executor, seconds, hears.emit, self._stop)
        return Run(
            graph, context, keep_going=session.request.keep_going, on_made=on_made, on_reopened=on_reopened
        ).run()

    def _publish(self, loaded: LoadedEpisode) -> None:
        session = self._session
        try:
            delivery = session.delivery(loaded, self._records, self._keys)
            if session.shared is not None:
                session.shared.bring(delivery.files.values())
            published = session.publisher.publish(delivery)
        except CorruptBlob as damage:
            delivery = session.delivery(loaded, self._records, self._keys)
            for blob in delivery.files.values():  # Every damaged or lost blob becomes a miss in the next pass.
                with suppress(CorruptBlob):
                    session.cache.open_blob(blob.digest)
            digests = session.publisher.expected_digests(delivery)
            self._damaged[loaded.spec] = locate(damage, loaded.lowered.actions, self._records, digests)
            return
        except EpisodecError as error:
            self._unpublished.append(loaded.spec)
            self._emit(PublishFailed(loaded.spec, error))
            return
        self._published.add(loaded.spec)
        session.cache.touch(self._keys[action.id] for action in loaded.lowered.actions)
        self._emit(EpisodePublished(loaded.spec, loaded.episode.name, published.written))
        traced = (time.time_ns() + GRAIN_NS, self._trace(loaded, session.publisher.expected_digests(delivery)))
        (self._untidy if published.released else self._traces).append(traced)

    def _withdraw(self, specs: Iterable[str]) -> None:
        """Schedule episodes for publishing again: a result they were published from was made again and differs."""
        again = self._published.intersection(specs)
        self._published -= again
        self._session.log.invalidate(again)
        self._traces = [entry for entry in self._traces if entry[1].spec not in again]
        self._untidy = [entry for entry in self._untidy if entry[1].spec not in again]

    def _tell_damage(self) -> None:
        """Report the specs that were not published because a result was damaged in every pass."""
        for spec, damage in sorted(self._damaged.items()):
            self._unpublished.append(spec)
            self._emit(PublishFailed(spec, damage.stays()))

    def _trace(self, loaded: LoadedEpisode, delivered: Mapping[str, Digest]) -> Trace:
        """The trace with which the next build can skip this episode."""
        watched = {path for action in loaded.lowered.actions for path in self._session.watches(action)}
        shared = {**loaded.shared, **{path: self._session.digests.of_watched(path) for path in sorted(watched)}}
        own = {loaded.spec: loaded.own[loaded.spec], **loaded.own, **delivered}
        return Trace(
            loaded.spec,
            {path: digest for path, digest in own.items() if path not in shared},
            shared,
            self._keys_of(loaded),
            (
                *told_of(loaded.episode, self._warnings.get(loaded.spec, ())),
                *(note for action in loaded.lowered.actions for note in self._emit_notes(loaded, action.id)),
            ),
        )

    def _emit_notes(self, loaded: LoadedEpisode, name: ActionId) -> tuple[EpisodeNote, ...]:
        notes = self._records[name].notes
        return loaded.notes_of(name, notes) if notes else ()

    def _keys_of(self, loaded: LoadedEpisode) -> tuple[str, ...]:
        return tuple(self._keys[action.id] for action in loaded.lowered.actions)

    def _record_traces(self, *, all_of_them: bool) -> None:
        """Record traces once the clock has moved past their deliverables: an earlier signature could miss a change
        within one tick of the clock.
        """
        if all_of_them and self._traces:
            time.sleep(max(0, self._traces[-1][0] - time.time_ns()) / 1e9)
        now = time.time_ns()
        due = [trace for moment, trace in self._traces if moment <= now]
        if due:
            self._traces = [entry for entry in self._traces if entry[0] > now]
            with self._session.cache.batch():
                for trace in due:
                    self._session.log.record(trace)

    def _tidy(self, paths: set[str]) -> None:
        """Remove from dist/ the files that episodes released or that belong to deleted specs. Runs last, because
        another episode may have claimed a released file meanwhile.
        """
        session = self._session
        gone = sorted(session.removals())
        session.publisher.release(gone)
        removed, kept = session.publisher.sweep(paths)
        session.log.forget(gone)
        session.publisher.drop_released(gone)
        if removed:
            self._emit(FilesRemoved(removed))
        for path in kept:
            self._emit(FileKept(path))
        self._traces += self._untidy
        self._record_traces(all_of_them=True)

    def _write_index_page(self) -> None:
        """Write the index page from all entries in dist/."""
        folder = self._session.project.series_file.folder()
        try:
            if pages := self._session.index_page.write_characters(folder):
                self._emit(PagePublished(pages))
            written = self._session.index_page.write(folder)
        except EpisodecError as error:
            self._unpublished.append(f"{folder}/{PAGE}")
            self._emit(PublishFailed(f"{folder}/{PAGE}", error))
        else:
            if written is not None:
                self._emit(PagePublished((written,)))


def _result(record: Record) -> tuple[object, ...]:
    """The part of a record that readers depend on; not its duration."""
    return dict(record.outputs), record.notes
