"""`episodec blame`: the spec lines behind a moment of a film, who wrote them, and the actions that made the moment."""

import argparse

from episodec.cli import options
from episodec.cli.options import Context
from episodec.cli.still import moment_of
from episodec.questions.blame import blame
from episodec.report import stream
from episodec.report.blame import blame_lines


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument(
        "target",
        metavar="FILM|EPISODE@WHEN",
        help="a film in dist/video or an episode, and a moment in seconds (72@12.4) or a frame (72@f372)",
    )
    options.variant(parser)
    options.as_json(parser)


def run(context: Context) -> int:
    """Show the answer."""
    given = context.options.target
    target, moment = moment_of(given)
    answer = blame(context.request(), target, moment, context.notice)
    screen = context.screen
    if context.options.json:
        screen.write(screen.out, stream.answer("blame", answer))
    else:
        screen.answer(blame_lines(answer, screen.paint()))
    return 0
