"""`episodec open`: an episode's film, or the index page, shown by the program that this machine has for it."""

import argparse
import os

from episodec.cli import foreign, results
from episodec.cli.options import Context
from episodec.errors import UsageError
from episodec.series.goals import the_one_of
from episodec.series.session import opened, places


def add(parser: argparse.ArgumentParser) -> None:
    """Its options."""
    parser.epilog = "exit codes: 0 it was opened, or its path printed; 1 the program failed; 2 nothing is built"
    parser.add_argument("targets", nargs="?", metavar="EPISODE", help="a number (72) or a spec; none: the index page")
    parser.add_argument("--profile", metavar="NAME", help="what was built with this profile of series.yaml")
    parser.add_argument("--print", action="store_true", help="only print where it is")


def run(context: Context) -> int:
    """Open it; where nothing opens files, print where it is."""
    path = _wanted(context)
    command = None if context.options.print else foreign.opener(context.base.environment, path)
    context.screen.answer([results.from_here(path)])
    if command is None:
        return 0
    wrong = foreign.start(command)
    if wrong:
        context.notice(f"{os.path.basename(command[0])} could not open it: {wrong}")  # noqa: PTH119
    return int(bool(wrong))


def _wanted(context: Context) -> str:
    """The film, or the page, as an absolute path.

    Raises:
        UsageError: it is not there.
    """
    target = context.options.targets
    request = context.question((target,) if target else ())
    (place, targets), *others = places(request.targets)
    if others:
        raise UsageError("there are several series here", hint="name an episode, or go to one with -C")
    with opened(place, targets, request, context.notice) as session:
        if target is None:
            paths = [f"{session.project.series_file.folder()}/{results.PAGE}"]
        else:
            spec = the_one_of(session.wanted)
            paths = list(session.films([spec]))
            if spec in session.stale:
                context.notice("the episode has changed since it was built, or was never built as it is now")
        found = [whole for path in paths if os.path.isfile(whole := os.path.join(place.root, path))]  # noqa: PTH113, PTH118
    if not found:
        facts = {"episode": target} if target else {"page": paths[0]}
        hint = f"`episodec build {target}` builds it" if target else "`episodec build` builds it"
        raise UsageError("this is not built yet", facts=facts, hint=hint)
    return found[0]
