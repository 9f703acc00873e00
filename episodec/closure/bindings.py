"""The names that a statement binds, and the dotted names in it. Pure, over Python's own syntax trees."""

import ast
from collections.abc import Iterable

Chain = tuple[str, ...]
"""A name with its attributes: `np.random.default_rng`."""


def imports_of(statement: ast.stmt) -> Iterable[ast.Import | ast.ImportFrom]:
    """The imports that a top-level statement runs when it is executed itself."""
    todo: list[ast.AST] = [statement]
    while todo:
        node = todo.pop()
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node
        elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            todo.extend(ast.iter_child_nodes(node))


def names_of(statement: ast.stmt) -> tuple[str, ...]:
    """The names that a statement exists to bind; none if it does anything else."""
    match statement:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return (name,)
        case ast.Assign(targets=targets):
            names = _target_names(ast.Tuple(targets))
            return () if names is None else (*names, *_walruses(statement))
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
            for element in elements:
                inner = _target_names(element)
                if inner is None:
                    return None
                names += inner
            return tuple(names)
        case _:
            return None


def _walruses(statement: ast.stmt) -> list[str]:
    return [node.target.id for node in ast.walk(statement) if isinstance(node, ast.NamedExpr)]


def bound_within(statement: ast.stmt) -> set[str]:
    """All names that a statement may bind, in any way."""
    names: set[str] = set()
    todo: list[ast.AST] = [statement]
    while todo:
        node = todo.pop()
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                names.add(name)
                continue
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                names.add(name)
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                names.add(name)
            case _:
                pass
        todo.extend(ast.iter_child_nodes(node))
    return names


def chain_of(node: ast.expr) -> Chain | None:
    """A name with its attributes; None for attributes of anything else."""
    attributes: list[str] = []
    while isinstance(node, ast.Attribute):
        attributes.append(node.attr)
        node = node.value
    return (node.id, *reversed(attributes)) if isinstance(node, ast.Name) else None
