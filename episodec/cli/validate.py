"""`episodec validate`: all diagnostics of all files."""

import argparse

from episodec.cli import options
from episodec.cli.options import Context
from episodec.project.authoring import Diagnostic, has_errors, summarize
from episodec.series.session import Session, opened, places


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    options.targets(parser)
    options.variant(parser)
    options.diagnostics_format(parser)


def run(context: Context) -> int:
    """Show the diagnostics; the exit code is 1 if one is an error."""
    request = context.question()
    diagnostics: list[Diagnostic] = []
    texts: dict[str, str] = {}
    files = 0
    for place, targets in places(request.targets):
        with opened(place, targets, request, context.notice) as session:
            _check(session)
            diagnostics += session.project.diagnostics
            texts |= session.project.texts
            files += len(session.selected)
    context.diagnostics(tuple(diagnostics), texts, answer=True)
    if options.output_format(context.options) in ("full", "concise"):
        context.screen.summary([summarize(tuple(dict.fromkeys(diagnostics)), files)])
    return int(has_errors(diagnostics))


def _check(session: Session) -> None:
    if session.selected == session.specs:
        session.project.validate(session.specs)  # Unchanged specs without diagnostics are not read again.
    else:
        session.load_selected()  # Values that must be unique are also compared with the other specs.
