"""Reads an author's YAML file, inside the project only, with the digest of the very bytes that were read; and the texts
of other files that lowering decides from.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from episodec.digest import Digest, digest_bytes
from episodec.project.references import resolve
from episodec.project.spec_source import git_blob
from episodec.spec.diagnostic import Diagnostic, diagnose, has_errors
from episodec.spec.document import Document
from episodec.spec.reader import MAX_BYTES, read
from episodec.store.trace_log import ABSENT

GREATEST_TEXT = 1 << 24  # Bytes: a camera path of 10 000 poses, or a list of as many pictures, has some 6 MiB.


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading one file gave. A document that comes with errors is there only so that more of them can be found."""

    path: str  # Relative to the project root.
    document: Document | None
    found: tuple[Diagnostic, ...]
    digest: Digest  # Of the bytes that were read; ABSENT when none could be.
    text: str  # What diagnostics point into.
    blob: str = ""  # The name that git has for these bytes.

    @property
    def is_sound(self) -> bool:
        """Whether the document can be parsed further."""
        return self.document is not None and not has_errors(self.found)


def read_document(root: str, path: str) -> Reading:
    """The document at a path relative to the root; a link that leads out of the project is refused."""
    folder, name = os.path.split(path)
    _, wrong = resolve(root, folder, name, path, None)
    if wrong is not None:
        return Reading(path, None, (wrong,), ABSENT, "")
    try:
        with open(os.path.join(root, path), "rb") as file:
            content = file.read(MAX_BYTES + 1)  # One byte more than a spec may have: the reader refuses it.
    except OSError as error:
        unreadable = diagnose("F409", f"the file cannot be read: {error.strerror}", path)
        return Reading(path, None, (unreadable,), ABSENT, "")
    document, found = read(content, path)
    text = content.decode("utf-8", "replace") if document is None or found else document.text
    return Reading(path, document, tuple(found), digest_bytes(content), text, git_blob(content))


def short_text(path: Path) -> str:
    """The text of a file, unless it is longer than a camera path or a list of pictures can be.

    Raises:
        OSError: it cannot be read.
        ValueError: it is too long, or no text; with the reason.
    """
    with path.open("rb") as file:
        content = file.read(GREATEST_TEXT + 1)
    if len(content) > GREATEST_TEXT:
        raise ValueError(f"it has more than {GREATEST_TEXT >> 20} MiB")
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise ValueError("it is not UTF-8 text") from error
