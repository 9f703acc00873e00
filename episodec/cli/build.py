"""`episodec build`: makes what is not current and publishes it; `-n` only says what it would do."""

import argparse
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from episodec.building.build import build
from episodec.building.outcome import Outcome
from episodec.building.recheck import Checked, recheck
from episodec.building.world import Stop
from episodec.cli import options, plan, results
from episodec.cli.files import write
from episodec.cli.interrupts import Watch, watched
from episodec.cli.options import Context
from episodec.engine.events import BuildFinished, BuildStarted, Event
from episodec.errors import UsageError
from episodec.project.authoring import has_errors
from episodec.report import stream
from episodec.report.lines import Narrator, partial_summary, summary
from episodec.report.paint import ansi, plain
from episodec.report.progress import LiveProgress, PlainProgress, Progress
from episodec.report.runlog import RunLog
from episodec.report.trace_file import TraceFile
from episodec.series.request import Request
from episodec.series.session import places
from episodec.text import count_text, text_lines


def add(parser: argparse.ArgumentParser) -> None:
    """Its options, which mean what they mean to make."""
    parser.epilog = "exit codes: 0 all is current, 1 something failed, 3 the rest was built (-k), 130 interrupted"
    options.targets(parser)
    options.variant(parser)
    parser.add_argument("-j", "--jobs", type=options.whole, metavar="N", help="use so many processors (default: all)")
    parser.add_argument("-k", "--keep-going", action="store_true", help="build what can be built in spite of errors")
    parser.add_argument("-n", "--dry-run", action="store_true", help="only show what would be done: plan")
    parser.add_argument("-B", "--always-make", action="store_true", help="make every action, whatever the cache holds")
    options.remake(parser)
    options.parts(parser)
    parser.add_argument("--at", metavar="COMMIT", help="the episodes as this commit has them, into dist/_at/")
    parser.add_argument("--watch", action="store_true", help="go on: build what is saved, until Ctrl-C")
    parser.add_argument("--check", action="store_true", help="afterwards make everything again and compare the bytes")
    parser.add_argument("--trace", metavar="FILE", help="what ran when, as a trace that Perfetto and Chrome open")
    parser.add_argument("--json", action="store_true", help="events on stdout, one JSON object a line")
    options.diagnostics_format(parser)


def run(context: Context) -> int:
    """Build, say what was done, and compare when asked to."""
    if context.options.check and (context.options.only or context.options.frames or context.options.preview):
        raise UsageError("--check makes whole episodes again", hint="leave out --only, --frames and --preview")
    if context.options.at:
        return _at(context)
    if context.options.watch:
        return _watch(context)
    if context.options.dry_run:
        return plan.run(context)
    with begun(context, context.request()) as one:
        return one.go()


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
        raise UsageError("--watch builds what is saved", hint="leave out -n, -B, --check, --only, --remake")
    from episodec.cli import watching  # It imports this module.

    return watching.run(context)


def built(context: Context, request: Request) -> list[Outcome]:
    """What a build of another command's came to; it is told of as `build` does, without the last line."""
    with begun(context, request) as one:
        return one.outcomes()


@contextmanager
def begun(context: Context, request: Request) -> Iterator["Build"]:
    """A build that is about to begin, with signals heard and its log kept until it is left."""
    stop = Stop()
    with watched(stop) as watch:
        one = Build(context, request, stop, watch)
        try:
            yield one
        finally:
            one.close()


class Build:
    """One build, with everybody who hears of it."""

    def __init__(self, context: Context, request: Request, stop: Stop, watch: Watch) -> None:
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
        (place, _), *_ = places(request.targets)
        self._log = RunLog(Path(place.cache(), "runs"), context.words)
        self._listeners: list[Callable[[Event], None]] = [watch.hear, self._log, self._progress.hear, self._count]
        self._trace_name = vars(context.options).get("trace")
        self._trace = TraceFile(["episodec", *context.words]) if self._trace_name else None
        if self._trace is not None:
            self._listeners.append(self._trace.hear)
        if self._is_stream:
            self._listeners.append(self._stream)
            self._line({"event": "stream-started", "time": round(time.time(), 3), "version": stream.VERSION})

    def go(self) -> int:
        """Build and check; the exit code."""
        context, started = self._context, time.monotonic()
        outcomes = self.outcomes()
        self._was_interrupted = any(one.interrupted for one in outcomes)
        code = exit_code(outcomes)
        reused = sum(one.hit for one in self._finished)
        self._sum_up(_summary(outcomes, reused, time.monotonic() - started), code, shown(outcomes))
        if code == 0 and context.options.check:
            return self._check()
        return code

    def outcomes(self) -> list[Outcome]:
        """Build, and show what is wrong with specs."""
        self._progress.begin("reading the series")
        outcomes = build(self._request, self._emit, self._stop, self._notice, self._context.seen)
        self._progress.close()
        for one in outcomes:
            self._diagnose(one)
        return outcomes

    def supersede(self) -> None:
        """Something was saved meanwhile: finish what runs and end. Called by another thread."""
        self._stop.level = max(self._stop.level, 1)

    def was_stopped(self) -> bool:
        """Whether the user ended it, and not a save alone."""
        return self._was_interrupted and self._watch.has_come

    def close(self) -> None:
        """Leave the terminal as it was, and the log whole."""
        self._progress.close()
        self._log.close()
        if self._trace is not None:
            write(str(self._trace_name), self._trace.content())

    def _emit(self, event: Event) -> None:
        for listener in self._listeners:
            listener(event)

    def _notice(self, sentence: str) -> None:
        # Above the picture that moves, not into it.
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
        for one in outcome.diagnostics:
            shown = stream.diagnostic_to_plain(one)
            self._line({"event": "diagnostic", "time": round(time.time(), 3), **shown})

    def _sum_up(self, text: str, code: int, paths: Sequence[str] = ()) -> None:
        screen = self._context.screen
        if self._is_stream:
            told = {"text": text, "exit_code": code, "results": paths}
            self._line({"event": "summary", "time": round(time.time(), 3), **told})
        else:
            screen.summary([text, *results.lines(paths, has_links=screen.has_links)])

    def _check(self) -> int:
        """Make everything again."""
        self._narrator.again = True
        self._emit_start_of_check()
        self._progress.begin("making everything again")
        answers = recheck(self._request, self._emit, self._stop, self._notice)
        self._progress.close()
        self._progress.say(line for one in answers for line in check_lines(one))
        wrong = any(one.differences or one.failed for one in answers)
        code = 130 if any(one.interrupted for one in answers) else int(wrong)
        self._sum_up(check_summary(answers), code)
        return code

    def _emit_start_of_check(self) -> None:
        # A check has no event of its own; whoever watches must know that something runs.
        self._listeners[0](BuildStarted(0, 0, 0, 0, None))


def _progress(context: Context, narrator: Narrator) -> Progress:
    screen = context.screen
    if screen.quiet:
        narrator.quiet = True
        return PlainProgress(screen.err, narrator, every_s=float("inf"))
    if screen.is_live:
        return LiveProgress(screen.err, narrator)
    return PlainProgress(screen.err, narrator)


def exit_code(outcomes: list[Outcome]) -> int:
    """Of several series: interrupted if one was; partly built if one was built and another not."""
    codes = {one.exit_code for one in outcomes}
    if 130 in codes:
        return 130
    if codes <= {0}:
        return 0
    kept_going = any(one.keep_going for one in outcomes)
    return 3 if kept_going and codes & {0, 3} else 1


def shown(outcomes: list[Outcome]) -> list[str]:
    """What there is to be seen, as paths from where the process is."""
    parts = [results.from_here(path) for one in outcomes for path in one.files]
    wholes = [path for one in outcomes if one.standing for path in _found(one)]
    return parts + wholes


def _found(one: Outcome) -> list[str]:
    return results.found(one.root, one.folder, one.films, one.standing)


def _summary(outcomes: list[Outcome], reused: int, seconds: float) -> str:
    if any(one.is_partial for one in outcomes):
        made, failed = sum(one.made for one in outcomes), sum(len(one.failed) for one in outcomes)
        return partial_summary(made, reused, failed, seconds)
    return summary(
        episodes=sum(one.episodes for one in outcomes),
        current=sum(one.current for one in outcomes),
        built=sum(one.published for one in outcomes),
        made=sum(one.made for one in outcomes),
        reused=reused,
        seconds=seconds,
        noted=sum(one.noted for one in outcomes),
        wrong=any(has_errors(one.diagnostics) for one in outcomes),
    )


def check_lines(checked: Checked) -> list[str]:
    """Every output that came out otherwise."""
    lines = []
    for one in checked.differences:
        lines += [
            f"differs {one.action}",
            f"  stage {one.stage}, backend {one.backend}, output {one.output}",
            f"  recorded {one.recorded}",
            f"  now      {one.found}",
            "  help: the backend says that it is deterministic and is not, or a tool changed without its fingerprint",
        ]
    return lines


def check_summary(answers: list[Checked]) -> str:
    """One line: how many were compared."""
    made, differ = sum(one.made for one in answers), sum(len(one.differences) for one in answers)
    left = sum(one.left_out for one in answers)
    word = f"{count_text(differ, 'output')} differ{'s' if differ == 1 else ''}" if differ else "all the same"
    return f"check: {count_text(made, 'action')} made again, {word}" + (
        f"; {left} not deterministic or not made" if left else ""
    )
