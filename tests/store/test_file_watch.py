"""Files that many results depend on: the first look after a change of one of them reports it."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from episodec.store import signature
from episodec.store.file_watch import FileWatch
from episodec.store.signature import GRAIN_NS, Signature


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Signature]:
    (tmp_path / "data/voices").mkdir(parents=True)
    for name in ("code.py", "data/one", "data/two", "data/voices/ru"):
        (tmp_path / name).write_text(name)
    time.sleep(2 * GRAIN_NS / 1e9)  # What is younger could be changed and look the same.
    return {str(path): signature.of_watched(path) for path in sorted(tmp_path.rglob("*"))}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda root: (root / "code.py").write_text("edoc.py"), "code.py"),
        (lambda root: os.utime(root / "data/two"), "data/two"),
        (lambda root: (root / "data/voices/ru").unlink(), "data/voices"),
        (lambda root: (root / "data/voices/en").write_text("en"), "data/voices"),
        (lambda root: (root / "data/one").rename(root / "data/three"), "data"),
        (lambda root: (root / "data/voices").rename(root / "voices"), "data"),
    ],
    ids=["written", "touched", "removed", "added", "renamed", "moved away"],
)
def test_a_change_is_told_by_the_next_look(
    tmp_path: Path, files: dict[str, Signature], change: Callable[[Path], object], expected: str
) -> None:
    standing = FileWatch()
    assert standing.moved(files) is None
    change(tmp_path)
    assert standing.moved(files) is None  # Of what came in before.
    standing.reset()
    assert standing.moved(files) == str(tmp_path / expected)


def test_each_group_of_files_is_told_for_itself(tmp_path: Path, files: dict[str, Signature]) -> None:
    standing = FileWatch()
    others = {path: seen for path, seen in files.items() if not path.endswith("code.py")}
    (tmp_path / "code.py").write_text("edoc.py")
    assert standing.moved(files) == str(tmp_path / "code.py")
    assert standing.moved(others) is None
