"""`episodec build --watch`: a build of what is saved, again and again, until Ctrl-C.

A save that comes while a build runs ends that one: what runs is finished, and what it made the next one reuses.
"""

from dataclasses import replace

from episodec.cli import build
from episodec.cli.options import Context
from episodec.cli.saves import Saves
from episodec.errors import EpisodecError, UsageError
from episodec.project.tree import Place
from episodec.report.words import error_lines
from episodec.series import noop
from episodec.series.session import places

INTERRUPTED = 130


def run(context: Context) -> int:
    """Build, wait for a save, build; 0 when Ctrl-C ends the waiting, 130 when it ends a build.

    Raises:
        UsageError: the targets are of several series, or of none.
    """
    (place, _), *others = places(context.request().targets)
    if others:
        raise UsageError("--watch looks after one series", hint="name one, or go to it with -C")
    with Saves(place) as saves:
        try:
            while _built(context, saves):
                _wait(context, place, saves)
                context = replace(context, seen={})
        except KeyboardInterrupt:
            context.screen.tell(["no longer watching"])
            return 0
    return INTERRUPTED


def _built(context: Context, saves: Saves) -> bool:
    """Build what is saved; False where the user stopped it."""
    request = replace(context.request(), hears=True)
    try:
        with build.begun(context, request) as one:
            saves.begin(one.supersede)
            one.go()
            return not one.was_stopped()
    except EpisodecError as error:  # A series that cannot even be read: its author is at it.
        first, *rest = error_lines(error)
        context.screen.tell([f"error: {first}", *rest])
        return True


def _wait(context: Context, place: Place, saves: Saves) -> None:
    """Until something is saved that changes an episode."""
    if not saves.has_come():
        context.screen.tell([f"watching {place.series or place.root}; Ctrl-C ends it"])
    variant, environment = context.request().asked.variant(), context.base.environment
    while True:
        saves.wait()
        saves.begin(lambda: None)
        try:
            found = noop.stale_specs(place, variant, environment)
        except OSError:  # A folder that is being moved: the next save tells more.
            continue
        if found.stale or found.gone or found.strays:
            return
