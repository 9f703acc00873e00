"""`episodec voice-ref`: encode a character's reference recording as voice tokens."""

import argparse
import os
from pathlib import Path

from episodec.cli.options import Context
from episodec.errors import RejectedSpecs, UsageError


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument(
        "action", choices=("encode",), help="encode: with the Fish Speech installation named in this machine's settings"
    )
    parser.add_argument("recording", metavar="RECORDING", help="a recording of 10 to 30 seconds of clear speech")
    parser.add_argument("-o", "--output", metavar="NPY", help="the file to write (default: RECORDING with .npy)")
    parser.add_argument("--force", action="store_true", help="replace an existing file")


def run(context: Context) -> int:
    """Write the tokens and print what they hold."""
    from episodec.audio.token_report import examine, in_words
    from episodec.backends.fish_speech.install import find
    from episodec.backends.fish_speech.voice_ref import encode_reference, save_reference
    from episodec.text import table

    given = context.options
    recording = Path(given.recording)
    target = Path(given.output) if given.output else recording.with_suffix(".npy")
    if target.suffix != ".npy":
        raise UsageError("voice tokens must be written to a .npy file", facts={"given": target})
    if target.exists() and not given.force:
        hint = "a change remakes every sentence of the character; pass --force to replace it"
        raise UsageError("the file already exists", facts={"file": target}, hint=hint)
    save_reference(encode_reference(find(_settings(context)), recording), target)
    context.screen.answer(table([name, value] for name, value in in_words(examine(target)[0])))
    return 0


def _settings(context: Context) -> dict[str, str]:
    """The settings of `fish-speech`, from the series here or from the user's settings."""
    from episodec.project import tree
    from episodec.project.settings import read_settings

    here = tree.locate(".")
    settings, diagnostics, texts = read_settings(here.root if here else os.getcwd(), context.base.environment)  # noqa: PTH109
    if any(one.severity == "error" for one in diagnostics):
        context.diagnostics(tuple(diagnostics), texts)
        raise RejectedSpecs("this machine's settings have errors")
    return dict(settings.backends.get("fish-speech", {}))
