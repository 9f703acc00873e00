"""`episodec plan`: what a build would do and why; `build` asks the same judge. Or one episode's frame plan, drawn or
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
_OF_BUILDS |= {"remake": "--remake", "only": "--only", "frames": "--frames"}


def add(parser: argparse.ArgumentParser) -> None:
    """Its options."""
    options.targets(parser)
    options.variant(parser)
    parser.add_argument("-j", "--jobs", type=options.whole, metavar="N", help="predict times for so many processors")
    parser.add_argument("-k", "--keep-going", action="store_true", help="plan as `build -k` would build")
    parser.add_argument("-B", "--always-make", action="store_true", help="plan as `build -B` would build")
    options.remake(parser)
    options.parts(parser)
    options.as_json(parser)
    options.diagnostics_format(parser)
    frames = parser.add_argument_group("the frame plan of one episode, in place of a build's")
    frames.add_argument("--picture", metavar="PNG", help="draw the camera's way, the scene time and the voice")
    frames.add_argument("--export", choices=FORMS, help="write the cameras, or how the face moves, for another tool")
    frames.add_argument("--to", metavar="FILE", help="where an export goes; stdout otherwise")


def run(context: Context) -> int:
    """Show the plan; 1 when errors would stop the build."""
    asked = vars(context.options)
    if any(asked.get(name) for name in ("picture", "export", "to")):  # `build -n` has no such options.
        _frame_plan(context)
        return 0
    plans = plan(context.question(), context.notice, context.seen)
    screen = context.screen
    if context.options.json:
        screen.write(screen.out, stream.answer("plan", plans))
    else:
        for one in plans:
            context.diagnostics(one.diagnostics, one.texts)
        screen.answer(plan_lines(plans, screen.paint()))
    return int(any(found.severity == "error" for one in plans for found in one.diagnostics))


def _frame_plan(context: Context) -> None:
    asked = context.options
    if given := [flag for name, flag in _OF_BUILDS.items() if vars(asked)[name]]:
        hint = "a frame plan is drawn with --picture and written with --export"
        raise UsageError("this is asked of a build, not of a frame plan", facts={"given": ", ".join(given)}, hint=hint)
    if asked.to and not asked.export:
        raise UsageError("--to says where an export goes", hint=f"--export {FORMS[0]} --to {asked.to}")
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
            said = "its voice is not in the cache yet: the picture has no waveform and no sentences; build it first"
            context.notice(said)
        write(asked.picture, picture(of))
