"""`episodec still`: one frame of an episode as a PNG, as it is before encoding, with burnt captions."""

import argparse
import re
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from episodec.cli import options
from episodec.cli.build import built, exit_code
from episodec.cli.files import check_png, write
from episodec.cli.options import Context
from episodec.errors import UsageError
from episodec.series.goals import StillGoal
from episodec.timebase import AtFrame, AtSecond, Moment


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.epilog = "exit codes: 0 written, 1 something failed, 2 the film has no such frame, 130 interrupted"
    parser.add_argument(
        "target", metavar="EPISODE@WHEN", help="an episode and a moment in seconds (72@14.2) or a frame (72@f426)"
    )
    parser.add_argument("picture", metavar="PNG", help="the file to write")
    options.variant(parser)
    options.diagnostics_format(parser)


def run(context: Context) -> int:
    """Render the frame and write it."""
    given = context.options
    episode, moment = moment_of(given.target)
    check_png(given.picture)
    request = context.request()
    asked = replace(request.asked, still=moment)
    outcomes = built(context, replace(request, targets=(episode,), goals=StillGoal(), asked=asked))
    if code := exit_code(outcomes):
        return code
    (picture,) = outcomes[0].files
    write(given.picture, Path(picture).read_bytes())
    return 0


def moment_of(target: str) -> tuple[str, Moment]:
    """The episode and the moment of a target such as `72@14.2` or `72@f426`.

    Raises:
        UsageError: the target has another form.
    """
    episode, sign, when = target.rpartition("@")
    frame = re.fullmatch(r"f(\d{1,9})", when)
    second = re.fullmatch(r"(\d{1,7}(?:\.\d{1,9})?)s?", when)
    if not sign or not episode or not (frame or second):
        hint = "72@14.2 is 14.2 seconds into episode 72, 72@f426 its frame 426"
        raise UsageError("this does not name a frame of an episode", facts={"given": target}, hint=hint)
    return episode, AtFrame(int(frame[1])) if frame else AtSecond(Fraction(second[1] if second else 0))
