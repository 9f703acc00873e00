"""gc and compiled kernels: what an installation uses stays."""

import os
import py_compile
import shutil
import time
from pathlib import Path

import pytest

from episodec.errors import StoreError
from episodec.kernel_files import folder_of
from episodec.store.kernels import UNFINISHED_S, collect_kernels

KERNELS = {"__init__.py": "", "kernels.py": "from package.numbers import SIZE\n", "numbers.py": "SIZE = 1\n"}


def installed(folder: Path) -> Path:
    """A package with a file of kernels; the path of that file."""
    for name, text in KERNELS.items():
        path = folder / "package" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder / "package" / "kernels.py"


def compiled(source: Path, kernels: Path) -> Path:
    """The folder of the source's kernels, with one of 1000 bytes."""
    folder_of.cache_clear()
    folder = folder_of(str(source), str(kernels), time.time_ns() + 10**9)
    assert folder is not None
    (Path(folder) / "kernel").write_bytes(bytes(1000))
    return Path(folder)


def test_kernels_stay_until_no_installation_has_their_sources(tmp_path: Path) -> None:
    kernels = tmp_path / "kernels"
    first, two = installed(tmp_path / "one"), installed(tmp_path / "two")
    folder = compiled(first, kernels)
    assert compiled(two, kernels) == folder
    assert collect_kernels(str(kernels)) == 0

    (first.parent / "numbers.py").write_text("SIZE = 2\n", encoding="utf-8")
    newer = compiled(first, kernels)
    assert newer != folder
    assert collect_kernels(str(kernels)) == 0
    assert folder.is_dir()

    shutil.rmtree(two.parent)
    promised = collect_kernels(str(kernels), dry_run=True)
    assert folder.is_dir()
    assert promised >= 1000
    assert collect_kernels(str(kernels)) == promised
    assert not folder.exists()
    assert (newer / "kernel").exists()
    assert collect_kernels(str(kernels)) == 0


def test_half_a_kernel_of_a_killed_process_goes_when_it_is_old(tmp_path: Path) -> None:
    folder = compiled(installed(tmp_path), tmp_path / "kernels")
    (folder / ".kernel.7.tmp").write_bytes(bytes(10))
    assert collect_kernels(str(tmp_path / "kernels")) == 0
    later = time.time_ns() + (UNFINISHED_S + 60) * 10**9
    assert collect_kernels(str(tmp_path / "kernels"), now_ns=lambda: later) == 10
    assert sorted(path.name for path in folder.iterdir() if not path.is_symlink()) == ["kernel"]


def test_what_is_no_folder_of_kernels_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    assert collect_kernels(str(tmp_path)) == 0
    assert (tmp_path / "mine").is_dir()


@pytest.mark.parametrize("folder", [None, "/nowhere/kernels"])
def test_without_kernels_there_is_nothing_to_remove(folder: str | None) -> None:
    assert collect_kernels(folder) == 0


def test_a_folder_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "kernels").touch()
    with pytest.raises(StoreError, match="kernels"):
        collect_kernels(str(tmp_path / "kernels"))


def test_a_link_among_the_kernels_folders_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/kernel").write_bytes(b"somebody's")
    (tmp_path / "kernels").mkdir()
    (tmp_path / "kernels" / ("0" * 32)).symlink_to(tmp_path / "elsewhere")
    assert collect_kernels(str(tmp_path / "kernels")) == 0
    assert (tmp_path / "elsewhere/kernel").exists()


def test_kernels_of_a_source_whose_bytecode_is_of_an_earlier_one_are_not_kept(tmp_path: Path) -> None:
    source = installed(tmp_path / "one")
    numbers = source.parent / "numbers.py"

    def folder() -> str | None:
        folder_of.cache_clear()
        return folder_of(str(source), str(tmp_path / "kernels"), time.time_ns() + 10**9)

    py_compile.compile(str(numbers), invalidation_mode=py_compile.PycInvalidationMode.TIMESTAMP)
    before = folder()
    assert before is not None
    status = numbers.stat()
    numbers.write_text("SIZE = 2\n", encoding="utf-8")
    os.utime(numbers, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert folder() is None  # Python would take the bytecode of the first one.
    py_compile.compile(str(numbers), invalidation_mode=py_compile.PycInvalidationMode.CHECKED_HASH)
    assert folder() not in {None, before}
