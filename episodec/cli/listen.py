"""`episodec listen`: make and play one sentence of an episode, or its whole narration, and nothing else."""

import argparse
import os
import re
from dataclasses import replace

from episodec.cli import foreign, options, results
from episodec.cli.build import built, exit_code
from episodec.cli.options import Context
from episodec.series.goals import SentenceGoal


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.epilog = "exit codes: 0 it was played, or its path printed; 1 something failed; 130 interrupted"
    parser.add_argument(
        "target", metavar="EPISODE[/N]", help="an episode and one of its sentences (72/3), or an episode for all of it"
    )
    options.variant(parser)
    parser.add_argument("--print", action="store_true", help="only print where the sound is")
    options.diagnostics_format(parser)


def run(context: Context) -> int:
    """Make only the sound, print its path, and play it if there is a player."""
    episode, number = sentence_of(context.options.target)
    outcomes = built(context, replace(context.request(), targets=(episode,), goals=SentenceGoal(number)))
    if code := exit_code(outcomes):
        return code
    (sound,) = outcomes[0].files
    context.screen.answer([results.from_here(sound)])
    command = None if context.options.print else foreign.player(context.base.environment)
    if command is None:
        return 0
    wrong = foreign.run_to_end([*command, sound])
    if wrong:
        context.notice(f"{os.path.basename(command[0])} could not play it: {wrong}")  # noqa: PTH119
    return int(bool(wrong))


def sentence_of(target: str) -> tuple[str, int | None]:
    """The episode and the number of the sentence: `72/3`, `d13/72/3`, `episodes/072.episode.yaml/3`.

    `1/72` is always sentence 72 of episode 1, even if seasons are numbers.
    """
    episode, slash, last = target.rpartition("/")
    is_numbered = bool(slash) and re.fullmatch(r"\d{1,6}", last) is not None and not os.path.lexists(target)
    if is_numbered and (os.path.isfile(episode) or re.fullmatch(r"(?:[^/]+/)?\d{1,9}", episode)):  # noqa: PTH113
        return episode, int(last)
    return target, None
