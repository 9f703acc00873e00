"""`python -m tools.names_lint [NAMES|PHRASES]`: lists names and phrases forbidden by tools/names.toml, one per line.

Reads Python files and pages as text; does not know types.
"""

import ast
import io
import keyword
import re
import sys
import tokenize
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SOURCES = ("episodec", "tests", "bench", "tools", ".ci")
PAGES = ("README.md", "ARCHITECTURE.md", "docs/*.md", "bench/README.md", "examples/**/*.md")

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)

Finding = tuple[str, int, str]  # Path, line, sentence.


def names_of(path: str, tree: ast.Module, rules: Mapping[str, Any]) -> Iterator[Finding]:
    """Forbidden names of values, classes and functions of a file."""
    for node, qualified in _scopes(tree, ""):
        if isinstance(node, ast.ClassDef):
            names = _fields(node)
            if node.name.strip("_") in rules["classes"]["forbidden"]:
                yield path, node.lineno, f"the class name `{node.name}` says nothing of the class"
        else:
            names = _variables(node)
            if isinstance(node, FUNCTIONS):
                names = {**_parameters(node.args), **names}
                if _is_forbidden(rules["functions"], path, node.name, qualified):
                    yield path, node.lineno, f"the function name `{qualified}` does not say what it does"
        for name, line in names.items():
            place = f"{qualified}.{name}" if qualified else name
            if _is_forbidden(rules["values"], path, name, place):
                yield path, line, f"`{place}` says nothing of its value"


def _is_forbidden(rules: Mapping[str, Any], path: str, name: str, qualified: str) -> bool:
    return name.strip("_") in rules["forbidden"] and f"{path}: {qualified}" not in rules["exceptions"]


def _scopes(node: ast.AST, qualified: str) -> Iterator[tuple[Any, str]]:
    """Modules, classes and functions with their qualified names."""
    if isinstance(node, ast.Module):
        yield node, ""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (*FUNCTIONS, ast.ClassDef)):
            name = f"{qualified}.{child.name}" if qualified else child.name
            yield child, name
            yield from _scopes(child, name)
        else:
            yield from _scopes(child, qualified)


def _parameters(arguments: ast.arguments) -> dict[str, int]:
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
    return {argument.arg: argument.lineno for argument in every if argument is not None}


def _variables(scope: ast.AST) -> dict[str, int]:
    """Names that a function or module binds, and attributes of `self` that it binds."""
    names: dict[str, int] = {}
    nodes = list(ast.iter_child_nodes(scope))
    while nodes:
        node = nodes.pop()
        if isinstance(node, (*FUNCTIONS, ast.ClassDef, ast.Lambda)):
            continue
        if isinstance(node, COMPREHENSIONS):
            nodes += [inner for inner in ast.walk(node) if isinstance(inner, ast.NamedExpr)]
            continue
        if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Store):
            names.setdefault(node.id if isinstance(node, ast.Name) else node.attr, node.lineno)
        elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
            names.setdefault(node.name, node.lineno)
        nodes += ast.iter_child_nodes(node)
    return names


def _fields(scope: ast.ClassDef) -> dict[str, int]:
    fields = (node for node in scope.body if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name))
    return {node.target.id: node.lineno for node in fields if isinstance(node.target, ast.Name)}


def doubled_classes(trees: Mapping[str, ast.Module], rules: Mapping[str, Any]) -> Iterator[Finding]:
    """Classes of the package that share their name with another class."""
    places: defaultdict[str, list[tuple[str, int]]] = defaultdict(list)
    for path, tree in trees.items():
        if path.startswith("episodec/"):
            for node in tree.body:
                if isinstance(node, ast.ClassDef):
                    places[node.name].append((path, node.lineno))
    for name, rows in sorted(places.items()):
        if len(rows) > 1 and name not in rules["classes"]["twice"]:
            others = ", ".join(path for path, _ in rows[1:])
            yield *rows[0], f"the class name `{name}` stands for another thing in {others}"


def phrases_of(path: str, texts: Iterable[tuple[int, str]], rules: Mapping[str, Any]) -> Iterator[Finding]:
    """Forbidden phrases, and lines of a paragraph with a single word; each text has its first line number."""
    if path in rules["phrases"]["exceptions"]:
        return
    patterns = {re.compile(form): better for form, better in rules["phrases"].items() if isinstance(better, str)}
    for line, text in texts:
        for pattern, better in patterns.items():
            for match in pattern.finditer(text):
                yield path, line + text.count("\n", 0, match.start()), f"“{match[0]}”: {better}"
        rows = text.split("\n")
        for number, (row, after) in enumerate(pairwise(rows)):
            if keyword.iskeyword(row.strip()):
                continue
            if number and _is_prose(rows[number - 1]) and re.fullmatch(r"\s*[\w`'-]+[,;:]?", row) and _is_prose(after):
                yield path, line + number, f"the line is broken after one word: {row.strip()}"


def _is_prose(row: str) -> bool:
    return bool(re.match(r"\s*[A-Za-z`(][\w`'().,;:-]* +[a-z`(]", row))


def texts_of(source: str) -> Iterator[tuple[int, str]]:
    """Comments, one block each, and strings with their quotes, with their first line numbers."""
    begin, block = 0, list[str]()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            if block and token.start[0] != begin + len(block):
                yield begin, "\n".join(block)
                block = []
            begin = begin if block else token.start[0]
            block.append(token.string.lstrip("# "))
        elif token.type in {tokenize.STRING, getattr(tokenize, "FSTRING_MIDDLE", -1)} and " " in token.string:
            yield token.start[0], token.string
    if block:
        yield begin, "\n".join(block)


def findings(root: Path, rules: Mapping[str, Any]) -> tuple[list[Finding], list[Finding]]:
    """Findings about names, and about phrases."""
    names, phrases, trees = list[Finding](), list[Finding](), dict[str, ast.Module]()
    for top in SOURCES:
        for file in sorted((root / top).rglob("*.py")):
            path, source = file.relative_to(root).as_posix(), file.read_text("utf-8")
            trees[path] = ast.parse(source)
            names += names_of(path, trees[path], rules)
            phrases += phrases_of(path, texts_of(source), rules)
    names += doubled_classes(trees, rules)
    for pattern in PAGES:
        for file in sorted(root.glob(pattern)):
            phrases += phrases_of(file.relative_to(root).as_posix(), [(1, file.read_text("utf-8"))], rules)
    return names, phrases


def main(words: list[str]) -> int:
    """Exit status: 1 if there are findings; `NAMES` or `PHRASES` limits the check to these."""
    rules = tomllib.loads((ROOT / "tools/names.toml").read_text("utf-8"))
    names, phrases = findings(ROOT, rules)
    rows = [*(names if "PHRASES" not in words else ()), *(phrases if "NAMES" not in words else ())]
    for path, line, sentence in rows:
        sys.stdout.write(f"{path}:{line}: {sentence}\n")
    sys.stdout.write(f"{len(names)} names, {len(phrases)} phrases\n")
    return 1 if rows else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
