"""Closures against the interpreter: no function of ours is executed by a backend that its code does not hold."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from episodec.backends import BUILTIN
from tests.closure.recorded import SCENES, episode, executed
from tests.closure.trees import Tree


@pytest.mark.parametrize("which", SCENES)
def test_what_is_executed_is_in_the_code_that_counts(tmp_path: Path, which: str) -> None:
    found = executed(episode(tmp_path / "project", which))
    assert len(found) >= 14
    tree = Tree(tmp_path / "tree")
    for backend, functions in found.items():
        symbols = tree.decided(BUILTIN[backend]).symbols
        assert len(functions) >= 3, backend
        assert {one for one in functions if not counts(*one, symbols)} == set(), backend


def counts(module: str, name: str, symbols: Mapping[str, str]) -> bool:
    """Whether code holds a top-level statement: by its name, or with all others of its module."""
    is_one = not any(symbol.startswith(f"{module}.") for symbol in symbols)
    return (f"{module}.{name}" if name else module) in symbols or (is_one and module in symbols)
