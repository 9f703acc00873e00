"""The backends on this machine: their names, needs and fingerprints, which are remembered while their files
are unchanged.
"""

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress

from episodec import canonical_json
from episodec.backends import BUILTIN, Offer, offers, registry, target_of
from episodec.backends.durations import DURATIONS, expected_s
from episodec.closure.code import BackendCode
from episodec.closure.installed import search_path
from episodec.digest import Canonical, Digest, digest_value
from episodec.engine.action import Action, Resources
from episodec.engine.backend import Backend, Duration, Settings
from episodec.errors import BackendError, SettingsError
from episodec.extras import absent_of, not_installed
from episodec.project import fingerprints
from episodec.project.declared import Declared, loaded, of_backend
from episodec.project.fingerprints import Known
from episodec.stages.lowering import BackendChoice
from episodec.store import signature
from episodec.store.digests import FileDigests
from episodec.store.index import Index
from episodec.store.signature import Signature

# Extras that code cannot do without once it reaches their packages. Code for which another extra is optional asks for
# it itself.
_NEEDED = ("draft-voice", "models", "train")


class Register(Mapping[str, str]):
    """Each backend's `module:Class`, by name."""

    def __init__(self, backends: "Backends") -> None:
        self._backends = backends

    def __getitem__(self, name: str) -> str:
        return self._backends.target(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._backends.targets())

    def __len__(self) -> int:
        return len(self._backends.targets())


class Backends:
    """The backends by name. `targets` replaces the installed ones (in tests and benchmarks)."""

    def __init__(
        self,
        index: Index,
        digests: FileDigests,
        settings: Mapping[str, Settings],
        compiler: str,
        targets: Mapping[str, str] | None = None,
        path: Sequence[str] = (),
    ) -> None:
        """`compiler` identifies episodec's own files; `path`: where workers look for modules first."""
        self.compiler = digest_value("compiler", compiler)
        self._index = index
        self._digests = digests
        self._settings = settings
        self._targets = targets
        self._offered: Mapping[str, Sequence[Offer]] | None = None
        self._loaded: dict[str, Declared] = {}
        self._code = BackendCode(index, digests, search_path(path))
        self._known: dict[str, Known] = {}
        self._inputs: dict[str, Mapping[str, Signature]] = {}
        self._signatures: dict[str, Signature | None] = {}

    def targets(self) -> Mapping[str, str]:
        """Each backend's `module:Class` by name; if several packages offer a name, the first one's."""
        if self._targets is not None:
            return self._targets
        return {name: rows[0].target for name, rows in self._offers().items()}

    def target(self, name: str) -> str:
        """A backend's `module:Class`.

        Raises:
            KeyError: there is no backend of this name.
            BackendError: several packages offer it.
        """
        return self._targets[name] if self._targets is not None else target_of(self._offers(), name)

    def _offers(self) -> Mapping[str, Sequence[Offer]]:
        """The packages that offer each name, looked up once."""
        if self._offered is None:
            self._offered = offers()
        return self._offered

    def is_ours(self, name: str) -> bool:
        """Whether a backend comes with episodec; False if it is not installed."""
        return self.targets().get(name) in BUILTIN.values()

    def settings(self, name: str) -> Settings:
        """This machine's settings of a backend."""
        return self._settings.get(name, {})

    def backend(self, name: str) -> Backend:
        """The backend of this name, which `backend_checks.check` has accepted. Raises BackendError if its
        package is broken.
        """
        return self._declared(name).backend

    def _declared(self, name: str) -> Declared:
        """The backend of this name with its declarations. Loaded once."""
        if name not in self._loaded:
            self._loaded[name] = loaded(name, self.target(name))
        return self._loaded[name]

    def licence(self, name: str) -> str | None:
        """The terms of use of its model; None if there are none, or if the stage has no backend."""
        if not name:
            return None
        licence: str | None = getattr(self.backend(name), "licence", None)
        return licence

    def expected_s(self, action: Action) -> float:
        """The expected seconds of an action like which none ran before; 0 if its backend declares none."""
        name = action.backend
        ours = name in BUILTIN and self.target(name) == BUILTIN[name]
        duration = DURATIONS[name] if ours else getattr(self.backend(name), "duration", None)
        return expected_s(duration, action) if isinstance(duration, Duration) else 0.0

    def tells(self, name: str) -> bool:
        """Whether it declares notes; False for a stage without a backend."""
        return bool(name and declared_notes(self.backend(name)))

    def notes(self) -> dict[str, str]:
        """The notes of all backends; see `all_notes`."""
        return all_notes({**BUILTIN, **self.targets()})

    def choice(self, name: str) -> BackendChoice:
        """The choice of a backend that `backend_checks.check` has accepted."""
        declared = self._declared(name)
        window_s = declared.window_s(self.settings(name))
        return BackendChoice(name, self._resources(name), window_s, declared.paces(), declared.lacks_phonemes())

    def fingerprint(self, stage: str, name: str) -> Mapping[str, Canonical]:
        """The parts of keys that come from a backend.

        Raises:
            SettingsError: its settings on this machine are wrong.
        """
        del stage  # One fingerprint per backend: parts shared by its stages are computed once.
        return self._fingerprinted(name).parts

    def watches(self, stage: str, name: str) -> Mapping[str, Signature]:
        """The files that a fingerprint was read from, with their signatures; without episodec's own code, on which
        every trace depends.
        """
        del stage
        return self._fingerprinted(name).watches

    def inputs(self, stage: str, name: str) -> Mapping[str, Signature]:
        """All files that must not change while an action runs: `watches`, and the code that decides its result. The
        same mapping object each time.
        """
        del stage
        if name not in self._inputs:
            known = self._fingerprinted(name)
            self._inputs[name] = {**known.code, **known.watches}
        return self._inputs[name]

    def all_inputs(self) -> dict[str, Signature]:
        """The files of `inputs` of all backends that were looked at so far."""
        return {
            path: seen for known in self._known.values() for path, seen in (*known.code.items(), *known.watches.items())
        }

    def is_adapter(self, name: str) -> bool:
        """Whether a backend drives a system that is not ours."""
        return is_adapter(self.backend(name))

    def adapter(self, name: str) -> Digest | None:
        """The digest of all code that makes an adapter's results; None for other backends, whose keys contain it."""
        return self._fingerprinted(name).whole if is_adapter(self.backend(name)) else None

    def _fingerprinted(self, name: str) -> Known:
        if name not in self._known:
            kept = fingerprints.remembered(self._index, name, self._identity(name), self._signature)
            self._known[name] = kept or self._computed(name)
        return self._known[name]

    def _computed(self, name: str) -> Known:
        backend = self.backend(name)
        source = getattr(sys.modules[type(backend).__module__], "__file__", None)
        decided = self._code.decided(self.target(name), source)
        try:
            if absent := absent_of(decided.packages, _NEEDED):
                raise not_installed(absent)
            whole = self._code.keep(decided.symbols)
            own, watched = self._fingerprint_of(name, whole, decided.packages)
        except SettingsError as error:
            raise of_backend(error, name) from error
        packages = decided.packages
        if is_adapter(backend):  # Upgrading packages that only others need must not discard takes.
            packages = {package: version for package, version in packages.items() if package in decided.named}
        parts = {
            "functions": self._code.keep(decided.own) if is_adapter(backend) else whole,
            "packages": packages,
            **own,
            # Numeric libraries split work by their thread count, which can change the last bits.
            "threads": self._resources(name).cpus,
        }
        watches = {**decided.watches, **watched}
        known = Known(parts, fingerprints.there(watches, self._signature), decided.code, whole)
        fingerprints.keep(self._index, name, self._identity(name), known, watches)
        return known

    def _fingerprint_of(
        self, name: str, whole: Digest, packages: Mapping[str, Canonical]
    ) -> tuple[Mapping[str, Canonical], Mapping[str, Signature | None]]:
        """The backend's own part of its fingerprint, and the signatures of the files it read for it. Remembered as long
        as the backend's code is unchanged, whatever else changes in episodec: it may start programs and look at
        hundreds of files.
        """
        row = f"{name}: own"
        identity = canonical_json.dump({"identity": self._identity(name, whole), "packages": dict(packages)})
        kept = fingerprints.remembered(self._index, row, identity, self._signature)
        if kept is not None:
            return kept.parts, {**dict.fromkeys(kept.absent), **kept.watches}
        fingerprint = self._declared(name).fingerprint(self.settings(name), self._digests)
        # Looked at after they were read: a file replaced in between would be remembered wrongly, so recent files are
        # not remembered.
        watches = {path: self._signature(path) for path in fingerprint.watches}
        known = Known(fingerprint.parts, fingerprints.there(watches, self._signature), {}, whole)
        fingerprints.keep(self._index, row, identity, known, watches)
        return fingerprint.parts, watches

    def _signature(self, path: str) -> Signature | None:
        """A file's signature when this process first saw it."""
        if path not in self._signatures:
            try:
                self._signatures[path] = signature.of_watched(path)
            except OSError:
                self._signatures[path] = None
        return self._signatures[path]

    def _resources(self, name: str) -> Resources:
        """The resources of one action: declared, or computed from this machine's settings; one processor by default."""
        return self._declared(name).resources(self.settings(name))

    def _identity(self, name: str, code: Digest | None = None) -> str:
        """The identity of a remembered fingerprint: settings, class, module path, and the backend's code or
        else all of episodec's.
        """
        return canonical_json.dump(
            {
                "settings": dict(self.settings(name)),
                "class": self.target(name),
                "code": code or self.compiler,
                "path": self._code.distributions.place(),
            }
        )


def is_adapter(backend: Backend) -> bool:
    """Whether a backend's results are made by an external program or by external weights."""
    return bool(getattr(backend, "is_adapter", False))


def declared_notes(backend: Backend) -> Mapping[str, str]:
    """The notes that it may emit: code to a line of explanation."""
    notes: Mapping[str, str] = getattr(backend, "notes", {})
    return notes


def all_notes(targets: Mapping[str, str] | None = None) -> dict[str, str]:
    """The notes of these backends, by default of all installed ones: code to a line that explains it. Broken packages
    are left out: they are reported when they are used.
    """
    notes: dict[str, str] = {}
    for name, target in (registry() if targets is None else targets).items():
        with suppress(BackendError):
            notes |= declared_notes(loaded(name, target).backend)
    return dict(sorted(notes.items()))
