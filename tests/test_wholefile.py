"""Files that appear whole, or not at all."""

import os
from pathlib import Path

import pytest

from episodec.wholefile import write_whole
from tests.builds.test_surroundings import fill, small_disk

__all__ = ["small_disk"]  # The fixture.


def test_a_file_is_replaced_with_a_mode_that_may_be_said(tmp_path: Path) -> None:
    first, plain = tmp_path / "one", tmp_path / "plain"
    plain.touch()
    write_whole(first, b"first")
    assert (first.read_bytes(), first.stat().st_mode) == (b"first", plain.stat().st_mode)
    inode = first.stat().st_ino
    write_whole(first, b"", mode=0o640)
    assert (first.read_bytes(), first.stat().st_mode & 0o7777) == (b"", 0o640)
    assert first.stat().st_ino != inode
    assert {path.name for path in tmp_path.iterdir()} == {"one", "plain"}


@pytest.mark.parametrize("name", ["missing/one", "folder", ".", "one/below", "x" * 250])
def test_what_cannot_be_written_is_an_error_of_the_system_and_leaves_nothing(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "one").touch()
    with pytest.raises(OSError, match=r"\[Errno"):
        write_whole(tmp_path / name if name != "." else Path(os.path.relpath(tmp_path)), b"content")
    assert {path.name for path in tmp_path.rglob("*")} == {"folder", "one"}


def test_a_full_disk_leaves_what_was_there(small_disk: Path) -> None:
    write_whole(small_disk / "one", b"first")
    filler = fill(small_disk)
    with pytest.raises(OSError, match="No space left"):
        write_whole(small_disk / "one", b"second" * 1000)
    assert {path.name for path in small_disk.iterdir()} == {"one", "filler"}
    assert (small_disk / "one").read_bytes() == b"first"
    filler.unlink()


def test_what_a_kill_left_under_the_same_number_is_in_nobodys_way(tmp_path: Path) -> None:
    left = tmp_path / f".one.{os.getpid()}.tmp"
    left.symlink_to(tmp_path / "elsewhere")
    write_whole(tmp_path / "one", b"content")
    assert [(path.name, path.is_symlink()) for path in tmp_path.iterdir()] == [("one", False)]
