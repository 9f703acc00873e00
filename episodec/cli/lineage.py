"""`episodec lineage`: which stages and systems use a file, which do not, and what was made of it."""

import argparse

from episodec.cli import options
from episodec.cli.options import Context
from episodec.questions.lineage import lineage
from episodec.report import stream
from episodec.report.lineage import lineage_lines


def add(parser: argparse.ArgumentParser) -> None:
    """Its options."""
    parser.add_argument("file", metavar="FILE", help="an author's file, alpha-ref.png, or one that a backend loads")
    options.variant(parser)
    options.as_json(parser)


def run(context: Context) -> int:
    """Show the answer."""
    answer = lineage(context.question(), context.options.file, context.notice)
    screen = context.screen
    if context.options.json:
        screen.write(screen.out, stream.answer("lineage", answer))
    else:
        screen.answer(lineage_lines(answer, screen.paint(), verbose=screen.verbose))
    return 0
