"""`episodec voice-ref`: a character's reference recording to the voice tokens that stand for it."""

import argparse
import os
from pathlib import Path

from episodec.cli.options import Context
from episodec.errors import RejectedSpecs, UsageError


def add(parser: argparse.ArgumentParser) -> None:
    """Its options."""
    parser.add_argument("action", choices=("encode",), help="encode: through the Fish Speech that local settings name")
    parser.add_argument("recording", metavar="RECORDING", help="a recording of 10 to 30 seconds of clear speech")
    parser.add_argument("-o", "--output", metavar="NPY", help="the file to write (default: RECORDING with .npy)")
    parser.add_argument("--force", action="store_true", help="replace the file if it is there")


def run(context: Context) -> int:
    """Write the tokens and tell what they are."""
    from episodec.audio.token_report import examine, in_words
    from episodec.backends.fish_speech.install import find
    from episodec.backends.fish_speech.voice_ref import encode_reference, save_reference
    from episodec.text import table

    given = context.options
    recording = Path(given.recording)
    target = Path(given.output) if given.output else recording.with_suffix(".npy")
    if target.suffix != ".npy":
        raise UsageError("voice tokens are kept in a .npy file", facts={"given": target})
    if target.exists() and not given.force:
        hint = "every sentence of the character is made again when it changes: say --force if it may"
        raise UsageError("the file is there already", facts={"file": target}, hint=hint)
    save_reference(encode_reference(find(_settings(context)), recording), target)
    context.screen.answer(table([name, value] for name, value in in_words(examine(target)[0])))
    return 0


def _settings(context: Context) -> dict[str, str]:
    """What this machine says of `fish-speech`, at the series here or for the whole user."""
    from episodec.project import tree
    from episodec.project.settings import read_settings

    here = tree.locate(".")
    found, diagnostics, texts = read_settings(here.root if here else os.getcwd(), context.base.environment)  # noqa: PTH109
    if any(one.severity == "error" for one in diagnostics):
        context.diagnostics(tuple(diagnostics), texts)
        raise RejectedSpecs("the settings of this machine are wrong")
    return dict(found.backends.get("fish-speech", {}))
