"""The schema check: `jsonschema_rs` says whether a document is valid, in microseconds; `explain` says what is not.

Knows the schemas only as parsed JSON: reading the files in schema/ is someone else's.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from episodec.spec.diagnostic import Diagnostic
from episodec.spec.document import Document

Kind = Literal["episode", "series", "character", "local"]

KINDS: tuple[Kind, ...] = ("episode", "series", "character", "local")


@dataclass(frozen=True)
class Language:
    """The language as its schemas say it.

    Compiled validators are kept inside: make one value and use it for all files.
    """

    schemas: Mapping[str, Mapping[str, Any]]  # By kind: the content of schema/KIND.schema.json.
    notes: Callable[[], Collection[str]] = tuple  # The codes of backends' notes; asked for a code of no diagnostic.
    _compiled: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    def accepts(self, tree: Mapping[str, object], kind: Kind) -> bool:
        """Whether the schema of this kind holds for a plain tree."""
        if kind not in self._compiled:
            import jsonschema_rs

            self._compiled[kind] = jsonschema_rs.Draft7Validator(dict(self.schemas[kind]))
        return bool(self._compiled[kind].is_valid(tree))


def violations(document: Document, kind: Kind, language: Language) -> list[Diagnostic]:
    """Everything in which a document departs from its schema, each at the key or value in question."""
    if language.accepts(document.tree, kind):
        return []
    from episodec.spec.explain import explain  # Imports jsonschema, which only an invalid document pays for.

    return explain(document, language.schemas[kind])
