"""`episodec build --watch`: build after every save, until Ctrl-C.

A save during a build ends that build: running actions finish, and the next build reuses what was made.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from episodec.cli import build
from episodec.cli.board import Notices
from episodec.cli.options import Context
from episodec.cli.saves import Saves
from episodec.errors import EpisodecError, UsageError
from episodec.executors.kept import KeptWorkers
from episodec.project.tree import Place
from episodec.report.words import error_lines
from episodec.series import noop
from episodec.series.session import places

INTERRUPTED = 130


def run(context: Context) -> int:
    """Build after every save; the exit code is 0 if Ctrl-C ends the waiting, 130 if it ends a build.

    Raises:
        UsageError: the targets belong to several series, or to none.
    """
    (place, _), *others = places(context.request().targets)
    if others:
        raise UsageError("--watch watches a single series", hint="name one, or change to its folder with -C")
    notices = Notices(place.root, Path(place.root).name)
    with Saves(place) as saves, KeptWorkers() as workers, _page(context, place, notices):
        context = replace(context, base=replace(context.base, workers=workers))
        try:
            while _built(context, saves, notices):
                _wait(context, place, saves)
                context = replace(context, series_states={})
        except KeyboardInterrupt:
            context.screen.tell(["no longer watching"])
            return 0
    return INTERRUPTED


@contextmanager
def _page(context: Context, place: Place, notices: Notices) -> Iterator[None]:
    """With --serve, the page is served within the block."""
    if not context.options.serve:
        yield
        return
    from episodec.cli.serving import served

    with served(place.root, notices.title, notices) as address:
        context.screen.tell([f"page    {address}"])
        yield


def _built(context: Context, saves: Saves, notices: Notices) -> bool:
    """Build; False if the user stopped it."""
    request = replace(context.request(), hears=True)
    notices.begin()
    try:
        with build.begun(context, request, notices.hear) as running:
            saves.begin(running.supersede)
            running.go()
            notices.conclude(running.ended, build.results_of(running.ended), running.summed_up)
            return not running.was_stopped()
    except EpisodecError as error:  # The series cannot be read: its author is probably editing it.
        notices.refuse(error)
        first, *rest = error_lines(error)
        context.screen.tell([f"error: {first}", *rest])
        return True


def _wait(context: Context, place: Place, saves: Saves) -> None:
    """Wait until a save changes an episode."""
    if not saves.has_come():
        context.screen.tell([f"watching {place.series or place.root}; Ctrl-C ends it"])
    variant, environment = context.request().asked.variant(), context.base.environment
    while True:
        saves.wait()
        saves.begin(lambda: None)
        try:
            state = noop.series_state(place, variant, environment)
        except OSError:  # A folder is being moved: wait for the next save.
            continue
        if state.stale or state.gone or state.strays:
            return
