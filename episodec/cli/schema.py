"""`episodec schema`: the JSON Schema of the language, for editors and other programs; and the manuals of the language,
stages and overrides.
"""

import argparse
from pathlib import Path

from episodec.backends import BUILTIN
from episodec.cli.options import Context
from episodec.contracts.manual import stages_manual
from episodec.errors import UsageError
from episodec.project.authoring import KINDS, manual
from episodec.project.overrides_manual import overrides_manual
from episodec.project.schemas import language, schema_texts
from episodec.runner.loading import load
from episodec.wholefile import write_whole


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument("kind", nargs="?", choices=KINDS, default="episode", metavar="KIND", help=", ".join(KINDS))
    instead = parser.add_mutually_exclusive_group()
    instead.add_argument("--write", metavar="DIR", help="write all schemas to this folder instead")
    instead.add_argument("--manual", action="store_true", help="print every field of all schemas as Markdown instead")
    instead.add_argument(
        "--stages", action="store_true", help="print the inputs and outputs of each stage as Markdown instead"
    )
    instead.add_argument(
        "--overrides", action="store_true", help="print the overrides of each backend as Markdown instead"
    )


def run(context: Context) -> int:
    """Print a schema or manual, or write all schemas."""
    if context.options.manual:
        context.screen.write(context.screen.out, manual(language().schemas))
        return 0
    if context.options.stages:
        context.screen.write(context.screen.out, stages_manual(_backends_by_stage()))
        return 0
    if context.options.overrides:
        context.screen.write(context.screen.out, overrides_manual())
        return 0
    texts = schema_texts()
    if context.options.write is None:
        context.screen.write(context.screen.out, texts[f"{context.options.kind}.schema.json"])
        return 0
    target = Path(context.options.write)
    try:
        target.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            write_whole(target / name, text.encode())
    except OSError as error:
        raise UsageError(
            "the schemas cannot be written there", facts={"folder": target, "reason": error.strerror or error}
        ) from error
    context.screen.summary(str(target / name) for name in texts)
    return 0


def _backends_by_stage() -> dict[str, list[str]]:
    """The names of the built-in backends by stage."""
    by_stage: dict[str, list[str]] = {}
    for name, target in BUILTIN.items():
        for stage in load(target).stages:
            by_stage.setdefault(stage, []).append(name)
    return by_stage
