"""The backends as this machine has them: which there are, what each needs, and its fingerprint, remembered while its
files stand.
"""

import sys
import time
from collections.abc import Iterator, Mapping
from fractions import Fraction

from episodec import canonical_json
from episodec.backends import BUILTIN, registry
from episodec.digest import Canonical
from episodec.engine.action import Resources
from episodec.engine.protocols import Backend, Settings
from episodec.errors import SettingsError, UsageError
from episodec.runner.loading import accepts, load
from episodec.spec.near import did_you_mean
from episodec.stages import STAGES
from episodec.stages.lowering import Choice, Unlowered
from episodec.store import signature
from episodec.store.digests import FileDigests
from episodec.store.index import Index
from episodec.store.sealed import decoded, seal, unseal
from episodec.store.signature import Signature


class Register(Mapping[str, str]):
    """Every backend's `module:Class` by name. Installed packages are looked at (64 ms) only for a name not ours."""

    def __init__(self, backends: "Backends") -> None:
        self._backends = backends

    def __getitem__(self, name: str) -> str:
        return self._backends.target(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._backends.targets())

    def __len__(self) -> int:
        return len(self._backends.targets())


class Backends:
    """Names to backends. `targets` replaces the register of installed ones (tests and benchmarks bring their own)."""

    def __init__(
        self,
        index: Index,
        digests: FileDigests,
        settings: Mapping[str, Settings],
        targets: Mapping[str, str] | None = None,
    ) -> None:
        self._index = index
        self._digests = digests
        self._settings = settings
        self._targets = targets
        self._loaded: dict[str, Backend] = {}
        self._parts: dict[str, Mapping[str, Canonical]] = {}
        self._watches: dict[str, Mapping[str, Signature]] = {}

    def targets(self) -> Mapping[str, str]:
        """Every backend's `module:Class` by name."""
        if self._targets is None:
            self._targets = registry()
        return self._targets

    def target(self, name: str) -> str:
        """One backend's `module:Class`. Raises: KeyError, when there is none of this name."""
        return BUILTIN[name] if self._targets is None and name in BUILTIN else self.targets()[name]

    def settings(self, name: str) -> Settings:
        """What this machine says of a backend."""
        return self._settings.get(name, {})

    def backend(self, name: str) -> Backend:
        """The backend of this name; it is there, because `check` found it. Raises BackendError when its package is
        broken.
        """
        if name not in self._loaded:
            self._loaded[name] = load(self.target(name))
        return self._loaded[name]

    def licence(self, name: str) -> str | None:
        """On what terms its model may be used; None where there is nothing to say, or nobody who does the stage."""
        if not name:
            return None
        found: str | None = getattr(self.backend(name), "licence", None)
        return found

    def choice(self, name: str) -> Choice:
        """The choice of a backend that `check` has found."""
        return Choice(name, self._resources(name), _window_s(self.backend(name), self.settings(name)))

    def check_asked(self, asked: Mapping[str, str]) -> None:
        """Refuse overrides of the command line that name no stage, or no backend of that stage.

        Raises:
            UsageError: all of them at once.
        """
        facts: dict[str, str] = {}
        hints: dict[str, None] = {}
        for stage, name in asked.items():
            try:
                _check_stage(stage)
                self.check(stage, name)
            except Unlowered as refusal:
                facts[f"{stage}={name}"] = refusal.sentence
                hints[refusal.hint] = None
        if facts:
            raise UsageError("--backend asks for what is not there", facts=facts, hint="; ".join(hints))

    def check(self, stage: str, name: str) -> None:
        """Refuse a name that no backend has, or none that does this stage.

        Raises:
            Unlowered: it is so.
        """
        known = self.targets() if self._targets is not None or name not in BUILTIN else BUILTIN
        if name not in known:
            hint = did_you_mean(name, sorted(known)) or f"there are: {', '.join(sorted(known))}"
            raise Unlowered(("backends", stage), f"there is no backend `{name}` for stage `{stage}`", hint, code="P502")
        if not accepts(self.backend(name), stage):
            offers = ", ".join(sorted(self.backend(name).stages))
            raise Unlowered(
                ("backends", stage), f"backend `{name}` does not do stage `{stage}`", f"it does: {offers}", code="P502"
            )

    def fingerprint(self, stage: str, name: str) -> Mapping[str, Canonical]:
        """What keys hold of a backend.

        Raises:
            SettingsError: its settings on this machine are wrong.
        """
        del stage  # One fingerprint a backend: what its stages share is loaded once, and told once.
        if name not in self._parts:
            self._parts[name] = self._remembered(name) or self._computed(name)
        return self._parts[name]

    def watches(self, stage: str, name: str) -> Mapping[str, Signature]:
        """The files that a fingerprint was read from, as they looked then."""
        self.fingerprint(stage, name)
        return self._watches[name]

    def _remembered(self, name: str) -> Mapping[str, Canonical] | None:
        identity = self._identity(name)
        sql = "SELECT parts, watches FROM fingerprints WHERE name = ? AND settings = ?"
        rows = decoded(
            self._index, sql, (name, identity), lambda parts, watches: (_read(parts, name), _read(watches, name))
        )
        if not rows:
            return None
        parts, watches = rows[0]
        seen = {path: _signature(path) for path in watches}
        if any(list(seen[path] or ()) != watches[path] for path in watches):
            return None
        self._watches[name] = {path: found for path, found in seen.items() if found is not None}
        return parts

    def _computed(self, name: str) -> Mapping[str, Canonical]:
        try:
            found = self.backend(name).fingerprint(self.settings(name), self._digests)
        except SettingsError as error:
            raise of_backend(error, name) from error
        # Numeric libraries split work by their thread count, which can change the last bits.
        parts = {**found.parts, "threads": self._resources(name).cpus}
        # Looked at after they were read: a file replaced in between would be remembered wrongly, so recent ones are
        # not.
        seen = {path: _signature(path) for path in found.watches}
        self._watches[name] = {path: one for path, one in seen.items() if one is not None}
        now = time.time_ns()
        if not any(signature.is_racy(one, now) for one in self._watches[name].values()):
            watches: Canonical = {path: list(one or ()) for path, one in seen.items()}
            texts = (seal(canonical_json.dump(value), name) for value in (parts, watches))
            row = (name, self._identity(name), *texts)
            self._index.write(
                "INSERT OR REPLACE INTO fingerprints (name, settings, parts, watches) VALUES (?, ?, ?, ?)", row
            )
        return parts

    def _resources(self, name: str) -> Resources:
        """What an action of this backend holds: a value, or told by this machine's settings; or one processor."""
        found = getattr(self.backend(name), "resources", Resources())
        found = found(self.settings(name)) if callable(found) else found
        assert isinstance(found, Resources)
        return found

    def _identity(self, name: str) -> str:
        """What a remembered fingerprint was computed for: the settings, and the code that computes it."""
        module = type(self.backend(name)).__module__
        source = getattr(sys.modules[module], "__file__", None)
        code = list(_signature(source) or ()) if source else []
        return canonical_json.dump(
            {
                "settings": dict(self.settings(name)),
                "code": code,
                "class": f"{module}:{type(self.backend(name)).__qualname__}",
            }
        )


def _check_stage(stage: str) -> None:
    if stage not in STAGES:
        hint = did_you_mean(stage, STAGES) or f"there are: {', '.join(STAGES)}"
        raise Unlowered((stage,), f"there is no stage `{stage}`", hint)


def _window_s(backend: Backend, settings: Settings) -> Fraction | None:
    """The longest sound that it makes in one go, as its model on this machine says; None: any length."""
    found = getattr(backend, "window_s", None)
    return found(settings) if callable(found) else found


def _read(sealed: str, name: str) -> Mapping[str, Canonical]:
    value = canonical_json.load(unseal(sealed, name))
    if isinstance(value, Mapping):
        return value
    raise ValueError("a row has no mapping where one belongs")


def _signature(path: str) -> Signature | None:
    try:
        return signature.of(path)
    except OSError:
        return None


def of_backend(error: SettingsError, name: str) -> SettingsError:
    """What is wrong with a backend's settings, with its name."""
    hint = error.hint and error.hint.replace("{BACKEND:", f"{{{name}:")
    return SettingsError(error.sentence, facts={"backend": name, **error.facts}, hint=hint)
