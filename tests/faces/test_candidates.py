"""Candidates on a disk that takes none."""

from pathlib import Path

import pytest

from episodec.errors import BackendError
from episodec.faces.candidates import keep, named
from tests.builds.test_surroundings import fill, small_disk

__all__ = ["small_disk"]  # The fixture.


@pytest.mark.parametrize("folder", ["a file", "a file/below", "x" * 300])
def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path, folder: str) -> None:
    (tmp_path / "a file").touch()
    with pytest.raises(BackendError, match="the folder for candidates cannot be created") as caught:
        named(tmp_path / folder, {}, [1])
    assert caught.value.facts["folder"] == str(tmp_path / folder)


def test_a_disk_that_is_full_is_told_and_nothing_is_left(small_disk: Path) -> None:
    (first,) = named(small_disk, {}, [1])
    filler = fill(small_disk)
    with pytest.raises(BackendError, match="No space left"):
        keep(first, {}, b"picture" * 1000)
    assert {path.name for path in small_disk.iterdir()} == {"filler"}
    filler.unlink()
