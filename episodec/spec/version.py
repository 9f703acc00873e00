"""Language versions: older specs are upgraded when read; newer ones are refused."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

from episodec.spec.diagnostic import Diagnostic, diagnose
from episodec.spec.document import Document
from episodec.spec.types import LANGUAGE_VERSION

Tree = Mapping[str, object]
Upgrade = Callable[[Tree], Tree]

# By the version that a function upgrades to the next one. It must leave `episodec` to `upgrade`.
UPGRADES: Mapping[int, Upgrade] = MappingProxyType({})


def upgrade(
    document: Document, upgrades: Mapping[int, Upgrade] = UPGRADES, current: int = LANGUAGE_VERSION
) -> tuple[Document | None, list[Diagnostic]]:
    """The document in the current language; None when its version is missing or unknown."""
    version = document.tree.get("episodec")
    span = document.span("episodec")
    if "episodec" not in document.tree:
        message = "the file does not give its language version"
        return None, [diagnose("S107", message, document.path, hint=f"add the line `episodec: {current}` at the top")]
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        message = "the language version must be a whole number"
        return None, [diagnose("S108", message, document.path, span, hint=f"write `episodec: {current}`")]
    if version > current:
        message = (
            f"the file is written in language version {version}, but this episodec supports versions up to {current}"
        )
        return None, [diagnose("S108", message, document.path, span, hint="install a newer episodec")]
    if version == current:
        return document, []
    tree = document.tree
    for step in range(version, current):
        tree = upgrades[step](tree)
    return replace(document, tree={**tree, "episodec": current}), []
