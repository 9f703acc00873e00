"""The modules of some packages on this machine, and their facts: each file is read only once while its
signature is unchanged.
"""

import json
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

from episodec.closure.facts import ModuleFacts, Symbol, facts_of, from_plain, to_plain
from episodec.closure.installed import spec_of
from episodec.digest import Digest, digest_bytes, digest_value
from episodec.errors import InputMoved
from episodec.store import signature as signatures
from episodec.store.digests import FileDigests
from episodec.store.index import Index
from episodec.store.sealed import decoded, seal, unseal
from episodec.store.signature import Signature

_TRIES = 3

_Noted = tuple[Signature, str]  # The remembered facts of a file, and its signature at the time.


@dataclass(frozen=True, slots=True)
class _Place:
    """The location of a module."""

    file: str | None  # None: a namespace package.
    folders: tuple[str, ...]  # Of a package: where its modules are looked for.


ANALYSERS = ("bindings", "facts", "mentions", "normal")
"""The modules of this package that compute facts: any change of their text discards remembered facts."""


class Sources:
    """closure.reach.Modules over files; `seen`: the files that were read, with their signatures."""

    def __init__(self, index: Index, digests: FileDigests, path: Sequence[str]) -> None:
        self._index = index
        self._digests = digests
        self._path = path
        self._tops: dict[str, _Place] = {}
        self._places: dict[str, _Place | None] = {}
        self._names: dict[str, frozenset[str]] = {}
        self._facts: dict[str, ModuleFacts | None] = {}
        self._known: dict[str, _Noted] | None = None
        self._fresh: list[tuple[object, ...]] = []
        self.signatures: dict[str, Signature] = {}

    def flush(self) -> None:
        """Write facts that are not stored yet."""
        self._index.write_many("INSERT OR REPLACE INTO sources VALUES (?, ?, ?, ?, ?, ?, ?)", self._fresh)
        self._fresh.clear()

    def follow(self, top: str, fallback: str | None = None) -> bool:
        """Follow names into this top-level package from now on; whether it exists. `fallback`: one of its files, in
        case the path does not lead to it.
        """
        if top not in self._tops:
            spec = spec_of(top, self._path)
            folders = tuple(spec.submodule_search_locations or ()) if spec else ()
            file = spec.origin if spec else fallback
            if spec is None and fallback is None:
                return False
            self._tops[top] = _Place(file if file and os.path.isfile(file) else None, folders)
            self._places[top] = self._tops[top]
        return True

    def is_followed(self, name: str) -> bool:
        """See closure.reach.Modules."""
        return name.partition(".")[0] in self._tops

    def is_module(self, name: str) -> bool:
        """See closure.reach.Modules."""
        return self._place(name) is not None

    def facts(self, module: str) -> ModuleFacts | None:
        """See closure.reach.Modules."""
        if module not in self._facts:
            place = self._place(module)
            is_source = place is not None and place.file is not None and place.file.endswith(".py")
            self._facts[module] = self._read(module, place) if place is not None and is_source else None
        return self._facts[module]

    def files(self, module: str, name: str) -> list[str]:
        """See closure.reach.Modules."""
        package = self._package_of(module)
        place = self._place(package)
        folders = place.folders if place is not None else ()
        if name:
            return [f"{package}/{name}"]
        return sorted(
            f"{package}/{one}"
            for folder in folders
            for one in self._listed(folder)
            if os.path.isfile(f"{folder}/{one}")
        )

    def content(self, file: str) -> Digest:
        """See closure.reach.Modules. A missing file has an empty digest."""
        for path in self.paths_of(file):
            self.signatures[path], content = self._digests.look(path)
            return content
        return Digest("")

    def paths_of(self, file: str) -> list[str]:
        """The paths of the file named `package/name`; none if it does not exist."""
        package, _, name = file.partition("/")
        place = self._place(package)
        paths = [f"{folder}/{name}" for folder in (place.folders if place else ())]
        return [path for path in paths if os.path.isfile(path)]

    def everything(self, top: str) -> tuple[list[str], list[str], list[str]]:
        """All modules of a followed package, its other files as `package/name`, and its folders. A folder that is
        linked below itself would have endless modules: it is followed once per path.
        """
        modules: list[str] = []
        files: list[str] = []
        all_folders: list[str] = []
        todo: list[tuple[str, tuple[str, ...]]] = [(top, ())]
        while todo:
            package, way = todo.pop()
            place = self._place(package)
            modules.append(package)
            for folder in place.folders if place is not None else ():
                up = (*way, os.path.realpath(folder))
                all_folders.append(folder)
                for name in sorted(self._listed(folder)):
                    stem, suffix = name.removesuffix(".py"), name[-3:]
                    if os.path.isdir(f"{folder}/{name}"):
                        # Beside a module of the same name, a folder contains no modules.
                        inner_place = self._place(f"{package}.{name}") if name.isidentifier() else None
                        if inner_place is not None and f"{folder}/{name}" in inner_place.folders:
                            if os.path.realpath(f"{folder}/{name}") not in up:
                                todo.append((f"{package}.{name}", up))
                            continue
                        inner = [folder_of for folder_of, _, _ in os.walk(f"{folder}/{name}")]
                        all_folders += inner
                        files += [
                            f"{package}/{os.path.relpath(path, folder)}" for one in inner for path in _files_in(one)
                        ]
                    elif suffix == ".py" and stem.isidentifier():
                        modules += [f"{package}.{stem}"] if stem != "__init__" else []
                    else:
                        files.append(f"{package}/{name}")
        return modules, files, all_folders

    def in_package(self, package: str) -> list[str]:
        """A package and the modules directly in it."""
        names = [name.rpartition("/")[2] for name in self.files(package, "")]
        inner = [f"{package}.{name[:-3]}" for name in names if name.endswith(".py") and name != "__init__.py"]
        return [package, *inner]

    def file_of(self, module: str) -> str | None:
        """The path of a module's file."""
        place = self._place(module)
        return place.file if place is not None else None

    def _package_of(self, module: str) -> str:
        place = self._place(module)
        return module if place is not None and place.folders else module.rpartition(".")[0]

    def _place(self, name: str) -> _Place | None:
        if name not in self._places:
            parent, _, last = name.rpartition(".")
            above = self._place(parent) if parent else None
            self._places[name] = self._place_in(above.folders, last) if above is not None else None
        return self._places[name]

    def _place_in(self, folders: tuple[str, ...], name: str) -> _Place | None:
        """The place that Python's finder gives: a package, a compiled module, a source file, or a namespace package, in
        this order.
        """
        for folder in folders:
            names = self._listed(folder)
            inner = f"{folder}/{name}"
            if name in names and "__init__.py" in self._listed(inner):
                return _Place(f"{inner}/__init__.py", (inner,))
            for suffix in (*EXTENSION_SUFFIXES, ".py"):
                if f"{name}{suffix}" in names:
                    return _Place(f"{inner}{suffix}", ())
        inner_folders = tuple(f"{folder}/{name}" for folder in folders if os.path.isdir(f"{folder}/{name}"))
        return _Place(None, inner_folders) if inner_folders else None

    def _listed(self, folder: str) -> frozenset[str]:
        if folder not in self._names:
            try:
                names = (name for name in os.listdir(folder) if not signatures.is_passing(name))
                self._names[folder] = frozenset(names) - {"__pycache__"}
            except OSError:
                self._names[folder] = frozenset()
        return self._names[folder]

    # Facts of files.

    def _read(self, module: str, place: _Place) -> ModuleFacts:
        path = place.file
        assert path is not None
        looked = signatures.of(path)
        known = self._remembered().get(f"{module} {path}")
        if known is not None and known[0] == looked:
            self.signatures[path] = looked
            return from_plain(json.loads(known[1]))
        source, signature, is_racy = read_still(path)
        self.signatures[path] = signature
        try:
            facts = _facts_of(source, module, os.path.basename(path) == "__init__.py")
        except (SyntaxError, ValueError):  # For another Python version, or broken: its bytes count.
            facts = ModuleFacts({}, {}, Symbol(digest_bytes(source), ()), ())
        if not is_racy:
            name, text = f"{module} {path}", json.dumps(to_plain(facts))
            self._fresh.append((name, *signature, _analyser(), seal(text, *_about(name, signature))))
        return facts

    def _remembered(self) -> dict[str, _Noted]:
        if self._known is None:
            sql = "SELECT name, mtime_ns, ctime_ns, size, inode, facts FROM sources WHERE analyser = ?"
            self._known = dict(decoded(self._index, sql, (_analyser(),), _noted))
        return self._known


def _noted(name: str, mtime_ns: int, ctime_ns: int, size: int, inode: int, facts: str) -> tuple[str, _Noted]:
    signature = (mtime_ns, ctime_ns, size, inode)
    return name, (signature, unseal(facts, *_about(name, signature)))


def _about(name: str, signature: Signature) -> list[str]:
    """The other columns of a row."""
    return [name, *map(str, signature), _analyser()]


def _files_in(folder: str) -> list[str]:
    """The files directly in a folder."""
    names = (name for name in os.listdir(folder) if not signatures.is_passing(name))
    return sorted(path for name in names if os.path.isfile(path := f"{folder}/{name}"))


def read_still(path: str) -> tuple[bytes, Signature, bool]:
    """A file's content, the signature under which it was read, and whether that is too recent to be remembered.

    Raises:
        OSError: it cannot be read.
        InputMoved: it changed each of three times.
    """
    for _ in range(_TRIES):
        observed_at_ns = time.time_ns()
        before = signatures.of(path)
        content = Path(path).read_bytes()
        if signatures.of(path) == before:
            return content, before, signatures.is_racy(before, observed_at_ns)
    facts = {"file": path, "tried": f"{_TRIES} times"}
    raise InputMoved("a file changes faster than it can be read", facts=facts, hint="wait until it is written")


@lru_cache(maxsize=1_000)  # A process that builds several projects reads the same text once.
def _facts_of(source: bytes, module: str, is_package: bool) -> ModuleFacts:  # noqa: FBT001  # A cache's key.
    return facts_of(source, module, is_package=is_package)


@cache
def _analyser() -> Digest:
    """The other dependencies of remembered facts: the code that computes them, and Python's grammar."""
    import sys

    here = Path(__file__).parent
    code = [digest_bytes((here / f"{name}.py").read_bytes()) for name in ANALYSERS]
    return digest_value("sealed-analyser", [*code, sys.version])
