"""Warnings of specs, kept with traces: a no-op build reports that there are some, `status` lists them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from episodec.engine.notes import Note, ToldNote
from episodec.spec.codes import CODES
from episodec.spec.diagnostic import Diagnostic
from episodec.spec.types import Episode
from episodec.stages.lowering import action_id


def warnings_of(found: Iterable[Diagnostic]) -> Mapping[str, list[Diagnostic]]:
    """The warnings among these diagnostics, by file."""
    by_path: defaultdict[str, list[Diagnostic]] = defaultdict(list)
    for one in found:
        if one.severity == "warning":
            by_path[one.path].append(one)
    return by_path


def told_of(episode: Episode, warnings: Iterable[Diagnostic]) -> tuple[ToldNote, ...]:
    """An episode's warnings as notes, of the episode instead of an action."""
    return tuple(
        ToldNote(
            action_id(episode), Note(one.code, one.message, hint=one.help), one.span and one.span.line, allowed=False
        )
        for one in warnings
    )


def is_warning(told: ToldNote) -> bool:
    """Whether this is a warning of a spec, not a note of a backend."""
    return told.note.code in CODES
