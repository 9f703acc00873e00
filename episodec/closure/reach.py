"""Code that is reached by name from a function, class or module: through calls, imports, annotations and
started programs.

Pure: `Modules` answers where modules are and what they contain. It errs on the side of reaching too much: a name that
cannot be followed stands for its whole module.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from episodec.closure.facts import ModuleFacts, Symbol
from episodec.closure.mentions import ENTER, FILE, MAYBE, WHOLE
from episodec.digest import Digest, digest_bytes, digest_value


class Modules(Protocol):
    """The modules of the packages whose code is followed."""

    def facts(self, module: str) -> ModuleFacts | None:
        """The facts of a module; None if it has no Python source (a namespace package, a compiled extension)."""
        ...

    def is_module(self, name: str) -> bool:
        """Whether a followed package has a module or package with this dotted name."""
        ...

    def is_followed(self, name: str) -> bool:
        """Whether the top-level package of this dotted name is followed."""
        ...

    def files(self, module: str, name: str) -> Iterable[str]:
        """Files in the module's folder as `package/name`: the one with this name or, if it is empty, all."""
        ...

    def content(self, file: str) -> Digest:
        """The digest of such a file."""
        ...


@dataclass(frozen=True, slots=True)
class Closure:
    """All code that something reaches."""

    symbols: Mapping[str, str]  # `module.name`, `module` for its other statements, `folder/file`; to digests.
    modules: frozenset[str]  # Those imported on the way.
    outside: frozenset[str]  # Top-level names of modules that are not followed.

    def digest(self) -> Digest:
        """The digest of all of it."""
        return digest_of(self.symbols)


def digest_of(symbols: Mapping[str, str]) -> Digest:
    """The digest of code by name."""
    text = lines_of(symbols)
    return digest_value("code-closure", dict(symbols)) if text is None else digest_bytes(text.encode())


def lines_of(symbols: Mapping[str, str]) -> str | None:
    """Code as text, one line per name; None if a name contains a line break, as that of a file may."""
    text = "\n".join(["code", *(f"{name}={symbols[name]}" for name in sorted(symbols))])
    return text if text.count("\n") == len(symbols) else None


Node = tuple[str, str]
"""(module, name of a symbol), (module, "") for the code that runs on import, (module, WHOLE)."""


@dataclass(slots=True)
class _Step:
    """The direct successors of one node."""

    symbols: dict[str, str] = field(default_factory=dict)
    nodes: set[Node] = field(default_factory=set)
    outside: set[str] = field(default_factory=set)


class Reach:
    """Closures over one set of modules; the successors of each symbol are computed once for all of them."""

    def __init__(self, modules: Modules) -> None:
        self._modules = modules
        self._steps: dict[Node, _Step] = {}
        self._resolved: dict[str, tuple[frozenset[Node], frozenset[str]]] = {}
        self._ran: dict[str, frozenset[Node]] = {}  # By path: the modules that its import runs.

    def closure(self, starts: Iterable[str]) -> Closure:
        """The code reached from these dotted paths of modules, functions and classes."""
        symbols: dict[str, str] = {}
        outside: set[str] = set()
        todo: list[Node] = []
        for start in starts:
            nodes, others = self._resolve(start)
            todo += nodes
            outside |= others
        done: set[Node] = {*todo}
        steps = self._steps
        while todo:
            node = todo.pop()
            step = steps.get(node) or self._step(node)
            symbols |= step.symbols
            outside |= step.outside
            new = step.nodes - done
            done |= new
            todo += new
        return Closure(symbols, frozenset(module for module, _ in done), frozenset(outside))

    def own(self, modules: Iterable[str]) -> dict[str, str]:
        """The symbols of these modules themselves, without the code that they use."""
        digests: dict[str, str] = {}
        for module in modules:
            digests |= self._step((module, WHOLE)).symbols
            digests |= self._step((module, "")).symbols
            facts = self._modules.facts(module)
            for name in facts.symbols if facts else ():
                digests |= self._step((module, name)).symbols
        return digests

    def _step(self, node: Node) -> _Step:
        if node not in self._steps:
            self._steps[node] = self._worked_out(*node)
        return self._steps[node]

    def _worked_out(self, module: str, name: str) -> _Step:
        step = _Step(nodes={(module, "")})
        facts = self._modules.facts(module)
        if name == "":
            self._enter(module, facts, step)
        elif facts is None:
            if name == WHOLE:
                self._use_file(module, "", step)
        elif name == WHOLE:
            step.nodes |= {(module, one) for one in facts.symbols}
            for target in (one for targets in facts.imported.values() for one in targets):
                self._use(module, target, step)
        elif name in facts.symbols:
            self._add(module, name, facts.symbols[name], step)
        if facts is not None and name in facts.imported:  # Re-exported by this module.
            for target in facts.imported[name]:
                self._use(module, target, step)
        elif facts is not None and name not in facts.symbols and name not in {"", WHOLE, "__name__"}:
            step.nodes.add((module, WHOLE))
        return step

    def _enter(self, module: str, facts: ModuleFacts | None, step: _Step) -> None:
        """Add the code that runs when a module is imported, its parents first."""
        parent = module.rpartition(".")[0]
        if parent:
            step.nodes.add((parent, ""))
        if facts is None:
            return
        if facts.rest is not None:
            self._add(module, "", facts.rest, step)
        for entered in facts.enters:
            step.nodes |= self._entered(entered)
        for name, symbol in facts.symbols.items():
            if any(self._is_function(node) for call in symbol.calls for node in self._nodes_of(module, call)):
                step.nodes.add((module, name))

    def _is_function(self, node: Node) -> bool:
        facts = self._modules.facts(node[0])
        symbol = facts.symbols.get(node[1]) if facts is not None else None
        return symbol is not None and symbol.is_function

    def _add(self, module: str, name: str, symbol: Symbol, step: _Step) -> None:
        if symbol.digest:
            step.symbols[f"{module}.{name}" if name else module] = symbol.digest
        for use in symbol.uses:
            self._use(module, use, step)

    def _use(self, module: str, use: str, step: _Step) -> None:
        mark = use[:1]
        if mark == WHOLE:  # A name in the same module, or all of it.
            step.nodes.add((module, use[1:] or WHOLE))
        elif mark == FILE:
            self._use_file(module, use[1:], step)
        elif mark == ENTER:
            step.nodes |= self._entered(use[1:])
            if not self._modules.is_followed(use[1:]):
                step.outside.add(use[1:].partition(".")[0])
        elif mark == MAYBE:
            if self._modules.is_module(use[1:]):
                step.nodes.add((use[1:], WHOLE))
        else:
            nodes, outside = self._resolve(use)
            step.nodes |= nodes
            step.outside |= outside

    def _use_file(self, module: str, name: str, step: _Step) -> None:
        """Add a file that the code opens or starts: a whole Python module and its closure, or the bytes of
        another file.
        """
        for file in self._modules.files(module, name):
            dotted = file.replace("/", ".").removesuffix(".py")
            if file.endswith(".py") and self._modules.is_module(dotted):
                step.nodes.add((dotted, WHOLE))
            else:
                step.symbols[file] = self._modules.content(file)

    def _nodes_of(self, module: str, use: str) -> frozenset[Node]:
        if use == WHOLE:
            return frozenset({(module, WHOLE)})
        if use.startswith("."):
            return frozenset({(module, use[1:])})
        if use.startswith((FILE, ENTER, MAYBE)):
            return frozenset()
        return self._resolve(use)[0]

    def _resolve(self, path: str) -> tuple[frozenset[Node], frozenset[str]]:
        """The nodes of a dotted path, and its modules that are not followed."""
        if path not in self._resolved:
            if not self._modules.is_followed(path):
                self._resolved[path] = frozenset(), frozenset({path.partition(".")[0]})
            else:
                self._resolved[path] = frozenset(self._along(path)), frozenset()
        return self._resolved[path]

    def _along(self, path: str) -> Iterator[Node]:
        module, *names = path.split(".")
        while names:
            yield module, ""
            facts = self._modules.facts(module)
            name, inner = names[0], f"{module}.{names[0]}"
            is_bound = facts is not None and (name in facts.symbols or name in facts.imported)
            if is_bound or not self._modules.is_module(inner):
                yield module, name
                if facts is not None and name in facts.imported:
                    for target in facts.imported[name]:
                        yield from self._resolve(".".join((target, *names[1:])))[0]
            if not self._modules.is_module(inner):
                return
            module, names = inner, names[1:]
        yield module, WHOLE

    def _entered(self, path: str) -> frozenset[Node]:
        """The modules that an import of this path runs."""
        nodes = self._ran.get(path)
        if nodes is None:
            parent = path.rpartition(".")[0]
            nodes = self._entered(parent) if parent else frozenset()
            if self._modules.is_followed(path) and self._modules.is_module(path):
                nodes |= {(path, "")}
            self._ran[path] = nodes
        return nodes
