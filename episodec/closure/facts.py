"""What one file of Python says, statement by statement: what each defines, its normal form, and what it uses by name.

Knows one file and nothing of where others lie: a name that it imports is a dotted path, which `reach` follows.
"""

import ast
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

from episodec.closure.normal import is_text, normal_form
from episodec.digest import digest_bytes

WHOLE = "."
"""The use of a whole module: some name in it is found in a way that cannot be followed."""

FILE = "/"
"""Begins the use of a file in the module's own folder; alone it is all that the folder holds."""

MAYBE = "?"
"""Begins the use of a whole module, if there is one of that name."""

ENTER = "@"
"""Begins the use of a module that is imported and of which no name is used here."""

OWN_FILE = "episodec.ownfile.own_file"

_HERE = frozenset({"eval", "exec", "globals"})
_HERE_WITHOUT_ARGUMENTS = frozenset({"locals", "vars"})
_LOADERS = frozenset({"__import__", "importlib.import_module"})
_MODULE_NAME = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+")

Chain = tuple[str, ...]
"""A name with the attributes that are asked of it: `np.random.default_rng`."""


@dataclass(frozen=True, slots=True)
class Symbol:
    """What a module's top level binds to one name."""

    digest: str  # Of its statements' normal forms, and of what the imported names in them stand for.
    uses: tuple[str, ...]  # `.NAME` of the same module, or the dotted path of another's; or FILE, ENTER, WHOLE.
    is_function: bool = False
    calls: tuple[str, ...] = ()  # Of `uses`, what is called while the module is imported.


@dataclass(frozen=True, slots=True)
class Facts:
    """A module, file by file remembered."""

    symbols: Mapping[str, Symbol]
    imported: Mapping[str, tuple[str, ...]]  # Names that imports bind, with the dotted paths they may stand for.
    rest: Symbol | None  # The statements that bind no single name, in their order; they run when it is imported.
    enters: tuple[str, ...]  # Modules that it imports at its top level.


def facts_of(source: bytes, module: str, *, is_package: bool) -> Facts:
    """The facts of a file that is imported as `module`.

    Raises:
        SyntaxError: it is no Python of this version.
    """
    return _File(ast.parse(source), _Names(module, is_package=is_package)).facts()


class _File:
    """One file, taken apart."""

    def __init__(self, tree: ast.Module, names: "_Names") -> None:
        self._tree = tree
        self._names = names
        # Whoever asks for a docstring may show it.
        self._docstrings = any(
            getattr(node, "attr", getattr(node, "id", "")) == "__doc__"
            for node in ast.walk(tree)
            if isinstance(node, ast.Attribute | ast.Name)
        )

    def facts(self) -> Facts:
        enters = self._read_imports()
        parts = [(_names(one), one) for one in self._tree.body if self._counts(one)]
        bound = [name for names, _ in parts for name in names]
        inner = {name for names, one in parts if not names for name in _bound_within(one)}
        if len(bound) != len({*bound}) or {*bound} & {*inner, *self._names.imported}:
            # Order counts where a name is bound twice: all statements are one.
            parts, inner, bound = [((), one) for _, one in parts], {*inner, *bound}, []
        known = {*bound, *inner}
        symbols = {name: self._symbol([one], known) for names, one in parts for name in names}
        rest = [one for names, one in parts if not names]
        whole = self._symbol(rest, known) if rest else None
        if unused := self._unused():  # Imported for what the import does.
            whole = whole or Symbol("", ())
            whole = replace(whole, uses=tuple(sorted({*whole.uses, *unused})))
        symbols |= {name: Symbol("", ()) for name in inner}
        imported = {name: tuple(sorted(targets)) for name, targets in self._names.imported.items()}
        return Facts(symbols, imported, whole, tuple(sorted(enters)))

    def _read_imports(self) -> set[str]:
        """The modules that are imported at the top level; what names stand for is noted."""
        enters: set[str] = set()
        for node in (one for statement in self._tree.body for one in _imports(statement)):
            for name, target in self._names.bound(node):
                self._names.imported.setdefault(name, set()).add(target)
            enters.update(self._names.entered(node))
        return enters

    def _counts(self, statement: ast.stmt) -> bool:
        """Whether a statement is more than a docstring or an import, whose names count where they are used."""
        if isinstance(statement, ast.ImportFrom):
            return statement.names[0].name == "*"
        return not isinstance(statement, ast.Import) and (self._docstrings or not is_text(statement))

    def _symbol(self, statements: list[ast.stmt], known: set[str]) -> Symbol:
        seen = _Mentions(self._names)
        for statement in statements:
            seen.visit(statement)

        def targets(chains: set[Chain]) -> set[str]:
            found = {target for chain in chains for target in self._names.targets(chain, seen.local)}
            return found | {f".{chain[0]}" for chain in chains if chain[0] in known}

        stands_for = sorted(
            f"{name}={target}"
            for name in {chain[0] for chain in seen.chains} - set(seen.local)
            for target in self._names.imported.get(name, ())
        )
        text = "\n".join([*(normal_form(one, docstrings=self._docstrings) for one in statements), *stands_for])
        return Symbol(
            digest_bytes(text.encode()),
            tuple(sorted(seen.uses | targets(seen.chains | seen.hints))),
            isinstance(statements[0], ast.FunctionDef | ast.AsyncFunctionDef),
            tuple(sorted(targets(seen.called))),
        )

    def _unused(self) -> list[str]:
        """Other people's modules that are imported at the top and not named again."""
        mentioned = {node.id for node in ast.walk(self._tree) if isinstance(node, ast.Name)}
        found = {one for name, targets in self._names.imported.items() if name not in mentioned for one in targets}
        left_out = {self._names.top, *sys.stdlib_module_names}
        return sorted(f"{ENTER}{one}" for one in found if one.partition(".")[0] not in left_out)


class _Mentions(ast.NodeVisitor):
    """What a statement mentions, collected while it is walked.

    Whatever stands in a function's body happens later; all else happens while the module is imported.
    """

    def __init__(self, names: "_Names") -> None:
        self.chains: set[Chain] = set()
        self.hints: set[Chain] = set()  # In annotations: followed, and no part of what it does.
        self.called: set[Chain] = set()  # While the module is imported.
        self.local: dict[str, set[str]] = {}  # What imports inside of it bind.
        self.uses: set[str] = set()  # Without a look at what names stand for.
        self._names = names
        self._is_hint = False
        self._is_now = True

    def visit_Import(self, node: ast.Import) -> None:
        self._add_import(node)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        self._add_import(node)
        if node.names[0].name == "*":
            self.uses.add(self._names.source(node))

    def visit_Constant(self, node: ast.Constant) -> None:
        text = node.value
        if not isinstance(text, str):
            return
        if self._is_hint:  # A quoted annotation.
            with suppress(SyntaxError, ValueError):
                self.visit(ast.parse(text.strip(), mode="eval").body)
        elif _MODULE_NAME.fullmatch(text) and text.partition(".")[0] in {self._names.top, "episodec"}:
            self.uses.add(f"{MAYBE}{text}")  # Of a program that is started by its module's name, perhaps.

    def visit_Name(self, node: ast.Name) -> None:
        self._add_chain((node.id,))

    def visit_Attribute(self, node: ast.Attribute) -> None:
        chain = _chain(node)
        if chain is None:
            self.visit(node.value)
        else:
            self._add_chain(chain)

    def visit_Call(self, node: ast.Call) -> None:
        chain = _chain(node.func)
        targets = {*self._targets(chain), ".".join(chain)} if chain else set()
        first = node.args[0] if node.args else None
        literal = first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else None
        if OWN_FILE in targets and isinstance(first, ast.Name) and first.id == "__file__":
            name = node.args[1] if len(node.args) == 2 else None
            self.uses.add(f"{FILE}{name.value}" if isinstance(name, ast.Constant) else FILE)  # type: ignore[str-bytes-safe]
            self.visit(node.func)
            return
        if targets & _LOADERS:
            self.uses.add(WHOLE if literal is None else f"{MAYBE}{literal}")
        if targets & _HERE or (targets & _HERE_WITHOUT_ARGUMENTS and not node.args):
            self.uses.add(WHOLE)
        if chain and self._is_now:
            self.called.add(chain)
        self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self._add_decorators(node)
        arguments = node.args
        for default in (*arguments.defaults, *arguments.kw_defaults):
            if default is not None:
                self.visit(default)
        plain = (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg)
        for hint in (*(one.annotation for one in plain if one is not None), node.returns):
            if hint is not None:
                self._later(hint, is_hint=True)
        for one in (*node.body, *getattr(node, "type_params", ())):
            self._later(one)

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815  # As the base class names it.

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self._add_decorators(node)
        for one in (*node.bases, *node.keywords, *node.body, *getattr(node, "type_params", ())):
            self.visit(one)

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self._later(node.args)
        self._later(node.body)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if self._is_now:  # In a class body it is code.
            self.visit(node.annotation)
        self._later(node.annotation, is_hint=True)
        self.visit(node.target)
        if node.value is not None:
            self.visit(node.value)

    def _later(self, node: ast.AST, *, is_hint: bool = False) -> None:
        before = self._is_hint, self._is_now
        self._is_hint, self._is_now = is_hint or self._is_hint, False
        self.visit(node)
        self._is_hint, self._is_now = before

    def _add_decorators(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> None:
        for one in node.decorator_list:
            self.visit(one)
            if self._is_now and (chain := _chain(one)) is not None:
                self.called.add(chain)

    def _add_import(self, node: ast.Import | ast.ImportFrom) -> None:
        for name, target in self._names.bound(node):
            self.local.setdefault(name, set()).add(target)
        self.uses.update(f"{ENTER}{one}" for one in self._names.entered(node))

    def _add_chain(self, chain: Chain) -> None:
        (self.hints if self._is_hint else self.chains).add(chain)
        if chain == ("__file__",):
            self.uses.add(FILE)
        if any(target.startswith("sys.modules") for target in self._targets(chain)):
            self.uses.add(WHOLE)

    def _targets(self, chain: Chain) -> Iterator[str]:
        return self._names.targets(chain, self.local)


class _Names:
    """What the names of a module stand for that imports bind, at its top level."""

    def __init__(self, module: str, *, is_package: bool) -> None:
        self.top = module.partition(".")[0]
        self._package = module if is_package else module.rpartition(".")[0]
        self.imported: dict[str, set[str]] = {}

    def targets(self, chain: Chain, local: Mapping[str, set[str]]) -> Iterator[str]:
        """The dotted paths that a name with its attributes may stand for."""
        name, *attributes = chain
        for target in (*local.get(name, ()), *self.imported.get(name, ())):
            yield ".".join((target, *attributes))

    def source(self, node: ast.ImportFrom) -> str:
        """The module that names are imported from."""
        if not node.level:
            return node.module or ""
        parts = self._package.split(".")
        parts = parts[: len(parts) - node.level + 1]
        return ".".join([*parts, *([node.module] if node.module else [])])

    def bound(self, node: ast.Import | ast.ImportFrom) -> Iterator[tuple[str, str]]:
        """Names that an import binds, and what they stand for."""
        for one in node.names:
            if isinstance(node, ast.ImportFrom):
                if one.name != "*":
                    yield one.asname or one.name, f"{self.source(node)}.{one.name}"
            elif one.asname:
                yield one.asname, one.name
            else:
                yield one.name.partition(".")[0], one.name.partition(".")[0]

    def entered(self, node: ast.Import | ast.ImportFrom) -> Iterator[str]:
        """What runs when this is imported: a name after `from` may be a module, too."""
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names)
        else:
            yield self.source(node)
            yield from (f"{self.source(node)}.{one.name}" for one in node.names if one.name != "*")


def _imports(statement: ast.stmt) -> Iterable[ast.Import | ast.ImportFrom]:
    """The imports that a top-level statement runs at once."""
    todo: list[ast.AST] = [statement]
    while todo:
        node = todo.pop()
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node
        elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            todo.extend(ast.iter_child_nodes(node))


def _names(statement: ast.stmt) -> tuple[str, ...]:
    """The names that a statement is there to bind; none when it does anything besides."""
    match statement:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return (name,)
        case ast.Assign(targets=targets):
            found = _target_names(ast.Tuple(targets))
            return () if found is None else (*found, *_walruses(statement))
        case ast.AnnAssign(target=ast.Name(id=name)):
            return (name, *_walruses(statement))
        case _:
            alias = getattr(statement, "name", None)
            return (alias.id,) if type(statement).__name__ == "TypeAlias" and isinstance(alias, ast.Name) else ()


def _target_names(target: ast.expr) -> tuple[str, ...] | None:
    match target:
        case ast.Name(id=name):
            return (name,)
        case ast.Tuple(elts=elements) | ast.List(elts=elements):
            names: list[str] = []
            for one in elements:
                inner = _target_names(one)
                if inner is None:
                    return None
                names += inner
            return tuple(names)
        case _:
            return None


def _walruses(statement: ast.stmt) -> list[str]:
    return [node.target.id for node in ast.walk(statement) if isinstance(node, ast.NamedExpr)]


def _bound_within(statement: ast.stmt) -> set[str]:
    """All names that a statement may bind, however."""
    found: set[str] = set()
    todo: list[ast.AST] = [statement]
    while todo:
        node = todo.pop()
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                found.add(name)
                continue
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                found.add(name)
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                found.add(name)
            case _:
                pass
        todo.extend(ast.iter_child_nodes(node))
    return found


def _chain(node: ast.expr) -> Chain | None:
    """A name and the attributes asked of it; None for attributes of anything else."""
    attributes: list[str] = []
    while isinstance(node, ast.Attribute):
        attributes.append(node.attr)
        node = node.value
    return (node.id, *reversed(attributes)) if isinstance(node, ast.Name) else None


def to_plain(facts: Facts) -> list[object]:
    """In the form that `from_plain` reads back, after JSON."""

    def plain(one: Symbol) -> list[object]:
        return [one.digest, list(one.uses), int(one.is_function), list(one.calls)]

    rest = None if facts.rest is None else plain(facts.rest)
    imported = {name: list(targets) for name, targets in facts.imported.items()}
    return [{name: plain(one) for name, one in facts.symbols.items()}, imported, rest, list(facts.enters)]


def from_plain(plain: list[object]) -> Facts:
    """The facts that `to_plain` wrote."""

    def symbol(one: list[object]) -> Symbol:
        digest, uses, is_function, calls = one
        assert isinstance(digest, str)
        assert isinstance(uses, list)
        assert isinstance(calls, list)
        return Symbol(digest, tuple(uses), bool(is_function), tuple(calls))

    symbols, imported, rest, enters = plain
    assert isinstance(symbols, dict)
    assert isinstance(imported, dict)
    assert isinstance(enters, list)
    return Facts(
        {name: symbol(one) for name, one in symbols.items()},
        {name: tuple(targets) for name, targets in imported.items()},
        None if rest is None else symbol(rest),  # type: ignore[arg-type]  # As it was written.
        tuple(enters),
    )
