"""Notes of backends for the author: a note is a value, kept in the record and part of no key."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from episodec import canonical_json
from episodec.digest import Canonical
from episodec.engine.action import ActionId


@dataclass(frozen=True, slots=True)
class Note:
    """A fact about a result that the author should know: it differs from what the spec asks for.

    Invariant: it follows from the action's key. It holds no path of a machine, no host, clock or run time, since it
    reaches pages in dist/.
    """

    code: str  # One that the backend declares: `voice-sped-up`.
    sentence: str  # One line without a full stop.
    facts: Mapping[str, Canonical] = field(default_factory=dict)
    hint: str | None = None  # What the author can do.

    def plain(self) -> dict[str, Canonical]:
        """This note as plain data that `note_from_plain` reads back."""
        return {"code": self.code, "sentence": self.sentence, "facts": self.facts, "hint": self.hint}


@dataclass(frozen=True, slots=True)
class EpisodeNote:
    """A note as it is shown to the author of one episode."""

    id: ActionId
    note: Note
    line: int | None  # In the spec, of the section that the action's stage reads. None: the spec has no such section.
    allowed: bool  # Whether the spec's `allow` lists its code; it is then not printed.

    def plain(self) -> dict[str, Canonical]:
        """This value as plain data that `told_from_plain` reads back."""
        return {"id": self.id, "note": self.note.plain(), "line": self.line, "allowed": self.allowed}


def note_from_plain(plain: Any) -> Note:
    """The note that gave this plain data. Raises: KeyError, TypeError or ValueError for any other data."""
    code, sentence, facts, hint = (plain[name] for name in ("code", "sentence", "facts", "hint"))
    if not isinstance(code, str) or not isinstance(sentence, str) or not isinstance(hint, str | None):
        raise ValueError("this is not a note")  # noqa: TRY004 - who reads the store takes it for damage.
    return Note(code, sentence, dict(facts), hint)


def told_from_plain(plain: Any) -> EpisodeNote:
    """The value that gave this plain data. Raises: KeyError, TypeError or ValueError for any other data."""
    name, line, allowed = (plain[one] for one in ("id", "line", "allowed"))
    if not isinstance(name, str) or not isinstance(line, int | None) or not isinstance(allowed, bool):
        raise ValueError("this is not a told note")  # noqa: TRY004 - as above.
    return EpisodeNote(ActionId(name), note_from_plain(plain["note"]), line, allowed)


def notes_text(notes_by_stage: Iterable[tuple[str, Iterable[Note]]]) -> bytes:
    """The notes of several stages as the JSON that a reader of `engine.action.Notes` sees: `[[stage, note], …]`.

    Each pair appears once, in the order of the stages.
    """
    pairs: dict[str, list[Canonical]] = {}  # By their text: there may be thousands.
    for stage, notes in notes_by_stage:
        for note in notes:
            pair: list[Canonical] = [stage, note.plain()]
            pairs.setdefault(canonical_json.dump(pair), pair)
    return canonical_json.dump(list(pairs.values())).encode("utf-8", "surrogatepass")
