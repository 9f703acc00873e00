"""`episodec version`: what is installed."""

import argparse
import json
import sys

from episodec import __version__
from episodec.cli import options
from episodec.cli.options import Context

PACKAGES = ("pyyaml", "jsonschema", "jsonschema-rs", "xxhash", "rich", "numpy", "torch", "av")


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    options.as_json(parser)


def run(context: Context) -> int:
    """Print the version."""
    if not context.options.json:
        context.screen.answer([f"episodec {__version__}"])
        return 0
    from importlib.metadata import PackageNotFoundError, version

    packages: dict[str, str | None] = {}
    for name in PACKAGES:
        try:
            packages[name] = version(name)
        except PackageNotFoundError:
            packages[name] = None
    versions = {"episodec": __version__, "python": sys.version.split()[0], "packages": packages}
    context.screen.answer([json.dumps(versions, indent=1)])
    return 0
