"""`build --at COMMIT`: an old version again, beside the present one."""

import subprocess
from pathlib import Path

import pytest

from tests.builds.studio import Studio
from tests.cli.command import timeless, toy
from tests.project.test_git import git


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    """Two commits, both built; the spec in the working tree is a third version."""
    studio = Studio(tmp_path / "series").start(2)
    studio.write(".gitignore", "dist/\ncache/\n")
    git(studio.root, "init", "-q")
    for words in ("First words.", "Second words."):
        studio.episode(1, text=words)
        git(studio.root, "add", "-A")
        git(studio.root, "commit", "-q", "-m", words)
        assert toy(studio, "build").returncode == 0
    return studio


def files(root: Path, folder: str) -> dict[str, bytes]:
    """All files below a folder, without what was built at a commit."""
    top = root / folder
    contents = {str(path.relative_to(top)): path.read_bytes() for path in top.rglob("*") if path.is_file()}
    return {name: content for name, content in contents.items() if not name.startswith("_at/")}


def commit(root: Path, revision: str) -> str:
    process = subprocess.run(["git", "-C", root, "rev-parse", revision], capture_output=True, check=True, text=True)
    return process.stdout.strip()


def test_an_old_version_comes_from_the_cache_and_nothing_else_changes(studio: Studio) -> None:
    before = files(studio.root, "dist")
    old = commit(studio.root, "HEAD~1")[:12]
    ran = toy(studio, "build", "--at", "HEAD~1")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert timeless(ran.stdout).startswith(f"{old}: 2 episodes · 0 actions made · T\n")
    assert f"dist/_at/{old}/video/alpha_d13_episode1.mp4" in ran.stdout
    contents = files(studio.root, f"dist/_at/{old}")
    assert contents.keys() == before.keys()
    assert {name for name in contents if contents[name] != before[name]} == {
        "manifest/alpha_d13_episode1.json",
        "static/audio/alpha_d13_episode1_voice.wav",
    }
    assert files(studio.root, "dist") == before
    assert not list((studio.root / "cache/incoming").iterdir())
    again = toy(studio, "build")
    assert again.stdout.startswith("2 episodes: all current\n")
    assert files(studio.root, "dist") == before


def test_the_working_tree_is_not_read(studio: Studio) -> None:
    studio.write("episodes/001.episode.yaml", "colour: red\n")
    (studio.root / "episodes/002.episode.yaml").unlink()
    ran = toy(studio, "build", "--at", "HEAD", "episodes/001.episode.yaml")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert timeless(ran.stdout).startswith(f"{commit(studio.root, 'HEAD')[:12]}: 1 episode · 0 actions made")
    assert (studio.root / "episodes/001.episode.yaml").read_text() == "colour: red\n"


def test_what_the_cache_has_no_more_is_made_again(studio: Studio) -> None:
    git(studio.root, "commit", "-q", "--allow-empty", "-m", "Third")
    studio.write("episodes/003.episode.yaml", (studio.root / "episodes/002.episode.yaml").read_text())
    ran = toy(studio, "build", "--at", "HEAD", "2", "--backend", "voice=noise")
    assert ran.returncode == 0
    assert timeless(ran.stdout).splitlines()[0].endswith("1 episode · 1 action made · T")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["no-such"], "git knows no such commit"),
        (["HEAD~1", "episodes/003.episode.yaml"], "the commit has no such file"),
        (["HEAD", "7"], "no episode matches this"),
        (["HEAD", "-n"], "--at builds whole episodes"),
    ],
)
def test_what_is_not_there_is_refused(studio: Studio, words: list[str], sentence: str) -> None:
    studio.episode(3)
    ran = toy(studio, "build", "--at", *words)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.startswith(f"error: {sentence}\n")


def test_settings_that_nobody_has_accepted_are_refused(studio: Studio) -> None:
    git(studio.root, "add", "-f", str(studio.write("episodec.local.yaml", "episodec: 1\nbackends: {sharp: {x: y}}\n")))
    ran = toy(studio, "build", "--at", "HEAD")
    assert ran.returncode == 1
    assert ran.stderr.startswith("error: this machine's settings have errors\n")
