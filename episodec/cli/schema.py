"""`episodec schema`: the JSON Schema of the language, for editors and other programs; the manual, for people."""

import argparse
from pathlib import Path

from episodec.cli.options import Context
from episodec.errors import UsageError
from episodec.project.authoring import KINDS, manual
from episodec.project.schemas import language, schema_folder
from episodec.wholefile import write_whole


def add(parser: argparse.ArgumentParser) -> None:
    """Its options."""
    parser.add_argument("kind", nargs="?", choices=KINDS, default="episode", metavar="KIND", help=", ".join(KINDS))
    instead = parser.add_mutually_exclusive_group()
    instead.add_argument("--write", metavar="DIR", help="write all of them into this folder instead")
    instead.add_argument("--manual", action="store_true", help="print every field of all of them as Markdown instead")


def run(context: Context) -> int:
    """Print one, or write all."""
    folder = schema_folder()
    if context.options.manual:
        context.screen.write(context.screen.out, manual(language().schemas))
        return 0
    if context.options.write is None:
        context.screen.write(context.screen.out, _text(folder, context.options.kind))
        return 0
    target = Path(context.options.write)
    try:
        target.mkdir(parents=True, exist_ok=True)
        for kind in KINDS:
            write_whole(target / f"{kind}.schema.json", _text(folder, kind).encode())
    except OSError as error:
        raise UsageError(
            "the schemas cannot be written there", facts={"folder": target, "reason": error.strerror or error}
        ) from error
    context.screen.summary(str(target / f"{kind}.schema.json") for kind in KINDS)
    return 0


def _text(folder: Path, kind: str) -> str:
    return (folder / f"{kind}.schema.json").read_text(encoding="utf-8")
