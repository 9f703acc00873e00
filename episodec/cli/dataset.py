"""`episodec dataset`: the cameras, times and splits that a scene is trained on, as text and as a picture."""

import argparse

from episodec.cli import commands, options
from episodec.cli.files import check_png, write
from episodec.cli.options import Context


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    below = parser.add_subparsers(dest="what", metavar="inspect", required=True)
    text = "show the cameras and times of a dataset"
    inspect = below.add_parser("inspect", help=text, description=text[0].upper() + text[1:] + ".")
    commands.common(inspect)
    inspect.add_argument(
        "source", metavar="FILE.zip|FOLDER|CHARACTER", help="the dataset, or the character it belongs to"
    )
    inspect.add_argument("--picture", metavar="PNG", help="also draw the cameras and times to this file")
    options.variant(inspect)
    options.as_json(inspect)


def run(context: Context) -> int:
    """Show the dataset."""
    from episodec.questions.dataset import dataset, picture  # They bring numpy.
    from episodec.report import stream
    from episodec.report.dataset import dataset_lines

    if context.options.picture:
        check_png(context.options.picture)
    contents, shots = dataset(context.question(), context.options.source, context.notice)
    screen = context.screen
    if context.options.json:
        screen.write(screen.out, stream.answer("dataset", contents))
    else:
        screen.answer(dataset_lines(contents))
    if context.options.picture:
        write(context.options.picture, picture(contents, shots))
    return 0
