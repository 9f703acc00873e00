"""A worker runs what the sources say, since its results go under keys that do: no stale bytecode, and nothing that a
machine adds to every start of Python.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from episodec.engine.executor import Done
from episodec.executors.local import LocalExecutor
from episodec.store.blobs import Blobs
from episodec.store.layout import open_layout
from tests.toys.orders import sent

BACKEND = """\
from episodec.engine.backend import Fingerprint
from toy_stale.words import word

class Toy:
    stages = frozenset({"toy"})
    deterministic = True

    def fingerprint(self, settings, digests):
        return Fingerprint({})

    def run(self, order):
        order.output().write_text(word())
"""


def worker_output(root: Path) -> str:
    """The result of a new worker."""
    executor = LocalExecutor({"toy": "toy_stale.backend:Toy"}, root / "store", 1, extra_path=[str(root)])
    try:
        executor.submit(sent(root, "toy"))
        (done,) = executor.wait(60)
    finally:
        executor.close()
    assert isinstance(done, Done), done
    return Blobs(open_layout(root / "store")).open_blob(done.outputs["result.txt"].digest).read_text()


def change(words: Path, old: str, new: str) -> None:
    """An edit that leaves the size and the time."""
    before = words.stat()
    words.write_text(words.read_text().replace(old, new))
    os.utime(words, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (words.stat().st_size, words.stat().st_mtime_ns) == (before.st_size, before.st_mtime_ns)


def package_of(root: Path) -> Path:
    """A package with a backend; its file that says what it makes."""
    package = root / "toy_stale"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "backend.py").write_text(BACKEND)
    words = package / "words.py"
    words.write_text("def word(): return 'one'\n")
    return words


@pytest.mark.parametrize("name", ["sitecustomize", "usercustomize"])
def test_what_a_machine_adds_to_every_start_of_python_does_not_run(tmp_path: Path, name: str) -> None:
    package_of(tmp_path)
    (tmp_path / f"{name}.py").write_text("import toy_stale.words\ntoy_stale.words.word = lambda: 'two'\n")
    assert worker_output(tmp_path) == "one"


@pytest.mark.parametrize("can_keep", [True, False])
def test_a_source_of_equal_size_and_time_is_run_as_it_is_now(tmp_path: Path, can_keep: bool) -> None:  # noqa: FBT001
    words = package_of(tmp_path)
    command = [sys.executable, "-c", "import toy_stale.words; print(toy_stale.words.word())"]
    usual = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}

    def usually() -> str:
        return subprocess.run(command, cwd=tmp_path, env=usual, capture_output=True, text=True, check=True).stdout

    assert usually() == "one\n"
    change(words, "one", "two")
    assert usually() == "one\n"  # So it is with Python.
    if not can_keep:
        (kept,) = (words.parent / "__pycache__").glob("words.*")
        kept.rename(tmp_path / "kept")
        kept.symlink_to(tmp_path / "kept")  # Which is never written through.
    assert worker_output(tmp_path) == "two"
    change(words, "two", "six")
    assert worker_output(tmp_path) == "six"
    assert usually() == ("six\n" if can_keep else "one\n")
