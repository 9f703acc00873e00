"""`episodec inspect`: the contents of a file of reference voice tokens, as text and as a picture."""

import argparse
from pathlib import Path

from episodec.cli import options
from episodec.cli.files import check_png, write
from episodec.cli.options import Context
from episodec.errors import UsageError


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument("file", metavar="FILE", help="ref_NAME.npy")
    parser.add_argument("--picture", metavar="PNG", help="also draw the tokens over time to this file")
    options.as_json(parser)


def run(context: Context) -> int:
    """Show the tokens; a file that holds none is an error."""
    from episodec.audio.token_report import examine, in_words, picture
    from episodec.report import stream
    from episodec.text import table

    path = Path(context.options.file)
    if path.suffix != ".npy":
        raise UsageError("this is not a file of voice tokens", facts={"given": path}, hint="ref_NAME.npy")
    if context.options.picture:
        check_png(context.options.picture)
    report, tokens = examine(path)
    screen = context.screen
    if context.options.json:
        screen.write(screen.out, stream.answer("inspect", report))
    else:
        screen.answer(table([name, value] for name, value in in_words(report)))
    if context.options.picture:
        title = f"{report.file}: {report.shape[1]} tokens, {report.seconds:.2f} s"
        write(context.options.picture, picture(tokens, title))
    return 0
