"""`episodec dataset`: what a scene is trained from: cameras, times and splits, in words and as a picture."""

import argparse

from episodec.cli import options
from episodec.cli.files import write
from episodec.cli.options import Context


def add(parser: argparse.ArgumentParser) -> None:
    """Its options."""
    below = parser.add_subparsers(dest="what", metavar="inspect", required=True)
    text = "show the cameras and times of a dataset"
    inspect = below.add_parser("inspect", help=text, description=text[0].upper() + text[1:] + ".")
    options.common(inspect)
    inspect.add_argument("source", metavar="FILE.zip|FOLDER|CHARACTER", help="the dataset, or whose dataset")
    inspect.add_argument("--picture", metavar="PNG", help="also draw the cameras and the times into this file")
    options.variant(inspect)
    options.as_json(inspect)


def run(context: Context) -> int:
    """Show it."""
    from episodec.project.authoring import escape
    from episodec.questions.dataset import Contents, Seen, dataset, picture
    from episodec.report import stream
    from episodec.report.words import table

    def angles(one: Seen) -> tuple[str, str]:
        return f"{one.azimuth_deg:.1f}", f"{one.elevation_deg:.1f}"

    def lines(found: Contents) -> list[str]:
        width, height = found.size
        points = "" if found.points is None else f", {found.points} points"
        head = (
            f"{escape(found.source)}: {len(found.frames)} frames of {width} x {height}, "
            f"{found.fov_y_deg:.1f} degrees{points}"
        )
        names = ["kind", "split", "file", "time", "azimuth", "elevation", "distance"]
        rows = [
            [one.kind, one.split, escape(one.file), f"{one.time:.4f}", *angles(one), f"{one.distance_m:.3f} m"]
            for one in found.frames
        ]
        return [head, *table([names, *rows], "  ")]

    found, shots = dataset(context.request(), context.options.source, context.notice)
    screen = context.screen
    if context.options.json:
        screen.write(screen.out, stream.answer("dataset", found))
    else:
        screen.answer(lines(found))
    if context.options.picture:
        write(context.options.picture, picture(found, shots))
    return 0
