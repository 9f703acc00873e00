"""Notes of an order, held against what its backend declares and against what a note may say."""

from pathlib import Path

from episodec.canonical_json import dump
from episodec.digest import encode
from episodec.engine.backend import Backend, WorkOrder
from episodec.engine.notes import Note
from episodec.errors import BackendError, UnhashableValue


def checked_notes(order: WorkOrder, backend: Backend, folder: Path) -> tuple[Note, ...]:
    """What the backend told, in the order in which it did. `folder`: where the order was performed.

    Raises:
        BackendError: a note has a code that the backend does not declare, says nothing, is more than a line, holds what
            is no plain value, or a path of this machine.
    """
    declared = getattr(backend, "notes", {})
    machine = _machine(order, folder)
    for note in order.notes:
        facts: dict[str, object] = {"backend": order.backend, "stage": order.stage, "note": note.code}
        if note.code not in declared:
            facts["declared"] = ", ".join(sorted(declared)) or "none"
            raise BackendError("the backend tells a note that it does not declare", facts=facts)
        texts = (note.sentence, note.hint or "a hint")
        if not all(text.strip() and len(text.splitlines()) == 1 for text in texts):
            raise BackendError("a note must be one line of text", facts={**facts, "sentence": note.sentence})
        try:
            encode(note.plain())
        except UnhashableValue as error:
            raise BackendError("a note holds what is no plain value", facts={**facts, "reason": error}) from error
        said = dump(note.plain())
        if found := next((path for path in machine if path in said), None):
            raise BackendError("a note names a path of this machine", facts={**facts, "path": found})
    return tuple(order.notes)


def _machine(order: WorkOrder, folder: Path) -> list[str]:
    """Texts that tell this machine apart: the order's folders, and what its settings name."""
    settings = [
        value for value in order.settings.values() if value.startswith(("/", "http:", "https:")) and value != "/"
    ]
    return [str(folder), str(order.scratch), *settings]
