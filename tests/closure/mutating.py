"""Changes of a copied tree, one place each: a constant, a file of data, an installed version; and who executes them.

Who does, the interpreter saw (`recorded`): functions and classes; what these read by name at the top level of their own
or another module; programs that are started by path; packages that they call.
"""

import ast
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from episodec.closure.installed import look
from tests.closure.copied import LIBRARY, Copied

DRIVERS = {  # By backend, programs that run in processes of their own, where nobody watches.
    "espeak": "backends/espeak/driver.py",
    "fish-speech": "backends/fish_speech/driver.py",
    "hunyuan-foley": "backends/hunyuan_foley/driver.py",
}

INERT = frozenset({"duration", "licence", "notes"})  # Of a backend's class: no result depends on them.

Place = tuple[str, str]
"""(module, name that its top level binds)."""


@dataclass(frozen=True, slots=True)
class Mutation:
    """One place of a copied tree, and what stands there instead."""

    path: Path
    start: int  # Bytes of the file; of a folder's name, nothing.
    end: int
    new: bytes  # Empty: the folder has another version in its name.
    backends: frozenset[str]  # That execute it.

    def __str__(self) -> str:
        return f"{self.path.name}:{self.start} {self.new!r} ({', '.join(sorted(self.backends))})"

    @contextmanager
    def applied(self) -> Iterator[None]:
        """The tree with it, for a while."""
        if not self.new:
            other = self.path.with_name(self.path.name.replace(".dist-info", ".post9.dist-info"))
            self.path.rename(other)
            try:
                yield
            finally:
                other.rename(self.path)
            return
        content = self.path.read_bytes()
        self.path.write_bytes(content[: self.start] + self.new + content[self.end :])
        try:
            yield
        finally:
            self.path.write_bytes(content)


def mutations(copied: Copied) -> list[Mutation]:
    """Of all kinds, sorted by file."""
    return [*_constants(copied), *_data(copied), *_versions(copied)]


def _constants(copied: Copied) -> Iterator[Mutation]:
    executed = {name: {*seen["functions"]} for name, seen in copied.executed.items()}
    modules = _Modules(copied.tree)
    users: dict[Place, set[str]] = {}
    for backend, places in executed.items():
        for place in modules.read_from(places):
            users.setdefault(place, set()).add(backend)
    for first in sorted((copied.tree / "episodec/runner").glob("*.py")):  # Performs the orders of all of them.
        for name in modules.statements(f"episodec.runner.{first.stem}"):
            users.setdefault((f"episodec.runner.{first.stem}", name), set()).update(executed)
    for backend, driver in DRIVERS.items():
        module = f"episodec.{driver.removesuffix('.py').replace('/', '.')}"
        for name in modules.statements(module):
            users.setdefault((module, name), set()).add(backend)
    for module, name in sorted(users):
        path = modules.file(module)
        assert path is not None
        source = path.read_bytes()
        for statement in modules.statements(module).get(name, ()):
            for start, end, new in _replaced(source, statement):
                yield Mutation(path, start, end, new, frozenset(users[module, name]))


class _Modules:
    """The modules of a tree, statement by statement."""

    def __init__(self, tree: Path) -> None:
        self._tree = tree
        self._statements: dict[str, dict[str, list[ast.stmt]]] = {}
        self._imported: dict[str, dict[str, str]] = {}

    def file(self, module: str) -> Path | None:
        path = self._tree.joinpath(*module.split("."))
        rows = [one for one in (path.with_suffix(".py"), path / "__init__.py") if one.is_file()]
        return rows[0] if rows else None

    def statements(self, module: str) -> dict[str, list[ast.stmt]]:
        """The statements of a module's top level by the names that they bind; those that bind none by an empty one."""
        if module not in self._statements:
            path = self.file(module)
            body = ast.parse(path.read_bytes()).body if path is not None else []
            actual: dict[str, list[ast.stmt]] = {}
            for first in body:
                for name in _names(first):
                    actual.setdefault(name, []).append(first)
            self._statements[module] = actual
            self._imported[module] = {
                alias.asname or alias.name: f"{node.module}.{alias.name}"
                for one in body
                for node in ast.walk(one)
                if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "episodec"
                for alias in node.names
            }
        return self._statements[module]

    def read_from(self, places: Iterable[Place]) -> set[Place]:
        """These, and our own constants that they read by name, directly or through other constants."""
        actual, todo = set(places), list(places)
        while todo:
            module, name = todo.pop()
            for statement in self.statements(module).get(name, ()):
                new = {place for place in self._read(module, statement) if self._is_constant(place)} - actual
                actual |= new
                todo += new
        return actual

    def _read(self, module: str, statement: ast.stmt) -> Iterator[Place]:
        imported, inert = self._imported[module], _inert(statement)
        for node in ast.walk(statement):
            if id(node) in inert:
                continue
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                yield module, node.id
                target = imported.get(node.id, ".")
                yield target.rpartition(".")[0], target.rpartition(".")[2]
            elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in imported:
                yield imported[node.value.id], node.attr

    def _is_constant(self, place: Place) -> bool:
        module, name = place
        return bool(name) and any(
            isinstance(one, ast.Assign | ast.AnnAssign) for one in self.statements(module).get(name, ())
        )


def _names(statement: ast.stmt) -> list[str]:
    match statement:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return [name]
        case ast.Assign(targets=targets):
            return [node.id for target in targets for node in ast.walk(target) if isinstance(node, ast.Name)]
        case ast.AnnAssign(target=ast.Name(id=name)):
            return [name]
        case _:
            return [""]


def _replaced(source: bytes, statement: ast.stmt) -> Iterator[tuple[int, int, bytes]]:
    """Each constant of a statement: where it begins and ends, and another in its place."""
    lines = [0]
    for line in source.splitlines(keepends=True):
        lines.append(lines[-1] + len(line))
    hints = {
        id(inner)
        for node in ast.walk(statement)
        for hint in (getattr(node, "annotation", None), getattr(node, "returns", None))
        if hint is not None
        for inner in ast.walk(hint)
    }
    texts = {id(node.value) for node in ast.walk(statement) if isinstance(node, ast.Expr)}
    texts |= {
        id(node.value)
        for node in ast.walk(statement)
        if isinstance(node, ast.keyword) and node.arg in {"meaning", "otherwise", "unit"}  # Of declared overrides.
    }
    joined = {id(inner) for node in ast.walk(statement) if isinstance(node, ast.JoinedStr) for inner in ast.walk(node)}
    for node in ast.walk(statement):
        if isinstance(node, ast.Constant) and id(node) not in hints | texts | joined | _inert(statement):
            new = _other(node.value)
            assert node.end_lineno is not None
            assert node.end_col_offset is not None
            if new is not None:
                start, end = lines[node.lineno - 1] + node.col_offset, lines[node.end_lineno - 1] + node.end_col_offset
                yield start, end, f"({new!r})".encode()


def _inert(statement: ast.stmt) -> set[int]:
    """The nodes of a class that no result depends on, by identity."""
    return {
        id(inner)
        for node in (statement.body if isinstance(statement, ast.ClassDef) else ())
        if INERT.intersection(_names(node))
        for inner in ast.walk(node)
    }


def _other(value: object) -> object:
    match value:
        case bool():
            return not value
        case str():
            return f"{value}x"
        case bytes():
            return value + b"x"
        case int() | float() | complex():
            return value + 1
        case _:
            return None


def _data(copied: Copied) -> Iterator[Mutation]:
    """Our own files that were opened, and all of the draft voice's library, which runs in a separate process."""
    for path in sorted((copied.site / LIBRARY).rglob("*")):
        # Of the copies of the library one is loaded, as the maps of a process that loads it say.
        is_read = "espeak-ng-data" in path.parts or path.name == "libespeak-ng.so"
        if path.is_file() and is_read and path.stat().st_size:
            yield Mutation(path, path.stat().st_size // 2, path.stat().st_size // 2, b"x", frozenset({"espeak"}))
    opened: dict[str, set[str]] = {}
    for backend, observed in copied.executed.items():
        for name in observed["files"]:
            opened.setdefault(name, set()).add(backend)
    for name in sorted(opened):
        yield Mutation(copied.tree / "episodec" / name, 0, 0, b"x", frozenset(opened[name]))


def _versions(copied: Copied) -> Iterator[Mutation]:
    installed = look([str(copied.site)])
    users: dict[str, set[str]] = {}
    for backend, observed in copied.executed.items():
        for package in observed["packages"]:
            for name in installed.by_module.get(package, ()):
                users.setdefault(installed.distributions[name].info, set()).add(backend)
    for info in sorted(users):
        yield Mutation(Path(info), 0, 0, b"", frozenset(users[info]))
