"""Workers kept from one build for the next one: as long as a new one would be the same, and no longer."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from episodec.executors.kept import KeptWorkers, LentExecutor
from episodec.executors.local import LocalExecutor
from episodec.store import signature
from episodec.store.signature import Signature
from tests.executors.test_local import all_end, look
from tests.toys.orders import REPOSITORY, TOYS, sent


class Builds:
    """Builds one after the other, each with the workers that the last one gave back."""

    def __init__(self, root: Path, kept: KeptWorkers) -> None:
        self.root, self.kept, self.number = root, kept, 0
        self.source = root / "backend.py"
        self.source.write_text("1")

    def lent(self, identity: str = "one") -> LentExecutor:
        def make() -> LocalExecutor:
            return LocalExecutor(TOYS, self.root / "store", 1, extra_path=[str(REPOSITORY)])

        return self.kept.lend(identity, TOYS, make, self._inputs)

    def pid(self, identity: str = "one") -> int:
        """The worker of a build that makes one action."""
        executor = self.lent(identity)
        self.number += 1
        report = look(self.root, executor, f"look{self.number}")  # type: ignore[arg-type]  # It needs submit and wait.
        executor.close()
        return int(report["pid"])

    def _inputs(self) -> Mapping[str, Signature]:
        path = os.fspath(self.source)
        return {path: signature.of_watched(path)}


@pytest.fixture
def builds(tmp_path: Path) -> Iterator[Builds]:
    with KeptWorkers() as kept:
        yield Builds(tmp_path, kept)


def test_the_next_build_has_the_same_worker(builds: Builds) -> None:
    assert builds.pid() == builds.pid()


def test_another_compiler_or_other_limits_begin_with_new_workers(builds: Builds) -> None:
    first = builds.pid()
    assert builds.pid("two") != first
    assert all_end([first])


def test_a_changed_file_of_a_backend_ends_its_worker(builds: Builds) -> None:
    first = builds.pid()
    builds.source.write_text("22")
    assert builds.pid() != first
    assert all_end([first])


def test_a_build_that_leaves_work_unfinished_or_is_killed_ends_its_workers(builds: Builds) -> None:
    first = builds.pid()
    executor = builds.lent()
    executor.submit(sent(builds.root, "look", "unfinished"))
    executor.close()
    second = builds.pid()
    assert second != first
    builds.lent().close(kill=True)
    assert builds.pid() != second
    assert all_end([first, second])


def test_they_end_with_the_context(tmp_path: Path) -> None:
    with KeptWorkers() as kept:
        pid = Builds(tmp_path, kept).pid()
    assert all_end([pid])
