"""Specs with file names that are not those of specs: they are recognized by their content."""

import re
from pathlib import PurePosixPath

from episodec.project.documents import ParsedFile, read_document
from episodec.project.tree import SPEC_SUFFIX, YAML_SUFFIXES
from episodec.spec.diagnostic import Diagnostic, diagnose
from episodec.spec.schema import KINDS, Language

MARK = "episodec"  # The key that every file of the language has.
_MARKED = re.compile(rf"^{MARK}[ \t]*:", re.MULTILINE)


def misnamed(root: str, path: str, language: Language) -> tuple[ParsedFile, Diagnostic | None]:
    """A YAML file at a path relative to the root, and the diagnostic if it is a spec."""
    reading = read_document(root, path)
    if not _is_spec(reading, language):
        return reading, None
    span = None if reading.document is None else reading.document.key_span(MARK)
    hint = f"name it {spec_name(path)}"
    return reading, diagnose("F423", f"a spec's name ends in {SPEC_SUFFIX}", path, span, hint=hint)


def spec_name(path: str) -> str:
    """The name that a misnamed spec should have."""
    stem = PurePosixPath(path).name
    for suffix in (*YAML_SUFFIXES, ".episode"):
        if stem.lower().endswith(suffix) and len(stem) > len(suffix):
            stem = stem[: -len(suffix)]
    return stem + SPEC_SUFFIX


def _is_spec(reading: ParsedFile, language: Language) -> bool:
    """Whether a file has the mark of the language and no key of another kind of file. For a file that is not valid
    YAML, a line that begins with the mark is enough.
    """
    if reading.document is None:
        return _MARKED.search(reading.text) is not None
    keys, fields = set(reading.document.tree), {kind: set(language.schemas[kind]["properties"]) for kind in KINDS}
    own = fields["episode"]
    return MARK in keys and not any(keys & fields[kind] - own for kind in KINDS)
