"""The lines that a build prints about its events."""

import os
from collections.abc import Iterable
from dataclasses import dataclass, field

from episodec.engine.action import ActionId
from episodec.engine.events import (
    ActionFailed,
    ActionHit,
    ActionMade,
    ActionRetried,
    ActionSkipped,
    ActionStarted,
    BlobDamaged,
    BuildReported,
    BuildStarted,
    EpisodePublished,
    Event,
    FileKept,
    FilesRemoved,
    Interrupting,
    NoteTold,
    PagePublished,
    PreviewWritten,
    PublishFailed,
    ResultsShared,
    SoundWritten,
    WaitingForOther,
)
from episodec.engine.notes import EpisodeNote
from episodec.report.current import all_current, noted_text
from episodec.report.paint import Paint, plain
from episodec.report.words import error_lines, reason_text
from episodec.text import count_text, escape, pad, seconds_text, size_text, text_lines

ID_CELLS = 24
TIME_CELLS = 10
FILES_SHOWN = 6

_RED, _GREEN, _YELLOW, _DIM = "31", "32", "33", "2"


@dataclass(slots=True)
class Narrator:
    """Turns events into lines. Remembers why each running action was started, because the event of its end lacks it."""

    paint: Paint = plain
    verbose: bool = False
    quiet: bool = False  # Only problems.
    again: bool = False  # A check: everything is made a second time, without printing reasons.
    reasons: dict[ActionId, str] = field(default_factory=dict)
    reported_notes: set[tuple[ActionId, str]] = field(
        default_factory=set
    )  # Notes already printed: a shared action's note is printed once per build.

    def lines(self, event: Event) -> list[str]:  # noqa: PLR0911 - one return an event.
        """The lines about this event; often none."""
        match event:
            case ActionStarted(id=name, reason=reason, backend=backend, attempt=attempt):
                self.reasons[name] = reason_text(reason, backend)
                again = f", attempt {attempt}" if attempt > 1 else ""
                return [self._line("start", name, "", self.reasons[name] + again, _DIM)] if self.verbose else []
            case ActionMade(id=name, seconds=seconds, unchanged=unchanged):
                why = self.reasons.pop(name, "") + (" (same bytes: stops here)" if unchanged else "")
                word, detail = ("again", "") if self.again else ("made", why)
                return [] if self.quiet else [self._line(word, name, seconds_text(seconds), detail, _GREEN)]
            case ActionHit(id=name, twin=twin):
                why = f"made as {escape(twin)}" if twin else "in the cache"
                return [self._line("reused", name, "", why, _DIM)] if self.verbose else []
            case NoteTold(spec=spec, note=detail):
                return self._note(spec, detail)
            case ActionRetried() | ActionFailed() | ActionSkipped():
                return self._trouble(event)
            case ResultsShared():
                return [] if self.quiet else shared_lines(event)
            case _:
                return self._besides(event)

    def _note(self, spec: str, episode_note: EpisodeNote) -> list[str]:
        """The lines of a note, also with --quiet: only `allow` silences a backend's deviation."""
        if episode_note.allowed or (episode_note.id, episode_note.note.sentence) in self.reported_notes:
            return []
        self.reported_notes.add((episode_note.id, episode_note.note.sentence))
        sentence, *more = note_lines(spec, episode_note)
        return [self._line("note", episode_note.id, "", sentence, _YELLOW), *indented(more)]

    def _trouble(self, event: ActionRetried | ActionFailed | ActionSkipped) -> list[str]:
        match event:
            case ActionRetried(id=name, error=error, attempt=attempt):
                sentence = error_lines(error)[0] if error_lines(error) else ""
                return [self._line("retried", name, "", f"attempt {attempt} failed: {sentence}", _YELLOW)]
            case ActionFailed(id=name, error=error, log=log, log_tail=tail):
                head = self._line("failed", name, "", self.reasons.pop(name, ""), _RED)
                return [head, *indented(error_lines(error)), *indented(log_lines(os.fspath(log), tail))]
            case ActionSkipped(id=name, because=because):
                return [self._line("skipped", name, "", f"needs {escape(because)}", _DIM)]

    def _besides(self, event: Event) -> list[str]:  # noqa: C901, PLR0911, PLR0912 - one return an event.
        match event:
            case WaitingForOther(id=name):
                return [self._line("waiting", name, "", "another build is making it", _YELLOW)]
            case BlobDamaged(id=name, output=output):
                return [self._line("damaged", name, "", f"{escape(output)} in the cache; it is made again", _YELLOW)]
            case EpisodePublished() | PagePublished() | FilesRemoved() if self.quiet:
                return []
            case EpisodePublished(written=written) | PagePublished(written=written):
                return self._files("wrote", written, _DIM) if self.verbose else []
            case SoundWritten(path=path):
                return [self._line("ready", os.path.relpath(path), "", "voice and ambience", _GREEN)]
            case PreviewWritten(path=path, is_ahead=True):
                return [self._line("ready", path, "", "the first new frames", _GREEN)]
            case PublishFailed(spec=spec, error=error):
                return [self._line("failed", spec, "", "not published", _RED), *indented(error_lines(error))]
            case FilesRemoved(paths=paths):
                return self._files("removed", paths, _YELLOW)
            case FileKept(path=path):
                return [self._line("kept", path, "", "no spec claims it, but it was edited", _YELLOW)]
            case Interrupting(running=running):
                return [self.paint(interrupt_text(running), _YELLOW)]
            case BuildReported() if self.verbose:
                return report_lines(event)
            case BuildStarted() if self.verbose:
                return [started_text(event)]
            case _:
                return []

    def _line(self, word: str, name: str, time: str, reason: str, style: str) -> str:
        head = self.paint(f"{word:<7}", style)
        return f"{head} {pad(escape(name), ID_CELLS)} {time:>{TIME_CELLS}}  {reason}".rstrip()

    def _files(self, word: str, paths: Iterable[str], style: str) -> list[str]:
        kept = list(paths)
        listed = kept if self.verbose else kept[:FILES_SHOWN]
        lines = [f"{self.paint(f'{word:<7}', style)} {escape(path)}" for path in listed]
        return lines + [f"        and {len(kept) - len(listed)} more"] * (len(kept) > len(listed))


def report_lines(event: BuildReported) -> list[str]:
    """The report of a run: the longest chain, the slowest actions, the work and the bytes written."""
    path = " → ".join(f"{escape(one.id)} {seconds_text(one.seconds)}" for one in event.critical_path)
    slowest = ", ".join(f"{escape(one.id)} {seconds_text(one.seconds)}" for one in event.slowest)
    work = f"{seconds_text(event.seconds)} of work, {size_text(event.bytes_made)} written"
    return [
        f"report  {event.made} made, {event.hit} from the cache; {work}",
        f"  longest chain  {seconds_text(event.critical_seconds)}: {path}",
        f"  slowest        {slowest}",
    ]


def shared_lines(event: ResultsShared) -> list[str]:
    """The line about a shared cache that was read or written; none otherwise."""
    parts = []
    if event.hits:
        parts.append(f"{count_text(event.hits, 'result')} found there")
    if event.bytes_fetched:
        parts.append(f"{size_text(event.bytes_fetched)} fetched")
    if event.written:
        parts.append(f"{count_text(event.written, 'result')} written to it, {size_text(event.bytes_written)}")
    if event.dropped:
        parts.append(f"{event.dropped} not written in time")
    if event.disbelieved:
        parts.append(f"{count_text(event.disbelieved, 'record')} not trusted")
    if event.errors:
        parts.append(f"{count_text(event.errors, 'request')} failed")
    if event.earlier:
        parts.append(f"{count_text(event.earlier, 'result')} written first by others, which the next build takes")
    return [f"shared  {escape(event.url)}: {' · '.join(parts)}"] if parts else []


def started_text(event: BuildStarted) -> str:
    """How much a build has to do."""
    time = "" if event.seconds_predicted is None else f", about {seconds_text(event.seconds_predicted)}"
    misses = count_text(event.misses, "action")
    return f"{count_text(event.episodes, 'episode')} to check: {misses} of {event.actions} to make{time}"


def interrupt_text(running: int) -> str:
    """The message after a Ctrl-C."""
    if not running:
        return "stopping"
    are, them = ("is", "it") if running == 1 else ("are", "them")
    return f"stopping when {count_text(running, 'running action')} {are} finished; Ctrl-C again stops {them} now"


def log_lines(path: str, tail: str) -> list[str]:
    """The end of an action's log, and the path of the whole log."""
    if not tail.strip():
        return []
    relative = os.path.relpath(path)
    return [
        f"the end of its log, {escape(path if relative.startswith('..') else relative)}:",
        *(f"| {line}" for line in text_lines(tail)),
    ]


def note_lines(spec: str, episode_note: EpisodeNote) -> list[str]:
    """A note's sentence with its code and place, then its hint."""
    place = f"{spec}:{episode_note.line}" if episode_note.line is not None else spec
    hint = [f"help: {escape(episode_note.note.hint)}"] if episode_note.note.hint else []
    return [f"{escape(episode_note.note.sentence)} [{escape(episode_note.note.code)}] {escape(place)}", *hint]


def indented(lines: Iterable[str]) -> list[str]:
    """Lines indented by two spaces."""
    return [f"  {line}" for line in lines]


def summary(  # noqa: PLR0913 - one line of numbers.
    episodes: int,
    current: int,
    built: int,
    made_count: int,
    reused: int,
    seconds: float,
    *,
    noted: int = 0,
    wrong: bool = False,
) -> str:
    """The last line of a build. With nothing to do and no errors it is always the same, without times."""
    if current == episodes and not built and not made_count and not wrong:
        return all_current(episodes, noted)
    left = episodes - current - built
    parts = [f"{built} built", f"{current} current"] + ([f"{left} not built"] if left > 0 else [])
    actions = f"{count_text(made_count, 'action')} made, {reused} reused"
    parts = [", ".join(parts), actions, seconds_text(seconds)]
    return f"{count_text(episodes, 'episode')}: {' · '.join(parts)}{noted_text(noted)}"


def partial_summary(made_count: int, reused: int, failed: int, seconds: float) -> str:
    """The last line of a partial build."""
    parts = [f"{count_text(made_count, 'action')} made, {reused} reused"]
    if failed:
        parts[0] += f", {failed} failed"
    return " · ".join([*parts, seconds_text(seconds), "no episode is published"])
