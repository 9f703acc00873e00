"""`review`: the folder that it writes, what it says is missing, and `--build-base`."""

import json
from pathlib import Path

import pytest

from tests.builds.studio import Studio
from tests.cli.command import timeless, toy
from tests.cli.test_at import files
from tests.project.test_git import git


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    """A series of two episodes in a repository, one of which says something else since the commit."""
    studio = Studio(tmp_path / "series").start(2)
    studio.write(".gitignore", "dist/\ncache/\n")
    git(studio.root, "init", "-q")
    git(studio.root, "add", "-A")
    git(studio.root, "commit", "-q", "-m", "First")
    return studio


def edit(studio: Studio) -> None:
    studio.episode(1, text="Other words.")


def page(studio: Studio) -> str:
    return (studio.root / "review/index.html").read_text()


def test_both_films_are_copied_beside_the_page(studio: Studio) -> None:
    assert toy(studio, "build").returncode == 0
    edit(studio)
    assert toy(studio, "build").returncode == 0
    before = files(studio.root, "dist")
    ran = toy(studio, "review")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert timeless(ran.stdout) == (
        "2 episodes: 1 changed, 1 as it was · 1 action changed · 1 of them in the cache\npage    review/index.html\n"
    )
    names = {str(path.relative_to(studio.root / "review")) for path in (studio.root / "review").rglob("*.mp4")}
    assert names == {"films/alpha_d13_episode1_before.mp4", "films/alpha_d13_episode1_after.mp4"}
    assert "<ins>Other</ins>" in page(studio)
    assert files(studio.root, "dist") == before


def test_a_version_that_is_in_no_cache_is_said_to_be_missing(studio: Studio) -> None:
    edit(studio)
    studio.write("episodes/media/001.mp4", "another video")
    assert toy(studio, "build").returncode == 0
    ran = toy(studio, "review", "HEAD")
    assert ran.returncode == 0
    assert "1 film of " in ran.stdout
    assert "--build-base builds what is missing" in ran.stdout
    assert "This version is not in the cache. episodec review --build-base builds it." in page(studio)
    assert not (studio.root / "review/films/alpha_d13_episode1_before.mp4").exists()
    assert (studio.root / "review/films/alpha_d13_episode1_after.mp4").exists()


def test_the_base_is_built_when_it_is_asked_for(studio: Studio) -> None:
    ran = toy(studio, "build")
    studio.episode(1, title="Another title", text="Other words.")
    (studio.root / "episodes/002.episode.yaml").unlink()
    before = files(studio.root, "dist")
    for name in ("index.db", "index.db-wal", "index.db-shm"):
        (studio.root / "cache" / name).unlink(missing_ok=True)
    ran = toy(studio, "review", "--build-base")
    assert ran.returncode == 0, ran.stderr
    assert "--build-base" not in ran.stdout
    assert (studio.root / "review/films/alpha_d13_episode1_before.mp4").read_text().startswith("video 1")
    assert (studio.root / "review/films/alpha_d13_episode2_before.mp4").exists(), "one that is deleted since"
    assert files(studio.root, "dist") == before
    assert not list((studio.root / "cache/incoming").iterdir())


def test_without_a_cache_it_answers_all_the_same(studio: Studio) -> None:
    edit(studio)
    ran = toy(studio, "review", "--json", "--output", "there")
    assert ran.returncode == 0
    answer = json.loads(ran.stdout)["review"]
    assert answer["page"] == "there/index.html"
    assert answer["series"]["episodes"][0]["before"]["shows"] is None
    assert not (studio.root / "cache").exists()
    assert not (studio.root / "review").exists()


def test_an_episode_with_errors_is_told_of(studio: Studio) -> None:
    studio.write("episodes/001.episode.yaml", "colour: red\n")
    ran = toy(studio, "review")
    assert ran.returncode == 1
    assert "episodes/001.episode.yaml: now: " in page(studio)
