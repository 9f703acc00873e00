"""The mentions in a piece of code: names of its module, dotted paths of others, files in its folder. Pure."""

import ast
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress

from episodec.closure.bindings import Chain, chain_of

WHOLE = "."
"""The use of a whole module: the code finds names in a way that cannot be followed."""

FILE = "/"
"""Prefix for the use of a file in the module's folder; alone, all files there."""

MAYBE = "?"
"""Prefix for the use of a whole module, if there is one with that name."""

ENTER = "@"
"""Prefix for the use of a module that is imported, but none of whose names is used here."""

OWN_FILE = "episodec.ownfile.own_file"

_HERE = frozenset({"eval", "exec", "globals"})
_HERE_WITHOUT_ARGUMENTS = frozenset({"locals", "vars"})
_LOADERS = frozenset({"__import__", "importlib.import_module"})
_MODULE_NAME = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+")


class Mentions(ast.NodeVisitor):
    """Collects the mentions in a statement while walking it.

    The body of a function runs later; everything else runs while the module is imported.
    """

    def __init__(self, names: "Names") -> None:
        self.chains: set[Chain] = set()
        self.hints: set[Chain] = set()  # In annotations: followed, but not part of the behaviour.
        self.called: set[Chain] = set()  # While the module is imported.
        self.local: dict[str, set[str]] = {}  # Names bound by imports inside the statement.
        self.uses: set[str] = set()  # Uses that do not depend on the meaning of names.
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
            self.uses.add(f"{MAYBE}{text}")  # Perhaps of a program that is started by its module's name.

    def visit_Name(self, node: ast.Name) -> None:
        self._add_chain((node.id,))

    def visit_Attribute(self, node: ast.Attribute) -> None:
        chain = chain_of(node)
        if chain is None:
            self.visit(node.value)
        else:
            self._add_chain(chain)

    def visit_Call(self, node: ast.Call) -> None:
        chain = chain_of(node.func)
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
        for child in (*node.body, *getattr(node, "type_params", ())):
            self._later(child)

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815  # As the base class names it.

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self._add_decorators(node)
        for child in (*node.bases, *node.keywords, *node.body, *getattr(node, "type_params", ())):
            self.visit(child)

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self._later(node.args)
        self._later(node.body)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if self._is_now:  # In a class body annotations are code.
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
        for decorator in node.decorator_list:
            self.visit(decorator)
            if self._is_now and (chain := chain_of(decorator)) is not None:
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


class Names:
    """The dotted paths that imported names of a module stand for."""

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
        """The names that an import binds, and their dotted paths."""
        for alias in node.names:
            if isinstance(node, ast.ImportFrom):
                if alias.name != "*":
                    yield alias.asname or alias.name, f"{self.source(node)}.{alias.name}"
            elif alias.asname:
                yield alias.asname, alias.name
            else:
                yield alias.name.partition(".")[0], alias.name.partition(".")[0]

    def entered(self, node: ast.Import | ast.ImportFrom) -> Iterator[str]:
        """The modules that may run when this is imported: a name after `from` may be a module, too."""
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names)
        else:
            yield self.source(node)
            yield from (f"{self.source(node)}.{one.name}" for one in node.names if one.name != "*")
