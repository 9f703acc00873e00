"""`episodec explain`: the meaning of a diagnostic or note code."""

import argparse
import textwrap
from collections.abc import Iterator

from episodec.cli.options import Context
from episodec.errors import UsageError
from episodec.project.authoring import CODES, DiagnosticCode, nearest
from episodec.project.backends import all_notes
from episodec.sound.vocabulary import vocabulary
from episodec.text import table

NOTES = (
    "A note is a backend's remark about its result. It is kept with the result and repeated by each build that makes "
    "or reuses the result, by `episodec status` and on the episode's page. An episode's `allow` can silence it."
)


WORDS = frozenset({"E230", "E264"})
"""Codes about words in ambience prompts; their explanations list the known words."""


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument(
        "code", nargs="?", metavar="CODE", help="a code such as E201 or voice-sped-up, or its name (default: list all)"
    )


def run(context: Context) -> int:
    """Print the explanation, or the list of codes."""
    query = context.options.code
    if query is None:
        context.screen.answer(f"{one.code}  {one.severity:<7}  {one.title}" for _, one in sorted(CODES.items()))
        context.screen.answer(table([code, "note", title] for code, title in _notes(context).items()))
        return 0
    entry = next((one for one in CODES.values() if query.upper() == one.code or query.lower() == one.name), None)
    if entry is None:
        notes = _notes(context)
        title = notes.get(query.lower())
        if title is not None:
            context.screen.answer([f"{query.lower()} (note): {title}", "", *textwrap.wrap(NOTES, 100)])
            return 0
        near = nearest(query, [*CODES, *(one.name for one in CODES.values()), *notes])
        hint = f"did you mean `{near}`?" if near else "`episodec explain` lists them"
        raise UsageError("there is no such code", facts={"code": query}, hint=hint)
    context.screen.answer(_lines(entry))
    return 0


def _notes(context: Context) -> dict[str, str]:
    return all_notes(context.base.backends)


def _lines(code: DiagnosticCode) -> list[str]:
    allowed = "An episode's `allow` can silence it." if code.is_allowable else "It cannot be silenced."
    body = textwrap.wrap(f"{code.explanation} {allowed}", 100)
    known = list(_vocabulary()) if code.code in WORDS else []
    return [f"{code.code} {code.name} ({code.severity}): {code.title}", "", *body, *known]


def _vocabulary() -> Iterator[str]:
    for title, groups in vocabulary():
        yield from ("", f"{title}:")
        for name, words in groups.items():
            yield from textwrap.wrap(f"{name}: {words}", 100, initial_indent="  ", subsequent_indent="      ")
