"""`episodec open`: open an episode's film, or the index page, with this machine's program for it."""

import argparse
import os

from episodec.cli import foreign, results
from episodec.cli.options import Context
from episodec.errors import UsageError
from episodec.series.goals import the_one_of
from episodec.series.session import opened, places


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.epilog = "exit codes: 0 it was opened, or its path printed; 1 the program failed; 2 nothing is built"
    parser.add_argument(
        "targets", nargs="?", metavar="EPISODE", help="a number (72) or a spec (default: the index page)"
    )
    parser.add_argument("--profile", metavar="NAME", help="open the result of this profile of series.yaml")
    parser.add_argument("--print", action="store_true", help="only print where it is")


def run(context: Context) -> int:
    """Print its path and open it if there is an opener."""
    path = _target(context)
    command = None if context.options.print else foreign.opener(context.base.environment, path)
    context.screen.answer([results.from_here(path)])
    if command is None:
        return 0
    wrong = foreign.start(command)
    if wrong:
        context.notice(f"{os.path.basename(command[0])} could not open it: {wrong}")  # noqa: PTH119
    return int(bool(wrong))


def _target(context: Context) -> str:
    """The absolute path of the film or page.

    Raises:
        UsageError: it has not been built, or there are several series.
    """
    target = context.options.targets
    request = context.question((target,) if target else ())
    (place, targets), *others = places(request.targets)
    if others:
        raise UsageError("there are several series here", hint="name an episode, or change to one series with -C")
    with opened(place, targets, request, context.notice) as session:
        if target is None:
            paths = [f"{session.project.series_file.folder()}/{results.PAGE}"]
        else:
            spec = the_one_of(session.selected)
            paths = list(session.films([spec]))
            if spec in session.stale:
                context.notice("the episode has changed since this film was built")
        existing = [whole for path in paths if os.path.isfile(whole := os.path.join(place.root, path))]  # noqa: PTH113, PTH118
    if not existing:
        facts = {"episode": target} if target else {"page": paths[0]}
        hint = f"`episodec build {target}` builds it" if target else "`episodec build` builds it"
        raise UsageError("this has not been built yet", facts=facts, hint=hint)
    return existing[0]
