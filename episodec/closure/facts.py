"""The facts of one Python file: the symbols it defines, their normal forms, and the names they use.

Knows one file and nothing of others: a name that it imports is a dotted path, which `reach` follows.
"""

import ast
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeGuard

from episodec.closure.bindings import Chain, bound_within, imports_of, names_of
from episodec.closure.mentions import ENTER, Mentions, Names
from episodec.closure.normal import DECLARATIONS, is_text, normal_form
from episodec.digest import digest_bytes

# The attributes that a backend's class defines.
_BACKEND = frozenset({"stages", "deterministic", "run", "fingerprint"})
_INERT = frozenset({"duration", "licence", "notes"})  # See engine.backend.Backend: no result depends on them.


class Symbol(NamedTuple):
    """The value that a module's top level binds to one name."""

    digest: str  # Of its statements' normal forms, and of the paths that imported names in them stand for.
    uses: tuple[str, ...]  # `.NAME` of the same module, or another module's dotted path; or FILE, ENTER, WHOLE.
    is_function: bool = False
    calls: tuple[str, ...] = ()  # Those `uses` that are called while the module is imported.


@dataclass(frozen=True, slots=True)
class ModuleFacts:
    """The facts of one module, remembered file by file."""

    symbols: Mapping[str, Symbol]
    imported: Mapping[str, tuple[str, ...]]  # Names that imports bind, with the dotted paths they may stand for.
    rest: Symbol | None  # The statements that bind no single name, in order; they run on import.
    enters: tuple[str, ...]  # Modules imported at its top level.


def facts_of(source: bytes, module: str, *, is_package: bool) -> ModuleFacts:
    """The facts of a file that is imported as `module`.

    Raises:
        SyntaxError: it is not valid Python for this version.
    """
    return _File(ast.parse(source), Names(module, is_package=is_package)).facts()


def _deciding(backend: ast.ClassDef) -> ast.ClassDef:
    """A backend's class without the attributes that no result depends on. A class that reads these itself, or whose
    bases might, is kept whole.
    """
    declared = {name for one in backend.body for name in names_of(one)}
    left_out = _INERT & declared - {node.attr for node in ast.walk(backend) if _may_read_own(node, backend.name)}
    if backend.bases or not declared >= _BACKEND or not left_out:
        return backend
    body = [one for one in backend.body if not (names_of(one) and left_out.issuperset(names_of(one)))]
    return ast.ClassDef(**{**{name: getattr(backend, name) for name in backend._fields}, "body": body})


def _may_read_own(node: ast.AST, name: str) -> TypeGuard[ast.Attribute]:
    """Whether this may be an attribute of the class: of `self`, `cls`, its name, or an unknown value."""
    if not isinstance(node, ast.Attribute):
        return False
    return not isinstance(node.value, ast.Name) or node.value.id in {"self", "cls", name}


class _File:
    """The analysis of one file."""

    def __init__(self, tree: ast.Module, names: "Names") -> None:
        self._tree = tree
        self._names = names
        self._declare: frozenset[str] = frozenset()
        # Code that reads a docstring may use it.
        self._docstrings = any(
            getattr(node, "attr", getattr(node, "id", "")) == "__doc__"
            for node in ast.walk(tree)
            if isinstance(node, ast.Attribute | ast.Name)
        )

    def facts(self) -> ModuleFacts:
        enters = self._read_imports()
        self._declare = self._declaring()
        parts = [(names_of(one), one) for one in self._tree.body if self._counts(one)]
        bound = [name for names, _ in parts for name in names]
        inner = {name for names, one in parts if not names for name in bound_within(one)}
        if len(bound) != len({*bound}) or {*bound} & {*inner, *self._names.imported}:
            # Order matters if a name is bound twice: all statements count as one.
            parts, inner, bound = [((), one) for _, one in parts], {*inner, *bound}, []
        known = {*bound, *inner}
        symbols = {name: self._symbol([one], known) for names, one in parts for name in names}
        rest = [one for names, one in parts if not names]
        whole = self._symbol(rest, known) if rest else None
        if unused := self._unused():  # Imported for its side effects.
            whole = whole or Symbol("", ())
            whole = whole._replace(uses=tuple(sorted({*whole.uses, *unused})))
        symbols |= {name: Symbol("", ()) for name in inner}
        imported = {name: tuple(sorted(targets)) for name, targets in self._names.imported.items()}
        return ModuleFacts(symbols, imported, whole, tuple(sorted(enters)))

    def _read_imports(self) -> set[str]:
        """Collect the names that imports bind; the modules that are imported at the top level."""
        enters: set[str] = set()
        for node in (one for statement in self._tree.body for one in imports_of(statement)):
            for name, target in self._names.bound(node):
                self._names.imported.setdefault(name, set()).add(target)
            enters.update(self._names.entered(node))
        return enters

    def _declaring(self) -> frozenset[str]:
        """The names that stand only for types that declare overrides."""
        names = {name for name, targets in self._names.imported.items() if targets <= DECLARATIONS}
        for node in ast.walk(self._tree) if names else ():
            match node:
                case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name) | ast.ClassDef(name=name):
                    names.discard(name)
                case ast.FunctionDef(name=name):
                    names.discard(name)
                case _:
                    pass
        return frozenset(names)

    def _counts(self, statement: ast.stmt) -> bool:
        """Whether a statement counts by itself: a docstring does not, nor an import, whose names count
        where they are used.
        """
        if isinstance(statement, ast.ImportFrom):
            return statement.names[0].name == "*"
        return not isinstance(statement, ast.Import) and (self._docstrings or not is_text(statement))

    def _symbol(self, statements: list[ast.stmt], known: set[str]) -> Symbol:
        statements = [_deciding(one) if isinstance(one, ast.ClassDef) else one for one in statements]
        mentions = Mentions(self._names)
        for statement in statements:
            mentions.visit(statement)

        def targets(chains: set[Chain]) -> set[str]:
            resolved = {target for chain in chains for target in self._names.targets(chain, mentions.local)}
            return resolved | {f".{chain[0]}" for chain in chains if chain[0] in known}

        stands_for = sorted(
            f"{name}={target}"
            for name in {chain[0] for chain in mentions.chains} - set(mentions.local)
            for target in self._names.imported.get(name, ())
        )
        text = "\n".join(
            [*(normal_form(one, docstrings=self._docstrings, declare=self._declare) for one in statements), *stands_for]
        )
        return Symbol(
            digest_bytes(text.encode()),
            tuple(sorted(mentions.uses | targets(mentions.chains | mentions.hints))),
            isinstance(statements[0], ast.FunctionDef | ast.AsyncFunctionDef),
            tuple(sorted(targets(mentions.called))),
        )

    def _unused(self) -> list[str]:
        """Third-party modules that are imported at the top level and never mentioned again."""
        mentioned = {node.id for node in ast.walk(self._tree) if isinstance(node, ast.Name)}
        unused = {one for name, targets in self._names.imported.items() if name not in mentioned for one in targets}
        left_out = {self._names.top, *sys.stdlib_module_names}
        return sorted(f"{ENTER}{one}" for one in unused if one.partition(".")[0] not in left_out)


def to_plain(facts: ModuleFacts) -> list[object]:
    """The facts as plain values for JSON; `from_plain` reads them back."""

    def plain(symbol: Symbol) -> list[object]:
        return [symbol.digest, list(symbol.uses), int(symbol.is_function), list(symbol.calls)]

    rest = None if facts.rest is None else plain(facts.rest)
    imported = {name: list(targets) for name, targets in facts.imported.items()}
    return [{name: plain(one) for name, one in facts.symbols.items()}, imported, rest, list(facts.enters)]


def from_plain(plain: list[object]) -> ModuleFacts:
    """The facts that `to_plain` wrote."""

    def symbol(row: list[Any]) -> Symbol:
        digest, uses, is_function, calls = row
        return Symbol(digest, tuple(uses), bool(is_function), tuple(calls))

    symbols, imported, rest, enters = plain
    assert isinstance(symbols, dict)
    assert isinstance(imported, dict)
    assert isinstance(enters, list)
    return ModuleFacts(
        {name: symbol(one) for name, one in symbols.items()},
        {name: tuple(targets) for name, targets in imported.items()},
        None if rest is None else symbol(rest),  # type: ignore[arg-type]  # As it was written.
        tuple(enters),
    )
