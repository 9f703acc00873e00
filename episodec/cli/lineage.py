"""`episodec lineage`: for an author's file, the stages and systems that use it and what was made from it; for a file in
dist/, an action or an episode, what it comes from.
"""

import argparse
import os

from episodec.cli import options
from episodec.cli.options import Context
from episodec.questions.ancestry import ancestry
from episodec.questions.lineage import lineage
from episodec.questions.named import is_name, is_published
from episodec.report import stream
from episodec.report.ancestry import ancestry_lines
from episodec.report.lineage import lineage_lines


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument(
        "file",
        metavar="FILE|ACTION",
        help="an author's file (alpha-ref.png), one that a backend loads, one in dist/, or an action (d13-072/voice)",
    )
    options.variant(parser)
    options.as_json(parser)


def run(context: Context) -> int:
    """Show the answer."""
    target = context.options.file
    if is_published(target) or (not os.path.lexists(target) and is_name(target)):
        return _come_from(context, target)
    answer = lineage(context.question(), target, context.notice)
    screen = context.screen
    if context.options.json:
        screen.write(screen.out, stream.answer("lineage", answer))
    else:
        screen.answer(lineage_lines(answer, screen.paint(), verbose=screen.verbose))
    return 0


def _come_from(context: Context, target: str) -> int:
    answer = ancestry(context.question(), target, context.notice)
    screen = context.screen
    if context.options.json:
        screen.write(screen.out, stream.answer("ancestry", answer))
    else:
        screen.answer(ancestry_lines(answer, screen.paint(), verbose=screen.verbose))
    return 0
