"""Reads an author's YAML file, only inside the project, with the digest of the bytes read; and the texts of other files
that lowering depends on.
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

GREATEST_TEXT = 1 << 24  # Bytes: a camera path of 10 000 poses, or a list of as many pictures, has about 6 MiB.


@dataclass(frozen=True, slots=True)
class ParsedFile:
    """The result of reading one file. A document with errors is kept only to find more of them."""

    path: str  # Relative to the project root.
    document: Document | None
    diagnostics: tuple[Diagnostic, ...]
    digest: Digest  # Of the bytes read; ABSENT if there are none.
    text: str  # The text that diagnostics point into.
    blob: str = ""  # Git's object name of these bytes.

    @property
    def is_sound(self) -> bool:
        """Whether the document can be parsed further."""
        return self.document is not None and not has_errors(self.diagnostics)


def read_document(root: str, path: str) -> ParsedFile:
    """The document at a path relative to the root; a link that leads out of the project is refused."""
    folder, name = os.path.split(path)
    _, wrong = resolve(root, folder, name, path, None)
    if wrong is not None:
        return ParsedFile(path, None, (wrong,), ABSENT, "")
    try:
        with open(os.path.join(root, path), "rb") as file:
            content = file.read(MAX_BYTES + 1)  # One byte more than the limit: the reader refuses it.
    except OSError as error:
        unreadable = diagnose("F409", f"the file cannot be read: {error.strerror}", path)
        return ParsedFile(path, None, (unreadable,), ABSENT, "")
    document, diagnostics = read(content, path)
    text = content.decode("utf-8", "replace") if document is None or diagnostics else document.text
    return ParsedFile(path, document, tuple(diagnostics), digest_bytes(content), text, git_blob(content))


def short_text(path: Path) -> str:
    """The text of a file, unless it is longer than any camera path or list of pictures.

    Raises:
        OSError: it cannot be read.
        ValueError: it is too long or not text; with the reason.
    """
    with path.open("rb") as file:
        content = file.read(GREATEST_TEXT + 1)
    if len(content) > GREATEST_TEXT:
        raise ValueError(f"it has more than {GREATEST_TEXT >> 20} MiB")
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise ValueError("it is not UTF-8 text") from error
