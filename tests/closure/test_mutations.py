"""Something is changed in a copy of our code, by chance: `plan` says of whoever executes it that it is made again.

The oracle is what backends were seen to execute, not what closures say; the judge is `plan`, not a closure.
"""

import random
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pytest

from episodec.backends import BUILTIN
from tests.closure.copied import Copied
from tests.closure.mutating import Mutation, mutations
from tests.closure.trees import Tree

SEED = 20_261_130
DRAWN = 12  # In `make test`; the campaign takes all.
KINDS = 2  # Of those, files of data and versions each.


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Copied]:
    """A copy of our code that has built a series."""
    built = Copied(tmp_path_factory.mktemp("copied"))
    yield built
    built.close()


@pytest.fixture(scope="module")
def every(copied: Copied) -> list[Mutation]:
    return mutations(copied)


def test_what_is_executed_is_in_the_code_that_counts(copied: Copied, tmp_path: Path) -> None:
    assert len(copied.executed) >= 20
    tree = Tree(tmp_path / "tree")
    for backend, observed in copied.executed.items():
        symbols = tree.decided(BUILTIN[backend]).symbols
        assert len(observed["functions"]) >= 10, backend
        assert {one for one in observed["functions"] if not counts(one[0], one[1], symbols)} == set(), backend


def counts(module: str, name: str, symbols: Mapping[str, str]) -> bool:
    """Whether code holds a top-level statement: by its name, or with all others of its module."""
    is_one = not any(symbol.startswith(f"{module}.") for symbol in symbols)
    return (f"{module}.{name}" if name else module) in symbols or (is_one and module in symbols)


def unseen(copied: Copied, some: Iterable[Mutation]) -> list[str]:
    """Of these, those that somebody executes of whom `plan` says nothing."""
    assert copied.planned() == set()
    missed = []
    for first in some:
        with first.applied():
            if silent := first.backends - copied.planned():
                missed.append(f"{first} unseen by {', '.join(sorted(silent))}")
    assert copied.planned() == set()
    return missed


def test_a_sample_of_changes_is_seen(copied: Copied, every: list[Mutation]) -> None:
    chance = random.Random(SEED)
    constants = [one for one in every if one.path.suffix == ".py"]
    files = [one for one in every if one.path.suffix != ".py" and one.new]
    versions = [one for one in every if not one.new]
    drawn = chance.sample(constants, DRAWN - 2 * KINDS) + chance.sample(files, KINDS) + chance.sample(versions, KINDS)
    assert unseen(copied, drawn) == []


@pytest.mark.campaign
@pytest.mark.timeout(7200)
def test_every_change_is_seen(copied: Copied, every: list[Mutation]) -> None:
    assert len(every) > 4000
    assert unseen(copied, every) == []
