"""The settings of this machine: those that git tracks, or may track, are nobody's."""

import hashlib
import subprocess
from pathlib import Path

import pytest

from episodec.project.accepted import accept
from episodec.project.settings import LocalSettings, read_settings

TEXT = "episodec: 1\njobs: 3\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    actual = tmp_path / "project"
    actual.mkdir()
    (actual / "episodec.local.yaml").write_text(TEXT)
    return actual


def git(root: Path, *words: str) -> None:
    subprocess.run(["git", "-C", root, *words], check=True, capture_output=True)


def settings_of(root: Path) -> tuple[LocalSettings, list[str], str]:
    """The settings, the codes of what is wrong, and the first message."""
    settings, actual, _ = read_settings(str(root), {"HOME": str(root.parent / "home")})
    return settings, [one.code for one in actual], actual[0].message if actual else ""


PROGRAMS = "episodec: 1\nbackends: {espeak: {program: /tmp/evil}}\n"


def test_programs_that_an_archive_names_are_asked_about_once(root: Path) -> None:
    file, home = root / "episodec.local.yaml", {"HOME": str(root.parent / "home")}
    assert settings_of(root)[1] == []  # They name no programs.
    file.write_text(PROGRAMS)
    assert settings_of(root)[:2] == (LocalSettings(), ["P508"])
    assert Path(accept(str(file), home)).is_relative_to(root.parent / "home")
    assert settings_of(root)[0].backends == {"espeak": {"program": "/tmp/evil"}}
    file.write_text(PROGRAMS.replace("evil", "worse"))
    assert settings_of(root)[1] == ["P508"]
    root.rename(root.parent / "copy")
    (root.parent / "copy/episodec.local.yaml").write_text(PROGRAMS)
    assert settings_of(root.parent / "copy")[1] == ["P508"]


def test_where_git_can_be_asked_or_the_machine_says_so_nobody_is_asked(root: Path) -> None:
    (root / "episodec.local.yaml").write_text(PROGRAMS)
    home = {"HOME": "/nonexistent", "EPISODEC_ACCEPT_SETTINGS": "1"}
    assert read_settings(str(root), home)[1] == []
    git(root, "init", "-q")
    assert settings_of(root)[1] == []


def test_a_path_cannot_name_another_file_in_the_list(root: Path) -> None:
    folder = root.parent / f"x\nsha256:{hashlib.sha256(PROGRAMS.encode()).hexdigest()} y"
    folder.mkdir()
    (folder / "episodec.local.yaml").write_text(PROGRAMS)
    kept = Path(accept(str(folder / "episodec.local.yaml"), {"HOME": str(root.parent / "home")}))
    assert len(kept.read_text().splitlines()) == 1


def test_settings_that_git_does_not_track_are_used(root: Path) -> None:
    assert settings_of(root) == (LocalSettings(jobs=3), [], "")
    git(root, "init", "-q")
    assert settings_of(root) == (LocalSettings(jobs=3), [], "")


@pytest.mark.parametrize("kind", ["checkout", "folder of a checkout", "worktree"])
def test_settings_that_git_tracks_are_refused_in_every_kind_of_checkout(root: Path, kind: str) -> None:
    top = root.parent if kind == "folder of a checkout" else root
    # Where the repository lies elsewhere, as that of a worktree or a submodule does, .git is a file.
    git(top, "init", "-q", *(["--separate-git-dir", str(root.parent / "elsewhere")] if kind == "worktree" else []))
    git(top, "add", str(root / "episodec.local.yaml"))
    assert settings_of(root)[:2] == (LocalSettings(), ["P501"])


@pytest.mark.parametrize("how", ["broken index", "no git"])
def test_settings_are_refused_where_git_cannot_tell(root: Path, monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    git(root, "init", "-q")
    if how == "no git":
        monkeypatch.setenv("PATH", str(root))
    else:
        (root / ".git/index").write_bytes(b"no index")
    settings, codes, message = settings_of(root)
    assert (settings, codes) == (LocalSettings(), ["P501"])
    assert message.startswith("git cannot tell whether it tracks")
