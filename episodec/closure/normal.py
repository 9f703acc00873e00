"""A normal form of Python code: equal for code that does the same and differs only in layout, comments or annotations.

`ast.dump` does not serve: its output differs between Python versions. This text is the same under 3.11, 3.12 and 3.13.
"""

import ast

_NO_CODE = frozenset({"ctx", "kind", "type_comment", "type_ignores"})

# Decorators that ignore annotations. Any other may depend on them, as `singledispatch` does.
_BLIND = frozenset(
    {"abstractmethod", "cache", "cached_property", "classmethod", "contextmanager", "final", "lru_cache", "njit"}
    | {"override", "property", "setter", "staticmethod", "wraps"}
)

# The modules of the types that declare overrides. Their texts for people count as docstrings: no result
# depends on them.
DECLARATIONS = frozenset(
    f"{module}.{name}"
    for module in ("episodec.overrides", "episodec.plugin")
    for name in ("Choice", "Flag", "Number", "Text", "Whole")
)
_FOR_PEOPLE = frozenset({"meaning", "otherwise", "unit"})

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def normal_form(node: ast.AST, *, docstrings: bool = False, declare: frozenset[str] = frozenset()) -> str:
    """A statement or module as text, without comments, docstrings, layout and the annotations of parameters, returns
    and locals. Annotations in classes and modules stay: in a class body they are code. `docstrings`: keep docstrings.
    `declare`: the names that stand for `DECLARATIONS` here; their texts for people are dropped with docstrings.
    """
    text = _Text(docstrings, frozenset() if docstrings else declare)
    text.add(node, is_local=False)
    return "".join(text.pieces)


class _Text:
    """The normal form while it is built."""

    def __init__(self, docstrings: bool, declare: frozenset[str]) -> None:  # noqa: FBT001  # Above is its only call.
        self.pieces: list[str] = []
        self._docstrings = docstrings
        self._declare = declare

    def add(self, value: object, *, is_local: bool) -> None:
        """Append a node, a list of nodes, or a field of a node."""
        match value:
            case ast.Constant(value=constant):
                # Not repr(): its output depends on the Python version's table of printable characters.
                self.pieces.append(f"{type(constant).__name__}:{constant!a}")
            case ast.JoinedStr(values=values):
                self._add_joined(values, is_local=is_local)
            case ast.AST():
                self._add_node(value, is_local=is_local)
            case list():
                self.pieces.append("[")
                for element in value:
                    self.add(element, is_local=is_local)
                    self.pieces.append(",")
                self.pieces.append("]")
            case _:
                self.pieces.append(ascii(value))

    def _add_node(self, node: ast.AST, *, is_local: bool) -> None:
        is_blind = isinstance(node, _FUNCTIONS) and all(_called(one) in _BLIND for one in node.decorator_list)
        is_local = (is_local or isinstance(node, _FUNCTIONS)) and not isinstance(node, ast.ClassDef)
        self.pieces.append(f"{type(node).__name__}(")
        for name in node._fields:
            value = getattr(node, name, None)
            if name in _NO_CODE or value is None or value == []:
                continue
            if (name == "returns" and is_blind) or (name == "annotation" and is_local and type(node) is ast.AnnAssign):
                continue
            if name == "args" and is_blind and isinstance(value, ast.arguments):
                value = _bare(value)
            if name == "keywords" and isinstance(node, ast.Call) and self._declares(node.func):
                value = [one for one in node.keywords if one.arg not in _FOR_PEOPLE or not _is_literal(one.value)]
            if name == "body" and isinstance(value, list) and not self._docstrings:
                value = [one for one in value if not is_text(one)]
            self.pieces.append(f"{name}=")
            self.add(value, is_local=is_local)
            self.pieces.append(",")
        self.pieces.append(")")

    def _declares(self, called: ast.expr) -> bool:
        return isinstance(called, ast.Name) and called.id in self._declare

    def _add_joined(self, values: list[ast.expr], *, is_local: bool) -> None:
        """Append an f-string: Python versions differ in how they split the text between its values."""
        self.pieces.append("JoinedStr(")
        text = ""
        for part in values:
            if isinstance(part, ast.Constant):
                text += str(part.value)
                continue
            self.pieces.append(f"{text!a},")
            self.add(part, is_local=is_local)
            self.pieces.append(",")
            text = ""
        self.pieces.append(f"{text!a})")


def _bare(arguments: ast.arguments) -> ast.arguments:
    """Parameters without annotations."""

    def bare(argument: ast.arg) -> ast.arg:
        return ast.arg(argument.arg)

    return ast.arguments(
        posonlyargs=[*map(bare, arguments.posonlyargs)],
        args=[*map(bare, arguments.args)],
        vararg=arguments.vararg and bare(arguments.vararg),
        kwonlyargs=[*map(bare, arguments.kwonlyargs)],
        kw_defaults=arguments.kw_defaults,
        kwarg=arguments.kwarg and bare(arguments.kwarg),
        defaults=arguments.defaults,
    )


def _called(decorator: ast.expr) -> str:
    """The last name of a decorator: `cache` of `@functools.cache`, `njit` of `@njit(parallel=True)`."""
    target = decorator.func if isinstance(decorator, ast.Call) else decorator
    return target.attr if isinstance(target, ast.Attribute) else target.id if isinstance(target, ast.Name) else ""


def _is_literal(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def is_text(statement: ast.AST) -> bool:
    """Whether a statement is only a string: a docstring, or one that documents the line above it."""
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    )
