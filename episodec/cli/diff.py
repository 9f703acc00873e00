"""`episodec diff`: how two versions of a series differ, before anything is built."""

import argparse

from episodec.cli import options
from episodec.cli.options import Context
from episodec.errors import UsageError
from episodec.project.authoring import has_errors
from episodec.questions.diff import diff
from episodec.questions.sides import base_and_targets
from episodec.report import stream
from episodec.report.diff import diff_lines
from episodec.report.diff_github import annotations
from episodec.report.diff_markdown import comment


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    options.comparison(parser)
    options.variant(parser)
    parser.add_argument("-j", "--jobs", type=options.whole, metavar="N", help="predict times for N processors")
    options.as_json(parser)
    parser.add_argument("--markdown", action="store_true", help="print the answer as a pull-request comment")
    options.diagnostics_format(parser)


def run(context: Context) -> int:
    """Show the answer; the exit code is 1 if the later version has errors."""
    asked = context.options
    form = options.output_format(asked)
    if asked.json and asked.markdown:
        raise UsageError("--json and --markdown exclude each other", hint="leave one of them out")
    base, targets = base_and_targets(asked.targets)
    answers = diff(context.question(targets), base)
    screen = context.screen
    for answer in answers:
        context.diagnostics(answer.diagnostics, answer.texts, answer=form == "github")
    if asked.json:
        screen.write(screen.out, stream.answer("diff", answers))
    elif asked.markdown:
        screen.write(screen.out, comment(answers))
    elif form == "github":
        screen.write(screen.out, annotations(answers))
    else:
        screen.answer(diff_lines(answers, screen.paint()))
    return int(any(has_errors(one.diagnostics) for one in answers))
