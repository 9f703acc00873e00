"""The commands by name, and the parser of the command line: `episodec --help` imports no more than this module."""

import argparse
import re
from collections.abc import Collection, Iterable, Sequence
from importlib import import_module

from episodec import __version__
from episodec.errors import UsageError

COMMANDS = {
    "build": "make what is not current, and publish it to dist/",
    "plan": "show what a build would do, and why",
    "diff": "show what an edit changes in the films, before anything is built",
    "review": "write a page that shows films before and after an edit",
    "open": "open an episode's film, or the index page",
    "listen": "play a sentence of an episode, or its narration",
    "still": "write one frame of an episode as a picture",
    "status": "show the state of each episode",
    "why": "explain why an action runs or not, or where a file comes from",
    "blame": "show the lines behind a moment of a film, and who wrote them",
    "impact": "show what depends on a file",
    "lineage": "show what uses a file, or what a file in dist/ comes from",
    "validate": "check specs and everything they name",
    "takes": "approve results of adapters, and keep them in git",
    "fmt": "write specs in canonical form",
    "graph": "print the action graph",
    "cache": "look after the cache that machines share",
    "gc": "free the disk space that no spec needs",
    "new": "write a first series, or an episode",
    "schema": "print the JSON Schema of the language",
    "doctor": "check this machine and its settings",
    "explain": "explain the code of a diagnostic or note",
    "inspect": "show the contents of a voice-token file",
    "dataset": "show the cameras and times that a scene is trained on",
    "voice-ref": "make voice tokens from a reference recording",
    "character": "make candidates for a portrait, or pick one",
    "version": "print the version",
    "completion": "print a completion script for a shell",
}
"""Every command with its help text; each is a module in this folder."""


MEANT = {
    **dict.fromkeys(("init", "create", "start"), "new"),
    **dict.fromkeys(("make", "render", "run"), "build"),
    **dict.fromkeys(("clean", "prune"), "gc"),
    **dict.fromkeys(("check", "lint"), "validate"),
    **dict.fromkeys(("dag", "tree"), "graph"),
    **dict.fromkeys(("preview", "show", "view"), "open"),
    **dict.fromkeys(("play", "hear"), "listen"),
    **dict.fromkeys(("frame", "screenshot"), "still"),
    "compare": "review",
    "format": "fmt",
    "annotate": "blame",
}
"""Names that other programs use, and the command of episodec that each means."""


def parsed(words: Sequence[str]) -> argparse.Namespace:
    """The options of a command line, including its command.

    Raises:
        UsageError: there is no such command or option.
        SystemExit: argparse has printed the help or another error.
    """
    if not words:
        hint = (
            "`episodec new` writes a first series, `episodec build` builds this one, `episodec --help` lists them all"
        )
        raise UsageError("no command given", hint=hint)
    top = parser({word for word in words if word in COMMANDS})
    try:
        given, rest = top.parse_known_args(list(words))
    except argparse.ArgumentError as error:
        wrong = next((word for word in words if f"invalid choice: {word!r}" in error.message), None)
        if error.argument_name != "COMMAND" or wrong is None:
            top.error(str(error))
        raise _misspelt("there is no such command", wrong, COMMANDS, "`episodec --help` lists them all") from None
    if rest:
        options = _with_options(argparse.ArgumentParser(), given.command).format_help()
        hint = f"`episodec {given.command} --help` lists the options"
        raise _misspelt("unrecognized argument", rest[0], re.findall(r"--[a-z][a-z-]*", options), hint)
    return given


def parser(named: Collection[str] = tuple(COMMANDS)) -> argparse.ArgumentParser:
    """The parser with the options of the named commands only: each command's module costs its imports."""
    top = argparse.ArgumentParser(
        prog="episodec",
        description="A declarative compiler of episode specs that only makes again what has changed.",
        epilog="exit codes: 0 ok, 1 findings or a failed build, 2 usage or internal error, 3 partly built (-k), "
        "130 interrupted",
        exit_on_error=False,
    )
    common(top)
    top.add_argument("--version", action="version", version=f"episodec {__version__}", help="print the version")
    below = top.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, text in COMMANDS.items():
        command_parser = below.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
        if name in named:
            _with_options(command_parser, name)
    return top


def module_of(command: str) -> str:
    """The name of a command's module."""
    return "episodec.cli." + command.replace("-", "_")


def common(parser: argparse.ArgumentParser) -> None:
    """Add the options that every command takes, before or after its name."""
    hidden = argparse.SUPPRESS  # A default after the command would overwrite a value given before it.
    parser.add_argument("-C", dest="directory", metavar="DIR", default=hidden, help="change to DIR first")
    parser.add_argument("-q", "--quiet", action="store_true", default=hidden, help="print only problems")
    parser.add_argument("-v", "--verbose", action="store_true", default=hidden, help="print more")
    parser.add_argument(
        "--color",
        choices=("auto", "always", "never"),
        default=hidden,
        help="use colours (default: auto, on a terminal)",
    )


def _with_options(parser: argparse.ArgumentParser, command: str) -> argparse.ArgumentParser:
    common(parser)
    import_module(module_of(command)).add(parser)
    return parser


def _misspelt(sentence: str, given: str, allowed: Iterable[str], otherwise: str) -> UsageError:
    """The error about an unknown word, with the nearest name as its hint. An option is compared with options only,
    without dashes and value.
    """
    from episodec.project.authoring import nearest  # Imported only when it is needed.

    name = given.lstrip("-").partition("=")[0]
    dashes = given[: len(given) - len(given.lstrip("-"))]
    near = MEANT.get(name) if allowed is COMMANDS else None
    near = near or nearest(name, [one.removeprefix("--") for one in allowed if one.startswith("--") == bool(dashes)])
    hint = f"did you mean `{'--' * bool(dashes)}{near}`?" if near else otherwise
    return UsageError(sentence, facts={"given": given}, hint=hint)
