"""Questions where nothing may be written: a read-only checkout, with a cache or without."""

import shutil
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
    assert "note: the cache is read-only, so nothing is recorded" in checked.stderr
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
    before = _files(studio)
    with read_only(studio.root):
        stands = toy(studio, "status")
        assert toy(studio, "validate").returncode == 0
    assert stands.stdout.splitlines() == [
        "current  episodes/001.episode.yaml",
        "changed  episodes/002.episode.yaml  episodes/002.episode.yaml changed",
        "2 episodes: 1 current, 1 changed",
    ]
    assert _files(studio) == before


QUESTIONS = (
    ("plan",),
    ("plan", "-B", "002"),
    ("build", "-n"),
    ("why", "d13-002/voice/0001"),
    ("why", "dist/audio/d13-002.txt"),
    ("graph",),
    ("impact", "episodes/002.episode.yaml"),
    ("lineage", "dist/audio/d13-001.txt"),
    ("open", "--print", "1"),
)


def test_every_question_is_answered_as_if_the_cache_could_be_written(studio: Studio, tmp_path: Path) -> None:
    toy(studio, "build")
    studio.episode(2, text="Other words.")
    other = Studio(tmp_path / "other/series")
    shutil.copytree(studio.root, other.root)
    blob = max((studio.root / "cache/blobs").rglob("*"), key=lambda path: (path.is_file(), path.name))
    for each in (blob, other.root / blob.relative_to(studio.root)):  # A damaged one is a miss in both.
        each.chmod(0o644)
        each.write_bytes(b"damaged")
    before = _files(studio)
    with read_only(studio.root):
        answers = [toy(studio, *words) for words in QUESTIONS]
        assert toy(studio, "doctor").returncode == 1  # Nothing can be built here.
    assert _files(studio) == before
    expected = [toy(other, *words) for words in QUESTIONS]
    obtained = [(one.args, one.returncode, one.stdout.replace(str(studio.root), str(other.root))) for one in answers]
    assert obtained == [(one.args, one.returncode, one.stdout) for one in expected]


def _files(studio: Studio) -> dict[Path, bytes]:
    """The content of the cache."""
    return {path: path.read_bytes() for path in (studio.root / "cache").rglob("*") if path.is_file()}
