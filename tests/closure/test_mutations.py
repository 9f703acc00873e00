"""A constant is changed somewhere in a copy of our code, by chance: whoever executes it has another fingerprint.

The oracle is what backends were seen to execute, not what closures say. A number or text may stand in a function, a
default, a class body, at a module's top level, in a program that is started by path.
"""

import ast
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from episodec.backends import BUILTIN
from tests.closure.recorded import SCENES, Executed, episode, executed
from tests.closure.trees import OURS, Tree

SEED = 20_261_130
DRAWN = 12  # Of each run in `make test`; the campaign takes more.


@dataclass(frozen=True, slots=True)
class Mutation:
    """One constant of a file, and what stands in its place."""

    file: str
    line: int
    column: int
    end_column: int
    new: str
    backends: frozenset[str]  # That execute the function around it, or use the name that it is bound to.


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Executed:
    """What backends execute, over episodes of each kind."""
    found: Executed = {}
    for which in SCENES:
        for name, functions in executed(episode(tmp_path_factory.mktemp("project"), which)).items():
            found.setdefault(name, set()).update(functions)
    return found


def mutations(seen: Executed) -> list[Mutation]:
    """All constants in what was executed, and those that a function reads by name from its own module."""
    found: list[Mutation] = []
    for module in sorted({module for functions in seen.values() for module, _ in functions}):
        path = Path(*module.split(".")[1:])
        file = f"{path}.py" if (OURS / f"{path}.py").is_file() else f"{path}/__init__.py"
        tree = ast.parse((OURS / file).read_bytes())
        users: dict[str, set[str]] = {}
        for backend, functions in seen.items():
            for name in [name for where, name in functions if where == module]:
                users.setdefault(name, set()).add(backend)
        for name, read in _reads(tree).items():
            for one in read:
                users.setdefault(one, set()).update(users.get(name, ()))
        found += [
            one for statement in tree.body for one in _constants(file, statement, users.get(_name(statement), set()))
        ]
    driver = "backends/espeak/driver.py"
    for statement in ast.parse((OURS / driver).read_bytes()).body:
        found += _constants(driver, statement, {"espeak"})
    return found


def _reads(tree: ast.Module) -> dict[str, set[str]]:
    """What each function reads of its module's constants."""
    own = {_name(one) for one in tree.body if isinstance(one, ast.Assign | ast.AnnAssign)}
    functions = [one for one in tree.body if isinstance(one, ast.FunctionDef)]
    return {
        one.name: {node.id for node in ast.walk(one) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
        & own
        for one in functions
    }


def _name(statement: ast.stmt) -> str:
    match statement:
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            return name
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            return name
        case _:
            return ""


def _constants(file: str, statement: ast.stmt, backends: set[str]) -> Iterator[Mutation]:
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
        if not isinstance(node, ast.Constant) or id(node) in hints | texts | joined or not backends:
            continue
        if node.end_lineno != node.lineno or node.end_col_offset is None or isinstance(node.value, bool):
            continue
        if isinstance(node.value, str | int | float):
            new = repr(node.value + "x" if isinstance(node.value, str) else node.value + 1)
            yield Mutation(file, node.lineno, node.col_offset, node.end_col_offset, new, frozenset(backends))


def mutated(source: bytes, one: Mutation) -> bytes:
    lines = source.splitlines(keepends=True)
    line = lines[one.line - 1]
    lines[one.line - 1] = line[: one.column] + f"({one.new})".encode() + line[one.end_column :]
    return b"".join(lines)


def unseen(tree: Tree, one: Mutation, before: Mapping[str, Mapping[str, str]]) -> set[str]:
    """The backends that execute the changed constant and whose code is said to be the same."""
    path = tree.root / "episodec" / one.file
    source = path.read_bytes()
    path.write_bytes(mutated(source, one))
    try:
        code = tree.code()
        return {name for name in one.backends if code.decided(BUILTIN[name], None).symbols == before[name]}
    finally:
        path.write_bytes(source)


def run(seen: Executed, root: Path, count: int | None) -> list[tuple[Mutation, set[str]]]:
    tree = Tree(root).copy_ours()
    before = tree.changed()
    every = mutations(seen)
    drawn = every if count is None else random.Random(SEED).sample(every, count)
    return [(one, missed) for one in drawn if (missed := unseen(tree, one, before))]


def test_a_sample_of_changed_constants_is_seen(seen: Executed, tmp_path: Path) -> None:
    assert run(seen, tmp_path, DRAWN) == []


@pytest.mark.campaign
@pytest.mark.timeout(7200)
def test_every_changed_constant_is_seen(seen: Executed, tmp_path: Path) -> None:
    assert len(mutations(seen)) > 1000
    assert run(seen, tmp_path, None) == []
