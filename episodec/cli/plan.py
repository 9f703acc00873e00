"""`episodec plan`: what a build would do and why; `build` asks the same judge."""

import argparse

from episodec.cli import options
from episodec.cli.options import Context
from episodec.questions.plan import plan
from episodec.report import stream
from episodec.report.answers import plan_lines


def add(parser: argparse.ArgumentParser) -> None:
    """Its options."""
    options.targets(parser)
    options.variant(parser)
    parser.add_argument("-j", "--jobs", type=options.whole, metavar="N", help="predict times for so many processors")
    parser.add_argument("-k", "--keep-going", action="store_true", help="plan as `build -k` would build")
    parser.add_argument("-B", "--always-make", action="store_true", help="plan as `build -B` would build")
    options.as_json(parser)
    options.diagnostics_format(parser)


def run(context: Context) -> int:
    """Show the plan; 1 when errors would stop the build."""
    plans = plan(context.request(), context.notice)
    screen = context.screen
    if context.options.json:
        screen.write(screen.out, stream.answer("plan", plans))
    else:
        for one in plans:
            context.diagnostics(one.diagnostics, one.texts)
        screen.answer(plan_lines(plans, screen.paint()))
    return int(any(found.severity == "error" for one in plans for found in one.diagnostics))
