"""A cache that git tracks came with the checkout: it may say anything, and is refused."""

import subprocess
from pathlib import Path

import pytest

from episodec.errors import ProjectError
from tests.builds.studio import Studio


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    """A built series in a checkout."""
    studio = Studio(tmp_path).start(1)
    git(tmp_path, "init", "-q")
    assert studio.build().exit_code == 0
    assert studio.build().current == 1
    return studio


def git(root: Path, *words: str) -> None:
    subprocess.run(["git", "-C", str(root), *words], check=True, capture_output=True)


def edit(studio: Studio) -> None:
    """So that the next build looks at more than signatures."""
    studio.episode(1, text="Other words.")


@pytest.mark.parametrize("name", ["index.db", "blobs"])
def test_a_cache_that_git_tracks_is_refused(studio: Studio, name: str) -> None:
    git(studio.root, "add", "-f", f"cache/{name}")
    edit(studio)
    with pytest.raises(ProjectError) as caught:
        studio.build()
    assert caught.value.sentence == "git tracks files of the cache, so it is refused"
    assert f"cache/{name}" in caught.value.facts["tracked"]
    assert "git rm -r --cached cache" in (caught.value.hint or "")


def test_what_says_that_a_folder_is_a_cache_may_be_tracked(studio: Studio) -> None:
    (studio.root / "cache/README").write_text("Results of episodec.")
    git(studio.root, "add", "-f", "cache/.gitignore", "cache/CACHEDIR.TAG", "cache/README")
    edit(studio)
    assert studio.build().exit_code == 0


def test_a_cache_that_git_cannot_speak_of_is_refused(studio: Studio) -> None:
    (studio.root / ".git/HEAD").write_text("nothing that git knows")
    edit(studio)
    with pytest.raises(ProjectError, match="cannot tell"):
        studio.build()


def test_a_cache_behind_a_tracked_link_is_refused(studio: Studio) -> None:
    (studio.root / "cache").rename(studio.root / "elsewhere")
    (studio.root / "cache").symlink_to("elsewhere")
    git(studio.root, "add", "-f", "cache")
    edit(studio)
    with pytest.raises(ProjectError, match="tracks files of the cache"):
        studio.build()


def test_a_clone_with_a_cache_is_refused_though_its_files_are_as_they_were(studio: Studio, tmp_path: Path) -> None:
    git(studio.root, "add", "-f", ".")
    git(studio.root, "-c", "user.name=A", "-c", "user.email=a@b", "commit", "-qm", "all")
    git(studio.root, "clone", "-q", str(studio.root), str(tmp_path / "clone"))
    with pytest.raises(ProjectError, match="tracks files of the cache"):
        Studio(tmp_path / "clone").build()


def test_a_tracked_cache_is_refused_before_anything_is_made_or_removed(tmp_path: Path) -> None:
    """It has no index yet, and a folder of it leads to where the user's own things lie."""
    studio = Studio(tmp_path / "project").start(1)
    (tmp_path / "loot/thesis").mkdir(parents=True)
    (studio.root / "cache").mkdir()
    (studio.root / "cache/work").symlink_to("../../loot")
    git(studio.root, "init", "-q")
    git(studio.root, "add", "-f", "cache")
    with pytest.raises(ProjectError, match="tracks files of the cache"):
        studio.build()
    assert [it.name for it in (tmp_path / "loot").iterdir()] == ["thesis"]
    assert [it.name for it in (studio.root / "cache").iterdir()] == ["work"]


@pytest.mark.parametrize("way", ["an outer checkout", "GIT_DIR", "GIT_DIR of its folder"])
def test_a_cache_that_another_repository_tracks_is_refused(
    way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio = Studio(tmp_path / "top/shows").start(1)
    top, root = studio.root.parent, studio.root
    assert studio.build().exit_code == 0
    of = ["--git-dir=" + str(tmp_path / "series.git"), f"--work-tree={top}"]
    if way == "an outer checkout":
        git(top, "init", "-q")
        git(top, "add", "-f", "shows/cache/index.db")
        git(root, "init", "-q")
    else:
        git(tmp_path, "init", "-q", "--bare", "series.git")
        git(top, *of, "add", "-f", "shows/cache/index.db")
        monkeypatch.setenv("GIT_DIR", str(tmp_path / "series.git"))
        if way == "GIT_DIR of its folder":
            monkeypatch.setenv("GIT_WORK_TREE", str(top))
    edit(studio)
    with pytest.raises(ProjectError) as caught:
        studio.build()
    assert caught.value.sentence == "git tracks files of the cache, so it is refused"
    assert caught.value.facts["tracked"] == "cache/index.db"
    git(top, *(of if way != "an outer checkout" else []), "rm", "-q", "--cached", "shows/cache/index.db")
    assert studio.build().exit_code == 0
