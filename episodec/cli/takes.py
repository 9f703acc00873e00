"""`episodec takes`: results of adapters that an author has approved, kept in git beside the specs."""

import argparse
from dataclasses import replace

from episodec.cli import commands, options
from episodec.cli.options import Context

_WORDS = {
    "list": "show which results of adapters are approved",
    "lock": "approve the results that the episodes have now",
    "unlock": "remove approvals",
    "accept": "keep approved takes although their inputs are made differently now",
    "check": "find approvals that cannot be used, or that nothing reads; exit code 1 if there are any",
    "prune": "remove approvals that no episode of the series has any more",
}


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    below = parser.add_subparsers(dest="what", metavar="|".join(_WORDS), required=True)
    for name, text in _WORDS.items():
        own = below.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
        commands.common(own)
        if name != "prune":
            options.targets(own)
        if name in ("lock", "unlock", "accept"):
            own.add_argument(
                "--only",
                action="append",
                default=[],
                metavar="NAME",
                help="an action, as in `takes list`, or a stage; may be repeated (default: all)",
            )
        if name == "lock":
            bytes_text = "also keep the bytes in the repository, up to 2 MB each"
            own.add_argument("--in-git", action="store_true", help=bytes_text)
        options.variant(own)
        options.as_json(own)


def run(context: Context) -> int:
    """Answer or edit, and print what there is afterwards."""
    from episodec.questions import takes
    from episodec.report import stream
    from episodec.report.takes import takes_lines

    given, request = context.options, context.question()
    match given.what:
        case "lock":
            answer = takes.lock(replace(request, only_reads=False), given.only, context.notice, in_git=given.in_git)
        case "unlock":
            answer = takes.unlock(request, given.only, context.notice)
        case "accept":
            answer = takes.accept(request, given.only, context.notice)
        case "prune":
            answer = takes.prune(request, context.notice)
        case _:
            answer = takes.takes(request, context.notice)
    if given.json:
        context.screen.write(context.screen.out, stream.answer("takes", answer))
    else:
        context.screen.answer(takes_lines(answer, is_check=given.what == "check"))
    wrong = [one for one in answer.takes if one.state in ("missing", "other inputs")]
    return int(given.what == "check" and bool(wrong or answer.unread or answer.mixed or answer.errors))
