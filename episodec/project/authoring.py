"""The parts of the language that authors' tools need besides builds: diagnostics as text, codes, the canonical form of
a file.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from episodec.project.references import link_outside
from episodec.project.schemas import language
from episodec.project.tree import LOCAL_FILE, SERIES_FILE, SPEC_SUFFIX
from episodec.spec.code import DiagnosticCode
from episodec.spec.codes import CODES
from episodec.spec.diagnostic import Diagnostic, diagnose, has_errors
from episodec.spec.manual import manual
from episodec.spec.near import nearest
from episodec.spec.reader import read
from episodec.spec.render import OutputFormat, render, summarize, to_json
from episodec.spec.schema import KINDS, Kind
from episodec.spec.types import LANGUAGE_VERSION

__all__ = [
    "CODES",
    "KINDS",
    "LANGUAGE_VERSION",
    "Diagnostic",
    "DiagnosticCode",
    "Formatted",
    "OutputFormat",
    "canonical",
    "has_errors",
    "kind_of",
    "manual",
    "nearest",
    "new_spec",
    "render",
    "summarize",
    "to_json",
]


@dataclass(frozen=True, slots=True)
class Formatted:
    """One file and its canonical form, or its diagnostics if it has none."""

    path: str
    before: bytes = b""
    after: str | None = None
    diagnostics: tuple[Diagnostic, ...] = ()

    @property
    def differs(self) -> bool:
        """Whether the file is readable and not in canonical form."""
        return self.after is not None and self.after.encode() != self.before


def kind_of(path: str) -> Kind | None:
    """The kind of a file of the language, by its name; None for other files."""
    name = os.path.basename(path)
    if name.endswith(SPEC_SUFFIX):
        return "episode"
    kinds: dict[str, Kind] = {SERIES_FILE: "series", "character.yaml": "character", LOCAL_FILE: "local"}
    return kinds.get(name)


def canonical(path: str, kind: Kind) -> Formatted:
    """The canonical form of a file. Only its syntax must be valid: values that the schema refuses can still be laid
    out. A file outside the project is not read.
    """
    from episodec.spec.format import format_document

    outside = link_outside(path)
    if outside is not None:
        return Formatted(path, diagnostics=(outside,))
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        return Formatted(path, diagnostics=(diagnose("F409", f"the file cannot be read: {error.strerror}", path),))
    document, diagnostics = read(content, path)
    if document is None or has_errors(diagnostics):
        return Formatted(path, content, diagnostics=tuple(diagnostics))
    text = format_document(document, kind, language())
    return Formatted(path, content, text.replace("\n", "\r\n") if _is_crlf(content) else text, tuple(diagnostics))


def _is_crlf(content: bytes) -> bool:
    """Whether all lines end in CRLF, as git writes them on Windows: the checkout's line ends are kept."""
    ends = content.count(b"\r\n")
    return ends > 0 and ends == content.count(b"\n")


def new_spec(number: int, title: str, *, recording: str | None, has_picture: bool, schema: str) -> str:
    """A first spec in canonical form, for the author to change."""
    from episodec.spec.scaffold import scaffold

    return scaffold(number, title, recording=recording, has_picture=has_picture, schema=schema)
