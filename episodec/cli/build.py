"""`episodec build`: makes what is not current and publishes it; with `-n`, only shows the plan."""

import argparse
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from episodec.building.build import build
from episodec.building.outcome import Outcome
from episodec.building.recheck import Checked, Sample, recheck
from episodec.building.run_context import Stop
from episodec.cli import options, plan, results
from episodec.cli.files import write
from episodec.cli.interrupts import InterruptWatch, watched
from episodec.cli.options import Context
from episodec.engine.events import BuildFinished, BuildStarted, Event
from episodec.errors import UsageError
from episodec.project.authoring import has_errors
from episodec.report import stream
from episodec.report.lines import Narrator, partial_summary, summary
from episodec.report.paint import ansi, plain
from episodec.report.progress import LiveProgress, PlainProgress, ProgressListener
from episodec.report.runlog import RunLog
from episodec.report.trace_file import TraceFile
from episodec.series.request import Request
from episodec.series.session import places
from episodec.text import count_text, text_lines


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options, which mean what they do in make."""
    parser.epilog = (
        "exit codes: 0 everything is current, 1 something failed, 3 the rest was built (-k), 130 interrupted"
    )
    options.targets(parser)
    options.variant(parser)
    parser.add_argument("-j", "--jobs", type=options.whole, metavar="N", help="use N processors (default: all)")
    parser.add_argument("-k", "--keep-going", action="store_true", help="keep going after errors and build the rest")
    parser.add_argument("-n", "--dry-run", action="store_true", help="only show what would be done, as `plan` does")
    parser.add_argument("-B", "--always-make", action="store_true", help="make every action, ignoring the cache")
    options.remake(parser)
    options.locked(parser)
    options.parts(parser)
    parser.add_argument("--at", metavar="COMMIT", help="build the episodes of this commit into dist/_at/")
    parser.add_argument("--watch", action="store_true", help="keep running and build after every save, until Ctrl-C")
    parser.add_argument(
        "--serve",
        action="store_true",
        help="with --watch: a page on this machine that shows films and errors as they come",
    )
    parser.add_argument("--check", action="store_true", help="make everything a second time and compare the bytes")
    parser.add_argument(
        "--from-cache",
        type=options.share,
        metavar="PERCENT",
        help="with --check: only this share of the results that came from the shared cache, at least 5 actions",
    )
    parser.add_argument("--trace", metavar="FILE", help="write what ran when, as a trace for Perfetto or Chrome")
    parser.add_argument("--json", action="store_true", help="print events to stdout, one JSON object per line")
    options.diagnostics_format(parser)


def run(context: Context) -> int:
    """Build and print a summary; with --check, make everything again and compare."""
    if context.options.check and (context.options.only or context.options.frames or context.options.preview):
        raise UsageError("--check compares whole episodes", hint="leave out --only, --frames and --preview")
    if context.options.from_cache is not None and not context.options.check:
        raise UsageError("--from-cache belongs to --check", hint="build --check --from-cache 1%")
    if context.options.at:
        return _at(context)
    if context.options.watch:
        return _watch(context)
    if context.options.serve:
        raise UsageError("--serve needs --watch", hint="episodec build --watch --serve")
    if context.options.dry_run:
        return plan.run(context)
    with begun(context, context.request()) as build_command:
        return build_command.go()


def _at(context: Context) -> int:
    given = context.options
    if given.check or given.dry_run or given.only or given.frames or given.preview or given.watch:
        hint = "leave out -n, --check, --only, --frames, --preview, --watch"
        raise UsageError("--at builds whole episodes", hint=hint)
    from episodec.cli import at  # It imports this module.

    return at.run(context)


def _watch(context: Context) -> int:
    given = context.options
    if given.check or given.dry_run or given.always_make or given.only or given.remake:
        raise UsageError("--watch builds after every save", hint="leave out -n, -B, --check, --only, --remake")
    from episodec.cli import watching  # It imports this module.

    return watching.run(context)


def built(context: Context, request: Request) -> list[Outcome]:
    """Build on behalf of another command, reported as `build` does except for the summary line."""
    with begun(context, request) as build_command:
        return build_command.outcomes()


@contextmanager
def begun(context: Context, request: Request, hear: Callable[[Event], None] | None = None) -> Iterator["Build"]:
    """A build that is about to begin; signals are handled and its log is open within the block. `hear` gets its events,
    too.
    """
    stop = Stop()
    with watched(stop) as watch:
        build = Build(context, request, stop, watch)
        if hear is not None:
            build.listeners.append(hear)
        try:
            yield build
        finally:
            build.close()


class Build:
    """One build and the listeners to its events."""

    def __init__(self, context: Context, request: Request, stop: Stop, watch: InterruptWatch) -> None:
        screen = context.screen
        self._context = context
        self._request = request
        self._is_stream = bool(vars(context.options).get("json"))
        self._stop = stop
        self._watch = watch
        self._was_interrupted = False
        self._narrator = Narrator(ansi if screen.err_color else plain, screen.verbose)
        self._progress = _progress(context, self._narrator)
        self._finished: list[BuildFinished] = []
        self.ended: list[Outcome] = []  # By `go`.
        self.summed_up = ""
        (place, _), *_ = places(request.targets)
        self._log = RunLog(Path(place.cache(), "runs"), context.words)
        self.listeners: list[Callable[[Event], None]] = [watch.hear, self._log, self._progress.hear, self._count]
        self._trace_name = vars(context.options).get("trace")
        self._trace = TraceFile(["episodec", *context.words]) if self._trace_name else None
        if self._trace is not None:
            self.listeners.append(self._trace.hear)
        if self._is_stream:
            self.listeners.append(self._stream)
            self._line({"event": "stream-started", "time": round(time.time(), 3), "version": stream.VERSION})

    def go(self) -> int:
        """Build, check if asked to, and return the exit code."""
        context, started = self._context, time.monotonic()
        self.ended = outcomes = self.outcomes()
        self._was_interrupted = any(one.interrupted for one in outcomes)
        code = exit_code(outcomes)
        reused = sum(one.hit for one in self._finished)
        self.summed_up = _summary(outcomes, reused, time.monotonic() - started)
        self._sum_up(self.summed_up, code, results_of(outcomes))
        if code == 0 and context.options.check:
            return self._check()
        return code

    def outcomes(self) -> list[Outcome]:
        """Build and show the diagnostics of the specs."""
        self._progress.begin("reading the series")
        outcomes = build(self._request, self._emit, self._stop, self._notice, self._context.series_states)
        self._progress.close()
        for outcome in outcomes:
            self._diagnose(outcome)
        return outcomes

    def supersede(self) -> None:
        """Finish what is running and end, because of a newer save. Called from another thread."""
        self._stop.level = max(self._stop.level, 1)

    def was_stopped(self) -> bool:
        """Whether the user interrupted it, rather than only a save."""
        return self._was_interrupted and self._watch.has_come

    def close(self) -> None:
        """Restore the terminal, close the log and write the trace."""
        self._progress.close()
        self._log.close()
        if self._trace is not None:
            write(str(self._trace_name), self._trace.content())

    def _emit(self, event: Event) -> None:
        for listener in self.listeners:
            listener(event)

    def _notice(self, sentence: str) -> None:
        # Above the live display, not into it.
        self._progress.say(f"note: {line}" for line in text_lines(sentence))

    def _count(self, event: Event) -> None:
        if isinstance(event, BuildFinished):
            self._finished.append(event)

    def _stream(self, event: Event) -> None:
        self._line(stream.event_to_plain(event, time.time()))

    def _line(self, plain_event: stream.Plain) -> None:
        self._context.screen.write(self._context.screen.out, stream.line(plain_event))

    def _diagnose(self, outcome: Outcome) -> None:
        if not self._is_stream:
            self._context.diagnostics(outcome.diagnostics, outcome.texts)
            return
        for diagnostic in outcome.diagnostics:
            plain = stream.diagnostic_to_plain(diagnostic)
            self._line({"event": "diagnostic", "time": round(time.time(), 3), **plain})

    def _sum_up(self, text: str, code: int, paths: Sequence[str] = ()) -> None:
        screen = self._context.screen
        if self._is_stream:
            totals = {"text": text, "exit_code": code, "results": paths}
            self._line({"event": "summary", "time": round(time.time(), 3), **totals})
        else:
            screen.summary([text, *results.lines(paths, has_links=screen.has_links)])

    def _check(self) -> int:
        """Make everything a second time, report the differences and return the exit code."""
        self._narrator.again = True
        self._emit_start_of_check()
        self._progress.begin("making everything again")
        share = self._context.options.from_cache
        sample = None if share is None else Sample(share, time.strftime("%Y-%m-%d", time.gmtime()))
        answers = recheck(self._request, self._emit, self._stop, self._notice, sample)
        self._progress.close()
        self._progress.say(line for one in answers for line in check_lines(one))
        wrong = any(one.differences or one.failed for one in answers)
        code = 130 if any(one.interrupted for one in answers) else int(wrong)
        self._sum_up(check_summary(answers), code)
        return code

    def _emit_start_of_check(self) -> None:
        # A check emits no event when it begins; the signal handler must know that something is running.
        self.listeners[0](BuildStarted(0, 0, 0, 0, None))


def _progress(context: Context, narrator: Narrator) -> ProgressListener:
    screen = context.screen
    if screen.quiet:
        narrator.quiet = True
        return PlainProgress(screen.err, narrator, every_s=float("inf"))
    if screen.is_live:
        return LiveProgress(screen.err, narrator)
    return PlainProgress(screen.err, narrator)


def exit_code(outcomes: list[Outcome]) -> int:
    """The exit code for several series: 130 if one was interrupted, 3 if only a part was built with -k."""
    codes = {one.exit_code for one in outcomes}
    if 130 in codes:
        return 130
    if codes <= {0}:
        return 0
    kept_going = any(one.keep_going for one in outcomes)
    return 3 if kept_going and codes & {0, 3} else 1


def results_of(outcomes: list[Outcome]) -> list[str]:
    """The films and pages to show, relative to the working folder."""
    parts = [results.from_here(path) for one in outcomes for path in one.files]
    wholes = [path for one in outcomes if one.standing for path in _results(one)]
    return parts + wholes


def _results(outcome: Outcome) -> list[str]:
    return results.result_paths(outcome.root, outcome.folder, outcome.films, outcome.standing)


def _summary(outcomes: list[Outcome], reused: int, seconds: float) -> str:
    if any(one.is_partial for one in outcomes):
        made_count, failed = sum(one.made_count for one in outcomes), sum(len(one.failed) for one in outcomes)
        return partial_summary(made_count, reused, failed, seconds)
    return summary(
        episodes=sum(one.episodes for one in outcomes),
        current=sum(one.current for one in outcomes),
        built=sum(one.published for one in outcomes),
        made_count=sum(one.made_count for one in outcomes),
        reused=reused,
        seconds=seconds,
        noted=sum(one.noted for one in outcomes),
        wrong=any(has_errors(one.diagnostics) for one in outcomes),
    )


def check_lines(checked: Checked) -> list[str]:
    """The lines about outputs that differ the second time."""
    lines = []
    for difference in checked.differences:
        lines += [
            f"differs {difference.action}",
            f"  stage {difference.stage}, backend {difference.backend}, output {difference.output}",
            f"  recorded {difference.recorded}",
            f"  now      {difference.recomputed}",
            "  help: the backend wrongly says that it is deterministic, or a tool changed without its fingerprint",
        ]
    return lines


def check_summary(answers: list[Checked]) -> str:
    """One line: how many actions were compared and how many outputs differ."""
    made_count, differ = sum(one.made_count for one in answers), sum(len(one.differences) for one in answers)
    left = sum(one.left_out for one in answers)
    word = f"{count_text(differ, 'output')} differ{'s' if differ == 1 else ''}" if differ else "all the same"
    if shared := [one.shared for one in answers if one.shared is not None]:
        return f"check: {made_count} of {count_text(sum(shared), 'shared result')} made again, {word}"
    return f"check: {count_text(made_count, 'action')} made again, {word}" + (
        f"; {left} not deterministic or not made" if left else ""
    )
