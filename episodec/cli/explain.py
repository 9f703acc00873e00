"""`episodec explain`: what the code of a diagnostic means."""

import argparse
import textwrap

from episodec.cli.options import Context
from episodec.errors import UsageError
from episodec.project.authoring import CODES, Code


def add(parser: argparse.ArgumentParser) -> None:
    """Its options."""
    parser.add_argument("code", nargs="?", metavar="CODE", help="a code such as E201, or its name; none: list them")


def run(context: Context) -> int:
    """Print the explanation, or the list of codes."""
    wanted = context.options.code
    if wanted is None:
        context.screen.answer(f"{one.code}  {one.severity:<7}  {one.title}" for one in CODES.values())
        return 0
    found = next((one for one in CODES.values() if wanted.upper() == one.code or wanted.lower() == one.name), None)
    if found is None:
        raise UsageError("there is no such code", facts={"code": wanted}, hint="`episodec explain` lists them")
    context.screen.answer(_lines(found))
    return 0


def _lines(code: Code) -> list[str]:
    allowed = "An episode's `allow` can silence it." if code.is_allowable else "It cannot be silenced."
    body = textwrap.wrap(f"{code.explanation} {allowed}", 100)
    return [f"{code.code} {code.name} ({code.severity}): {code.title}", "", *body]
