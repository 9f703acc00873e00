"""Warnings of specs, kept with traces: a no-op build reports that there are some, `status` lists them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from episodec.engine.notes import EpisodeNote, Note
from episodec.spec.codes import CODES
from episodec.spec.diagnostic import Diagnostic
from episodec.spec.types import Episode
from episodec.stages.lowering import action_id


def warnings_of(diagnostics: Iterable[Diagnostic]) -> Mapping[str, list[Diagnostic]]:
    """The warnings among these diagnostics, by file."""
    by_path: defaultdict[str, list[Diagnostic]] = defaultdict(list)
    for diagnostic in diagnostics:
        if diagnostic.severity == "warning":
            by_path[diagnostic.path].append(diagnostic)
    return by_path


def told_of(episode: Episode, warnings: Iterable[Diagnostic]) -> tuple[EpisodeNote, ...]:
    """An episode's warnings as notes, of the episode instead of an action."""
    return tuple(
        EpisodeNote(
            action_id(episode), Note(one.code, one.message, hint=one.help), one.span and one.span.line, allowed=False
        )
        for one in warnings
    )


def is_warning(episode_note: EpisodeNote) -> bool:
    """Whether this is a warning of a spec, not a note of a backend."""
    return episode_note.note.code in CODES
