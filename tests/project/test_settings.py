"""The settings of this machine: those that git tracks, or may track, are nobody's."""

import subprocess
from pathlib import Path

import pytest

from episodec.project.settings import LocalSettings, read_settings

TEXT = "episodec: 1\njobs: 3\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    found = tmp_path / "project"
    found.mkdir()
    (found / "episodec.local.yaml").write_text(TEXT)
    return found


def git(root: Path, *words: str) -> None:
    subprocess.run(["git", "-C", root, *words], check=True, capture_output=True)


def told(root: Path) -> tuple[LocalSettings, list[str], str]:
    """The settings, the codes of what is wrong, and the first message."""
    settings, found, _ = read_settings(str(root), {"HOME": str(root.parent / "home")})
    return settings, [one.code for one in found], found[0].message if found else ""


def test_settings_that_git_does_not_track_are_used(root: Path) -> None:
    assert told(root) == (LocalSettings(jobs=3), [], "")
    git(root, "init", "-q")
    assert told(root) == (LocalSettings(jobs=3), [], "")


@pytest.mark.parametrize("kind", ["checkout", "folder of a checkout", "worktree"])
def test_settings_that_git_tracks_are_refused_in_every_kind_of_checkout(root: Path, kind: str) -> None:
    top = root.parent if kind == "folder of a checkout" else root
    # Where the repository lies elsewhere, as that of a worktree or a submodule does, .git is a file.
    git(top, "init", "-q", *(["--separate-git-dir", str(root.parent / "elsewhere")] if kind == "worktree" else []))
    git(top, "add", str(root / "episodec.local.yaml"))
    assert told(root)[:2] == (LocalSettings(), ["P501"])


@pytest.mark.parametrize("how", ["broken index", "no git"])
def test_settings_are_refused_where_git_cannot_tell(root: Path, monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    git(root, "init", "-q")
    if how == "no git":
        monkeypatch.setenv("PATH", str(root))
    else:
        (root / ".git/index").write_bytes(b"no index")
    settings, codes, message = told(root)
    assert (settings, codes) == (LocalSettings(), ["P501"])
    assert message.startswith("git cannot tell whether it tracks")
