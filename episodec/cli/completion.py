"""`episodec completion`: a script that completes commands, options and files in a shell."""

import argparse

from episodec.cli.options import Context

SHELLS = ("bash", "zsh", "fish", "tcsh")


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument("shell", choices=SHELLS, metavar="SHELL", help=", ".join(SHELLS))
    parser.epilog = 'bash: eval "$(episodec completion bash)"; fish: episodec completion fish | source'


def run(context: Context) -> int:
    """Print the script."""
    import shtab

    from episodec.cli.commands import parser

    context.screen.write(context.screen.out, shtab.complete(parser(), shell=context.options.shell).rstrip("\n") + "\n")
    return 0
