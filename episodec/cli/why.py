"""`episodec why`: why an action runs or not, and where a file in dist/ comes from."""

import argparse

from episodec.cli import options
from episodec.cli.options import Context
from episodec.questions.why import why
from episodec.report import stream
from episodec.report.reasons import why_lines


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument(
        "target",
        metavar="ACTION|FILE",
        help="an action (d13-072/voice/0001), all of a stage (d13-072/voice), a file in dist/, or an episode (72)",
    )
    options.variant(parser)
    options.as_json(parser)


def run(context: Context) -> int:
    """Show the answer."""
    answer = why(context.question(), context.options.target, context.notice)
    screen = context.screen
    if context.options.json:
        screen.write(screen.out, stream.answer("why", answer))
    else:
        screen.answer(why_lines(answer, screen.paint(), verbose=screen.verbose))
    return 0
