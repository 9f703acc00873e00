"""Checks an order's notes against the backend's declarations and the rules for notes."""

from pathlib import Path

from episodec.canonical_json import dump
from episodec.digest import encode
from episodec.engine.backend import Backend, WorkOrder
from episodec.engine.notes import Note
from episodec.errors import BackendError, UnhashableValue


def checked_notes(order: WorkOrder, backend: Backend, folder: Path) -> tuple[Note, ...]:
    """The backend's notes, in order. `folder`: where the order was performed.

    Raises:
        BackendError: a note has an undeclared code, is empty or longer than a line, holds a value that cannot be
            hashed, or names a path of this machine.
    """
    declared = getattr(backend, "notes", {})
    machine = _machine(order, folder)
    for note in order.notes:
        facts: dict[str, object] = {"backend": order.backend, "stage": order.stage, "note": note.code}
        if note.code not in declared:
            facts["declared"] = ", ".join(sorted(declared)) or "none"
            raise BackendError("the backend sent a note with an undeclared code", facts=facts)
        texts = (note.sentence, note.hint or "a hint")
        if not all(text.strip() and len(text.splitlines()) == 1 for text in texts):
            raise BackendError("a note must be one line of text", facts={**facts, "sentence": note.sentence})
        try:
            encode(note.plain())
        except UnhashableValue as error:
            raise BackendError("a note holds an unsupported value", facts={**facts, "reason": error}) from error
        text = dump(note.plain())
        if machine_path := next((path for path in machine if path in text), None):
            raise BackendError("a note names a path of this machine", facts={**facts, "path": machine_path})
    return tuple(order.notes)


def _machine(order: WorkOrder, folder: Path) -> list[str]:
    """Texts that identify this machine: the order's folders, and paths and URLs in its settings."""
    settings = [
        value for value in order.settings.values() if value.startswith(("/", "http:", "https:")) and value != "/"
    ]
    return [str(folder), str(order.scratch), *settings]
