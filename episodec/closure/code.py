"""What code and which distributions decide a backend's results, found from its class."""

import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from configparser import ConfigParser
from dataclasses import dataclass
from functools import lru_cache
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from sys import stdlib_module_names
from typing import Any

from episodec.closure.installed import Distribution, Installed, files_of, look
from episodec.closure.reach import Reach, digest_of, lines_of
from episodec.closure.sources import Sources
from episodec.digest import Canonical, Digest, digest_bytes, digest_value
from episodec.store import signature as signatures
from episodec.store.digests import FileDigests
from episodec.store.index import Index
from episodec.store.sealed import decoded, seal, unseal
from episodec.store.signature import Signature

OURS = "episodec"
GROUP = "episodec.backends"

RUNNER = f"{OURS}.runner"
"""How orders are performed: it counts in every backend's code."""

_KEPT_CLOSURES = 2_000


@dataclass(frozen=True, slots=True)
class Decided:
    """What decides a backend's results besides its settings, models and orders."""

    symbols: Mapping[str, str]  # Of all code: functions, classes, constants by `module.name`, and files.
    own: Mapping[str, str]  # Those of them that are in the backend's own package.
    packages: Mapping[str, Canonical]  # Versions of distributions by name; digests of what is installed without one.
    code: Mapping[str, Signature]  # The files of all code.
    watches: Mapping[str, Signature]  # Files and folders that tell of other people's code, and of installations.


class Code:
    """The code of backends. Everything is looked at once in a process: what changes meanwhile is seen by signatures."""

    def __init__(self, index: Index, digests: FileDigests, path: Sequence[str]) -> None:
        """`path`: the folders in which workers look for modules, in this order (`installed.search_path`)."""
        self._index = index
        self._digests = digests
        self._path = path
        self._reaches: dict[tuple[str, ...], tuple[Sources, Reach]] = {}
        self._installed: Installed | None = None
        self._offered: dict[str, Distribution] | None = None  # By `module:Class`.
        self._specs: dict[str, ModuleSpec | None] = {}
        self._seen: dict[str, Signature] = {}
        self._runners: dict[tuple[str, ...], tuple[list[str], dict[str, str]]] = {}
        self._place: Digest | None = None

    def place(self) -> Digest:
        """What the folders that modules are looked for in hold, as far as installations change it."""
        if self._place is None:
            told: list[Canonical] = [[path, list(self._signature(path))] for path in self._path]
            self._place = digest_value("module-path", told)
        return self._place

    def decided(self, target: str, file: str | None) -> Decided:
        """Of the backend at `module:Class`; `file` is where its module lies, for one that workers may not find.

        Of a distribution that offers a backend all modules and files count, and what of ours they reach: how its
        backend finds them, we do not know.

        Raises:
            OSError: a file of it cannot be read. InputMoved: one changes faster than it can be read.
        """
        module, _, name = target.partition(":")
        top = module.partition(".")[0]
        offered_by = None if top == OURS else self._offered_by(target)
        tops = [OURS] if top == OURS else [top] if offered_by is None else _tops(offered_by, top)
        sources, reach = self._followed(tuple(tops), file)
        starts: list[str] = [f"{module}.{name}"]
        files: list[str] = []
        folders: list[str] = []
        for one in tops if offered_by is not None else ():
            if sources.is_followed(one):
                inner, others, places = sources.everything(one)
                starts += inner
                files += others
                folders += places
        found = reach.closure(starts)
        symbols = {**found.symbols, **{path: sources.content(path) for path in files}}
        is_own = _within(tops if top != OURS else [_package(module)])
        own = {path: digest for path, digest in symbols.items() if is_own(path)}
        runner, runs = self._runner(tuple(tops), sources, reach)
        symbols |= runs
        packages, watches = self._packages(found.outside)
        if offered_by is not None:
            packages[offered_by.name] = offered_by.version
            watches[offered_by.metadata] = self._signature(offered_by.metadata)
        code = _files(sources, {*found.modules, *runner}, symbols)
        watches |= {folder: self._signature(folder) for folder in folders}
        theirs: dict[str, Signature] = {}
        if top != OURS:
            is_ours = _within([OURS])
            modules = [one for one in found.modules if not is_ours(one)]
            theirs = _files(sources, modules, [one for one in symbols if not is_ours(one)])
        sources.flush()
        return Decided(symbols, own, packages, code, {**theirs, **watches})

    def keep(self, symbols: Mapping[str, str]) -> Digest:
        """The digest of code, by which `symbols_of` finds it again."""
        digest = digest_of(symbols)
        if not self._index.rows("SELECT 1 FROM closures WHERE digest = ?", (digest,)):
            values = (digest, lines_of(symbols) or json.dumps(dict(symbols)))
            self._index.write("INSERT OR IGNORE INTO closures (digest, symbols) VALUES (?, ?)", values)
            sql = "DELETE FROM closures WHERE id <= (SELECT max(id) FROM closures) - ?"
            self._index.write(sql, (_KEPT_CLOSURES,))
        return digest

    def _followed(self, tops: tuple[str, ...], file: str | None) -> tuple[Sources, Reach]:
        """What follows names into these packages and ours; `file` is one of the last of them."""
        if tops not in self._reaches:
            sources = Sources(self._index, self._digests, self._path)
            for one in (OURS, *tops):
                sources.follow(one, file)
            self._reaches[tops] = sources, Reach(sources)
        return self._reaches[tops]

    def _runner(self, tops: tuple[str, ...], sources: Sources, reach: Reach) -> tuple[list[str], dict[str, str]]:
        """The modules that perform orders, and their code."""
        if tops not in self._runners:
            modules = sources.in_package(RUNNER)
            self._runners[tops] = modules, reach.own(modules)
        return self._runners[tops]

    # Distributions.

    def _offered_by(self, target: str) -> Distribution | None:
        """The distribution that has this backend among its entry points."""
        if self._offered is None:
            self._offered = {}
            for one in self._all_installed().distributions.values():
                for offered in _offered(one):
                    self._offered.setdefault(offered, one)
        return self._offered.get(target)

    def _packages(self, modules: Iterable[str]) -> tuple[dict[str, Canonical], dict[str, Signature]]:
        """Versions of what is installed under these top-level names and of all that needs, and what tells of it."""
        installed = self._all_installed()
        wanted = {name for name in modules if name not in stdlib_module_names}
        names = {name for module in wanted for name in installed.by_module.get(module, ())}
        packages: dict[str, Canonical] = {}
        watches: dict[str, Signature] = {}
        for module in sorted(wanted):
            place = self._place_of(module)
            owners = [installed.distributions[name] for name in installed.by_module.get(module, ())]
            if any(place == os.path.dirname(one.info) for one in owners):
                continue
            packages[f"module {module}"] = self._loose(module, watches)
        found = installed.reached(names)
        for name, one in found.items():
            packages[name] = one.version
            watches[one.metadata] = self._signature(one.metadata)
        return packages, watches

    def _place_of(self, module: str) -> str | None:
        """The folder that a top-level module is found in."""
        spec = self._spec(module)
        places = [*(spec.submodule_search_locations or ()), spec.origin] if spec is not None else []
        return os.path.dirname(places[0]) if places and places[0] else None

    def _spec(self, module: str) -> ModuleSpec | None:
        if module not in self._specs:
            self._specs[module] = PathFinder.find_spec(module, self._path)
        return self._specs[module]

    def _loose(self, module: str, watches: dict[str, Signature]) -> Canonical:
        """The digest of a module that no distribution brought; None where there is none."""
        spec = self._spec(module)
        if spec is None:
            return None
        folders = list(spec.submodule_search_locations or ())
        files = [path for folder in folders for path in _below(folder)] or ([spec.origin] if spec.origin else [])
        contents: dict[str, Canonical] = {}
        for path in files:
            watches[path], contents[path.rpartition(f"/{module}")[2]] = self._digests.look(path)
        return digest_value("loose-module", contents)

    def _all_installed(self) -> Installed:
        """What is installed, remembered for as long as the folders that it is installed in stand."""
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

    def _signature(self, path: str) -> Signature:
        if path not in self._seen:
            try:
                self._seen[path] = signatures.of_watched(path)
            except OSError:
                self._seen[path] = (0, 0, 0, 0)
        return self._seen[path]


def symbols_of(index: Index, digest: str) -> dict[str, str] | None:
    """The code of this digest by name; None when it is not remembered."""
    sql = "SELECT symbols FROM closures WHERE digest = ?"
    rows = decoded(index, sql, (digest,), lambda text: _symbols(text, digest))
    return rows[0] if rows else None


def changed_symbols(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """The names of what differs between two states of code, sorted."""
    return sorted(name for name in {*before, *after} if before.get(name) != after.get(name))


@lru_cache(maxsize=10)
def _looked(path: tuple[str, ...], _place: Digest) -> Installed:
    """What is installed on a path, looked at once in a process for as long as its folders stand."""
    return look(path)


def _offered(one: Distribution) -> Iterable[str]:
    """The backends among a distribution's entry points."""
    path = f"{one.info}/entry_points.txt"
    try:
        text = Path(path).read_text("utf-8")
    except OSError:
        return ()
    if GROUP not in text:
        return ()
    entries = ConfigParser(delimiters=("=",), strict=False, interpolation=None)
    entries.read_string(text, path)
    return entries[GROUP].values() if entries.has_section(GROUP) else ()


def _tops(one: Distribution, top: str) -> list[str]:
    """The top-level modules of a distribution, and that of its backend: the list of files of an editable one names
    none.
    """
    names = {name.partition("/")[0] for name in files_of(one) if name.endswith(".py")}
    return sorted({top, *(name.removesuffix(".py") for name in names)} - {OURS, ".."})


def _package(module: str) -> str:
    """A backend's own package: that of a system, or the one file."""
    above = module.rpartition(".")[0]
    return module if above == f"{OURS}.backends" else above


def _within(tops: Sequence[str]) -> Callable[[str], bool]:
    """Whether a module, symbol or file is in one of these packages."""
    heads = tuple(f"{top}{mark}" for top in tops for mark in "./")
    return lambda name: name in tops or name.startswith(heads)


def _files(sources: Sources, modules: Iterable[str], symbols: Iterable[str]) -> dict[str, Signature]:
    """The files of these modules and symbols, with the signatures that they were read under."""
    paths = {path for module in modules if (path := sources.file_of(module)) is not None}
    paths |= {path for symbol in symbols if "/" in symbol for path in sources.paths_of(symbol)}
    return {path: sources.seen[path] for path in sorted(paths) if path in sources.seen}


def _below(folder: str) -> list[str]:
    """All files below a folder, without Python's own caches."""
    found: list[str] = []
    for where, folders, names in os.walk(folder):
        folders[:] = sorted(set(folders) - {"__pycache__"})
        found += [f"{where}/{name}" for name in sorted(names)]
    return found


def _symbols(text: str, digest: str) -> dict[str, str]:
    """The code that a row says; its digest is its seal. Raises: ValueError, when it is not the code of this digest."""
    symbols: dict[str, str] = {}
    if text.startswith("{"):  # As it is written where a name holds a line break, and was by an earlier version.
        symbols = dict(json.loads(text))
        found = digest_value("code-closure", dict(symbols))
    else:
        for line in text.split("\n")[1:]:
            name, _, content = line.rpartition("=")
            symbols[name] = content
        found = digest_bytes(text.encode())
    if found != digest:
        raise ValueError("a row has other code than its digest says")
    return symbols


def _to_plain(installed: Installed) -> list[object]:
    rows = [[one.name, one.version, one.info] for one in installed.distributions.values()]
    return [rows, {module: list(names) for module, names in installed.by_module.items()}]


def _from_plain(plain: list[Any]) -> Installed:
    rows, by_module = plain
    return Installed({row[0]: Distribution(*row) for row in rows}, by_module)
