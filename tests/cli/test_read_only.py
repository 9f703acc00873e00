"""`validate` and `status` where nothing may be written: a read-only checkout, with a cache or without."""

from pathlib import Path

import pytest

from tests.builds.studio import Studio
from tests.builds.test_real_surroundings import read_only
from tests.cli.command import toy


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio(tmp_path / "series").start(2)


def test_a_checkout_that_was_never_built_is_checked(studio: Studio) -> None:
    with read_only(studio.root):
        checked = toy(studio, "validate")
        stands = toy(studio, "status")
        built = toy(studio, "build")
    assert (checked.returncode, checked.stdout) == (0, "2 files checked: no errors.\n")
    assert "note: the cache cannot be written, so nothing is remembered" in checked.stderr
    assert (stands.returncode, stands.stdout.splitlines()[-1]) == (0, "2 episodes: 2 never built")
    assert built.returncode == 1
    assert not (studio.root / "cache").exists()


def test_what_is_wrong_is_told_there_too(studio: Studio) -> None:
    studio.episode(2, more="colour: red\n")
    with read_only(studio.root):
        checked = toy(studio, "validate")
    assert checked.returncode == 1
    assert "error[S102]" in checked.stdout or "colour" in checked.stdout


def test_how_episodes_stand_is_read_from_a_cache_that_cannot_be_written(studio: Studio) -> None:
    toy(studio, "build")
    studio.episode(2, text="Other words.")
    before = {path: path.read_bytes() for path in (studio.root / "cache").rglob("*") if path.is_file()}
    with read_only(studio.root):
        stands = toy(studio, "status")
        assert toy(studio, "validate").returncode == 0
    assert stands.stdout.splitlines() == [
        "current  episodes/001.episode.yaml",
        "changed  episodes/002.episode.yaml  episodes/002.episode.yaml changed",
        "2 episodes: 1 current, 1 changed",
    ]
    assert {path: path.read_bytes() for path in (studio.root / "cache").rglob("*") if path.is_file()} == before
