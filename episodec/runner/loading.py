"""Imports a backend's class by its target and checks it against the protocol. Knows no backend by name."""

import importlib
import re
from collections.abc import Mapping

from episodec.engine.backend import Backend
from episodec.errors import BackendError
from episodec.overrides import Override

_CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)+")


def load(target: str) -> Backend:
    """A new instance of the backend at `module:Class`.

    Raises:
        BackendError: it cannot be imported or created, or is not a backend; the package is named.
    """
    module, _, name = target.partition(":")
    facts = {"target": target, "package": module.partition(".")[0]}
    try:
        backend_class = getattr(importlib.import_module(module), name)
        backend = backend_class()
    except (Exception, SystemExit) as error:  # Foreign modules may raise anything at import.
        import traceback

        traceback.print_exc()
        facts["error"] = f"{type(error).__name__}: {error}"
        hint = None if facts["package"] == "episodec" else "repair or uninstall that package"
        raise BackendError("a backend cannot be loaded", facts=facts, hint=hint) from error
    missing = _missing(backend)
    if missing:
        facts["wrong"] = ", ".join(missing)
        raise BackendError("this class is not a backend", facts=facts, hint="see Backend in episodec.plugin")
    return backend  # type: ignore[no-any-return]  # Checked above, as far as possible at run time.


def accepts(backend: Backend, stage: str) -> bool:
    """Whether the backend implements this stage."""
    return stage in backend.stages


def _is_declared(overrides: object) -> bool:
    """Whether this is a mapping of names to overrides."""
    return isinstance(overrides, Mapping) and all(
        isinstance(name, str) and isinstance(kind, Override) for name, kind in overrides.items()
    )


def _missing(backend: object) -> list[str]:
    """The members of the protocol that this object lacks."""
    stages = getattr(backend, "stages", None)
    names = stages if isinstance(stages, frozenset) else ()
    claims = {
        "stages (a frozenset of names)": bool(names) and all(isinstance(name, str) for name in names),
        "deterministic (a bool)": isinstance(getattr(backend, "deterministic", None), bool),
        "fingerprint()": callable(getattr(backend, "fingerprint", None)),
        "run()": callable(getattr(backend, "run", None)),
        "notes (short words with hyphens to texts)": _are_notes(getattr(backend, "notes", {})),
        "overrides (names to Whole, Number, Text, Choice or Flag)": _is_declared(getattr(backend, "overrides", {})),
    }
    return [name for name, holds in claims.items() if not holds]


def _are_notes(declared: object) -> bool:
    """Whether this maps note codes to one-line texts. The hyphen in a code tells it from a diagnostic's."""
    return isinstance(declared, Mapping) and all(
        isinstance(code, str) and _CODE.fullmatch(code) is not None and isinstance(text, str)
        for code, text in declared.items()
    )
