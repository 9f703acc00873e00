"""`episodec plan`: what a build would do and why, by the judge that `build` uses; or one episode's frame plan, drawn or
exported.
"""

import argparse
from pathlib import Path

from episodec.cli import options
from episodec.cli.files import check_png, write
from episodec.cli.options import Context
from episodec.errors import UsageError
from episodec.questions.plan import plan
from episodec.report import stream
from episodec.report.answers import plan_lines

FORMS = ("nerfstudio", "dnerf", "otio", "livelink")

_OF_BUILDS = {"json": "--json", "jobs": "-j", "keep_going": "-k", "always_make": "-B"}
_OF_BUILDS |= {"remake": "--remake", "locked": "--locked", "only": "--only", "frames": "--frames"}


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    options.targets(parser)
    options.variant(parser)
    parser.add_argument("-j", "--jobs", type=options.whole, metavar="N", help="predict times for N processors")
    parser.add_argument("-k", "--keep-going", action="store_true", help="plan what `build -k` would do")
    parser.add_argument("-B", "--always-make", action="store_true", help="plan what `build -B` would do")
    options.remake(parser)
    options.locked(parser)
    options.parts(parser)
    options.as_json(parser)
    options.diagnostics_format(parser)
    frames = parser.add_argument_group("the frame plan of one episode, instead of a build's plan")
    frames.add_argument("--picture", metavar="PNG", help="draw the camera path, the scene time and the voice")
    frames.add_argument("--export", choices=FORMS, help="write the cameras, or how the face moves, for another tool")
    frames.add_argument("--to", metavar="FILE", help="write the export to this file (default: stdout)")


def run(context: Context) -> int:
    """Show the plan; the exit code is 1 if errors would stop the build."""
    asked = vars(context.options)
    if any(asked.get(name) for name in ("picture", "export", "to")):  # `build -n` has no such options.
        _frame_plan(context)
        return 0
    plans = plan(context.question(), context.notice, context.series_states)
    screen = context.screen
    if context.options.json:
        screen.write(screen.out, stream.answer("plan", plans))
    else:
        for series_plan in plans:
            context.diagnostics(series_plan.diagnostics, series_plan.texts)
        screen.answer(plan_lines(plans, screen.paint()))
    return int(any(found.severity == "error" for one in plans for found in one.diagnostics))


def _frame_plan(context: Context) -> None:
    asked = context.options
    if given := [flag for name, flag in _OF_BUILDS.items() if vars(asked)[name]]:
        hint = "leave them out, or ask for the plan of a build without --picture, --export and --to"
        raise UsageError("these options do not apply to a frame plan", facts={"given": ", ".join(given)}, hint=hint)
    if asked.to and not asked.export:
        raise UsageError("--to needs --export", hint=f"--export {FORMS[0]} --to {asked.to}")
    if asked.picture:
        check_png(asked.picture)
    from episodec.questions.pictures import export, filmed, picture  # They bring numpy.

    of = filmed(context.question(), context.notice, context.diagnostics)
    if asked.export:
        text = export(of, asked.export, str(Path(asked.to or ".").parent))
        if asked.to:
            write(asked.to, text.encode())
        else:
            context.screen.write(context.screen.out, text)
    if asked.picture:
        if of.speaks and of.voice is None:
            sentence = (
                "the voice is not in the cache yet, so the picture has no waveform and no sentences; build it first"
            )
            context.notice(sentence)
        write(asked.picture, picture(of))
