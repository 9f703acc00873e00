"""`episodec impact`: which episodes, stages and actions depend on a file, and what a change to it would cost."""

import argparse

from episodec.cli import options
from episodec.cli.options import Context
from episodec.questions.impact import impact
from episodec.report import stream
from episodec.report.answers import impact_lines


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument("files", nargs="+", metavar="FILE", help="an author's file, or one that a backend loads")
    options.variant(parser)
    options.as_json(parser)


def run(context: Context) -> int:
    """Show the answer."""
    answers = impact(context.question(), context.options.files, context.notice)
    screen = context.screen
    if context.options.json:
        screen.write(screen.out, stream.answer("impact", answers))
    else:
        screen.answer(impact_lines(answers, screen.paint()))
    return 0
