"""`episodec status`: the state of each episode."""

import argparse

from episodec.cli import options
from episodec.cli.options import Context
from episodec.project.tree import LOCAL_FILE, user_settings
from episodec.questions.status import status
from episodec.report import stream
from episodec.report.answers import status_lines


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    options.targets(parser)
    options.variant(parser)
    options.as_json(parser)


def run(context: Context) -> int:
    """Show the states; the exit code is 1 if a spec is refused or another file of the series has errors.

    Errors of other files are shown in full, because no row mentions them; those of the machine's settings are not.
    """
    answers = status(context.question(), context.notice, context.series_states)
    screen = context.screen
    if context.options.json:
        screen.write(screen.out, stream.answer("status", answers))
    else:
        screen.answer(status_lines(answers, screen.paint(), verbose=screen.verbose))
    refused = [episode.spec for one in answers for episode in one.episodes if episode.state == "refused"]
    settings, wrong = {LOCAL_FILE, user_settings(context.base.environment)}, False
    for answer in answers:
        errors = [
            each for each in answer.diagnostics if each.severity == "error" and each.path not in {*refused, *settings}
        ]
        wrong = wrong or bool(errors)
        if not context.options.json:
            context.diagnostics(tuple(errors), answer.texts)
    return int(bool(refused) or wrong)
