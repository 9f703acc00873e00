"""Where a project's cache lies: beside its specs, or where the settings of this machine say, for linked worktrees."""

import shutil
import subprocess
from pathlib import Path

import pytest

from episodec.errors import ProjectError
from episodec.project.settings import read_settings
from episodec.project.tree import Place
from tests.builds.studio import Studio


def git(root: Path, *words: str) -> None:
    subprocess.run(["git", "-C", root, *words], check=True, capture_output=True)


def setting(root: Path, text: str) -> None:
    (root / "episodec.local.yaml").write_text(f"episodec: 1\n{text}\n")


def test_two_worktrees_share_a_cache_and_build_nothing_twice(tmp_path: Path) -> None:
    first = Studio(tmp_path / "main").start()
    setting(first.root, f"cache: {tmp_path}/shared  # For all worktrees.")
    assert first.build().made_count > 0
    shutil.copytree(first.root, tmp_path / "linked", ignore=shutil.ignore_patterns("dist", "cache"))
    second = Studio(tmp_path / "linked")
    second.write("media-not-here", "")
    for studio in (second, first, second):
        outcome = studio.build()
        assert (outcome.exit_code, outcome.made_count) == (0, 0)
        assert studio.dist() == first.dist()
    (second.root / "episodes/002.episode.yaml").unlink()  # Another branch: the other worktree keeps its film.
    assert second.build().made_count == 0
    assert first.build().made_count == 0
    assert len(first.dist()) > len(second.dist())
    assert not (first.root / "cache").exists()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("cache: shared", "S106"),
        ("cache: ../shared", "S106"),
        ("cache: '/tmp/somewhere'", "P506"),
        ("'cache': /tmp/somewhere", "P506"),
        ("cache:\n  /tmp/somewhere", "P506"),
    ],
)
def test_a_place_that_is_not_absolute_or_not_plainly_written_is_refused(tmp_path: Path, text: str, code: str) -> None:
    """It is read by a build with nothing to do, too, which has no time for YAML."""
    setting(tmp_path, text)
    assert [
        one.code for one in read_settings(str(tmp_path), {"HOME": str(tmp_path), "EPISODEC_ACCEPT_SETTINGS": "1"})[1]
    ] == [code]


def test_the_settings_of_a_user_name_no_cache(tmp_path: Path) -> None:
    (tmp_path / ".config/episodec").mkdir(parents=True)
    (tmp_path / ".config/episodec/local.yaml").write_text("episodec: 1\ncache: /tmp/somewhere\n")
    (actual,) = read_settings(str(tmp_path / "project"), {"HOME": str(tmp_path)})[1]
    assert (actual.code, actual.message) == ("P506", "a cache belongs to one project, and these settings apply to all")


def test_without_the_setting_it_lies_at_the_root(tmp_path: Path) -> None:
    assert Place(str(tmp_path), "").cache() == f"{tmp_path}/cache"
    setting(tmp_path, "jobs: 2\n# cache: /elsewhere\nbackends: {a: {cache: /b}}")
    assert Place(str(tmp_path), "").cache() == f"{tmp_path}/cache"


def test_a_setting_that_git_tracks_opens_nothing(tmp_path: Path) -> None:
    studio = Studio(tmp_path / "project").start(1)
    git(studio.root, "init", "-q")
    setting(studio.root, f"cache: {tmp_path}/theirs")
    git(studio.root, "add", "-f", "episodec.local.yaml")
    with pytest.raises(ProjectError, match="git tracks the settings of this machine"):
        studio.build()
    assert not (tmp_path / "theirs").exists()


def test_a_cache_elsewhere_that_git_tracks_is_refused(tmp_path: Path) -> None:
    studio = Studio(tmp_path / "project").start(1)
    setting(studio.root, f"cache: {tmp_path}/other/shared")
    assert studio.build().exit_code == 0
    git(tmp_path / "other", "init", "-q")
    git(tmp_path / "other", "add", "-f", "shared/index.db")
    studio.episode(1, text="Other words.")
    with pytest.raises(ProjectError, match="git tracks files of the cache"):
        studio.build()
