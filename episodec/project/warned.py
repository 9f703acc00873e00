"""Warnings of specs, kept with what stands: a build that has nothing to do says that there are some, `status` which."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from episodec.engine.notes import Note, ToldNote
from episodec.spec.codes import CODES
from episodec.spec.diagnostic import Diagnostic
from episodec.spec.types import Episode
from episodec.stages.lowering import action_id


def warnings_of(found: Iterable[Diagnostic]) -> Mapping[str, list[Diagnostic]]:
    """The warnings among these diagnostics, by the file that each is of."""
    by_path: defaultdict[str, list[Diagnostic]] = defaultdict(list)
    for one in found:
        if one.severity == "warning":
            by_path[one.path].append(one)
    return by_path


def told_of(episode: Episode, warnings: Iterable[Diagnostic]) -> tuple[ToldNote, ...]:
    """Warnings of an episode's spec as notes: told of the episode, and not of one of its actions."""
    return tuple(
        ToldNote(
            action_id(episode), Note(one.code, one.message, hint=one.help), one.span and one.span.line, allowed=False
        )
        for one in warnings
    )


def is_warning(told: ToldNote) -> bool:
    """Whether this is a warning of a spec, and not a note of a backend."""
    return told.note.code in CODES
