"""The schema check: `jsonschema_rs` decides whether a document is valid, in microseconds; `explain` lists the errors.

Knows the schemas only as parsed JSON: other code reads the files in schema/.
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
    """The language, as defined by its schemas.

    It keeps compiled validators: create one value and use it for all files.
    """

    schemas: Mapping[str, Mapping[str, Any]]  # By kind: the content of schema/KIND.schema.json.
    notes: Callable[[], Collection[str]] = tuple  # The codes of backends' notes; called for unknown codes only.
    _compiled: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    def accepts(self, tree: Mapping[str, object], kind: Kind) -> bool:
        """Whether a plain tree satisfies the schema of this kind."""
        if kind not in self._compiled:
            import jsonschema_rs

            self._compiled[kind] = jsonschema_rs.Draft7Validator(dict(self.schemas[kind]))
        return bool(self._compiled[kind].is_valid(tree))


def violations(document: Document, kind: Kind, language: Language) -> list[Diagnostic]:
    """The schema violations of a document, each at its key or value."""
    if language.accepts(document.tree, kind):
        return []
    from episodec.spec.explain import explain  # Imports jsonschema, which only an invalid document pays for.

    others = {other: schema for other, schema in language.schemas.items() if other != kind}
    return explain(document, language.schemas[kind], others)
