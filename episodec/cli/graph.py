"""`episodec graph`: the action graph as Mermaid, DOT or JSON."""

import argparse

from episodec.cli import options
from episodec.cli.options import Context
from episodec.questions.graph import graph
from episodec.report import graphs

FORMATS = {"mermaid": graphs.mermaid, "dot": graphs.dot, "json": graphs.as_json}


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    options.targets(parser)
    options.variant(parser)
    parser.add_argument(
        "--format", choices=tuple(FORMATS), default="mermaid", help="the output format (default: mermaid)"
    )


def run(context: Context) -> int:
    """Print the graph."""
    nodes = graph(context.question(), context.notice)
    context.screen.write(context.screen.out, FORMATS[context.options.format](nodes))
    return 0
