"""The distributions and loose modules that imports reach, and the distribution that offers a backend. Scans of
`closure.installed` are remembered while the installation folders are unchanged.
"""

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from configparser import ConfigParser
from dataclasses import dataclass
from functools import lru_cache
from importlib.machinery import ModuleSpec
from pathlib import Path
from sys import stdlib_module_names
from typing import Any

from episodec.closure.installed import Distribution, Installed, look, needs, plain_name, spec_of
from episodec.digest import Canonical, Digest, digest_value
from episodec.store import signature as signatures
from episodec.store.digests import FileDigests
from episodec.store.index import Index
from episodec.store.sealed import decoded, seal, unseal
from episodec.store.signature import Signature

GROUP = "episodec.backends"
OURS = "episodec"


@dataclass(frozen=True, slots=True)
class Reached:
    """The installed packages that some imports reach."""

    # Versions of distributions by name; digests of modules that no distribution installed.
    packages: Mapping[str, Canonical]
    named: frozenset[str]  # Those imported by name, not only needed by another.
    watches: dict[str, Signature]  # Files and folders that show changes of them.


class Distributions:
    """The packages installed on a path of folders. A process looks at everything once."""

    def __init__(self, index: Index, digests: FileDigests, path: Sequence[str]) -> None:
        self._index = index
        self._digests = digests
        self._path = path
        self._installed: Installed | None = None
        self._offered: dict[str, Distribution] | None = None  # By `module:Class`.
        self._specs: dict[str, ModuleSpec | None] = {}
        self._signatures: dict[str, Signature] = {}
        self._place: Digest | None = None

    def place(self) -> Digest:
        """A digest of the folders in which modules are looked for, which changes with installations."""
        if self._place is None:
            signatures: list[Canonical] = [[path, list(self.signature(path))] for path in self._path]
            self._place = digest_value("module-path", signatures)
        return self._place

    def offering(self, target: str) -> Distribution | None:
        """The distribution that has this backend among its entry points."""
        if self._offered is None:
            self._offered = {}
            for distribution in self._all().distributions.values():
                for offered in _offered(distribution):
                    self._offered.setdefault(offered, distribution)
        return self._offered.get(target)

    def reached(self, modules: Iterable[str], by: Distribution | None = None) -> Reached:
        """The packages that these top-level names reach, directly or through needs: their versions, and the files to
        watch. `by`: a distribution whose declared needs count, too.
        """
        third_party = {name for name in modules if name not in stdlib_module_names}
        packages: dict[str, Canonical] = {}
        watches: dict[str, Signature] = {}
        for module in sorted(third_party):
            if not self._is_brought(module):
                packages[f"module {module}"] = self._loose(module, watches)
        names = self._named(third_party, by)
        named = frozenset({*packages, *names})
        for name, distribution in self._all().reached(names).items():
            packages[name] = distribution.version
            watches[distribution.metadata] = self.signature(distribution.metadata)
        return Reached(packages, named & packages.keys(), watches)

    def on_ours(self, modules: Iterable[str], by: Distribution | None = None) -> list[str]:
        """The top-level modules, among these and their needs, that may reach episodec's own code: their distribution
        needs episodec, or they have none.
        """
        third_party = {name for name in modules if name not in stdlib_module_names}
        dependents = {name for name in third_party if not self._is_brought(name) and self._spec(name) is not None}
        for distribution in self._all().reached(self._named(third_party, by)).values():
            if OURS in map(plain_name, needs(distribution)):
                dependents |= {module for module, names in self._all().by_module.items() if distribution.name in names}
        return sorted(dependents - {OURS})

    def _named(self, modules: Iterable[str], by: Distribution | None) -> set[str]:
        """The distributions of these modules, and those that `by` needs; without episodec."""
        names = {name for module in modules for name in self._all().by_module.get(module, ())}
        return names | ({plain_name(name) for name in needs(by)} - {OURS} if by is not None else set())

    def _is_brought(self, module: str) -> bool:
        """Whether a distribution installed the top-level module that is found under this name."""
        place = self._place_of(module)
        owners = (self._all().distributions[name] for name in self._all().by_module.get(module, ()))
        return any(place == os.path.dirname(one.info) for one in owners)

    def signature(self, path: str) -> Signature:
        """The signature of a file or folder when this process first saw it; zeros if it did not exist."""
        if path not in self._signatures:
            try:
                self._signatures[path] = signatures.of_watched(path)
            except OSError:
                self._signatures[path] = (0, 0, 0, 0)
        return self._signatures[path]

    def _place_of(self, module: str) -> str | None:
        """The folder in which a top-level module is found."""
        spec = self._spec(module)
        places = [*(spec.submodule_search_locations or ()), spec.origin] if spec is not None else []
        return os.path.dirname(places[0]) if places and places[0] else None

    def _spec(self, module: str) -> ModuleSpec | None:
        if module not in self._specs:
            self._specs[module] = spec_of(module, self._path)
        return self._specs[module]

    def _loose(self, module: str, watches: dict[str, Signature]) -> Canonical:
        """The digest of a module that no distribution installed; None if there is no such module."""
        spec = self._spec(module)
        if spec is None:
            return None
        folders = list(spec.submodule_search_locations or ())
        files = [path for folder in folders for path in _below(folder)] or ([spec.origin] if spec.origin else [])
        contents: dict[str, Canonical] = {}
        for path in files:
            watches[path], contents[path.rpartition(f"/{module}")[2]] = self._digests.look(path)
        return digest_value("loose-module", contents)

    def _all(self) -> Installed:
        """All installed packages, remembered as long as their folders are unchanged."""
        if self._installed is None:
            place = self.place()
            sql = "SELECT found FROM installed WHERE folders = ?"
            rows = decoded(self._index, sql, (place,), lambda found: _from_plain(json.loads(unseal(found, place))))
            self._installed = rows[0] if rows else _looked(tuple(self._path), place)
            if not rows:
                self._index.write("DELETE FROM installed")
                values = (place, seal(json.dumps(_to_plain(self._installed)), place))
                self._index.write("INSERT OR REPLACE INTO installed VALUES (?, ?)", values)
        return self._installed


@lru_cache(maxsize=10)
def _looked(path: tuple[str, ...], _place: Digest) -> Installed:
    """All packages installed on a path, looked up once per process and state of its folders."""
    return look(path)


def _offered(distribution: Distribution) -> Iterable[str]:
    """The backends among a distribution's entry points."""
    path = f"{distribution.info}/entry_points.txt"
    try:
        text = Path(path).read_text("utf-8")
    except OSError:
        return ()
    if GROUP not in text:
        return ()
    entries = ConfigParser(delimiters=("=",), strict=False, interpolation=None)
    entries.read_string(text, path)
    return entries[GROUP].values() if entries.has_section(GROUP) else ()


def _below(folder: str) -> list[str]:
    """All files below a folder, without Python's own caches."""
    paths: list[str] = []
    for where, folders, names in os.walk(folder):
        folders[:] = sorted(set(folders) - {"__pycache__"})
        paths += [f"{where}/{name}" for name in sorted(names)]
    return paths


def _to_plain(installed: Installed) -> list[object]:
    rows = [[one.name, one.version, one.info] for one in installed.distributions.values()]
    return [rows, {module: list(names) for module, names in installed.by_module.items()}]


def _from_plain(plain: list[Any]) -> Installed:
    rows, by_module = plain
    return Installed({row[0]: Distribution(*row) for row in rows}, by_module)
