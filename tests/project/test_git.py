"""The questions to git: it answers from the checkout alone, and runs nothing that a tracked file names."""

import os
import subprocess
from pathlib import Path

import pytest

from episodec.project.settings import read_settings
from tests.builds.studio import ROOT, Studio
from tests.cli.command import toy

SETTINGS = "episodec: 1\njobs: 1\n"


def git(folder: Path, *words: str) -> None:
    """As a user asks it, with a name for commits and with submodules in folders."""
    name = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "protocol.file.allow=always"]
    subprocess.run(["git", *name, "-C", str(folder), *words], check=True, capture_output=True)


def codes(root: Path) -> list[str]:
    """The errors in the settings of a project."""
    return [one.code for one in read_settings(str(root), {"HOME": "/nonexistent"})[1]]


def checkout(folder: Path, **files: str) -> Path:
    """A checkout with these files in its only commit."""
    folder.mkdir(parents=True)
    git(folder, "init", "-q")
    for name, text in files.items():
        (folder / name).write_text(text)
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "--allow-empty", "-m", "First")
    return folder


def plant(root: Path, *, bare: str = "false") -> Path:
    """Files that git takes for a repository, and that it tracks all the same; the mark that its command leaves."""
    mark = root.parent / "ran"
    for name in ("objects/k", "refs/k"):
        (root / name).parent.mkdir()
        (root / name).write_text("")
    (root / "HEAD").write_text("ref: refs/heads/x\n")
    command = f"touch {mark}; false"
    lines = ["[core]", "repositoryformatversion = 0", f"bare = {bare}", "worktree = .", f'fsmonitor = "{command}"']
    (root / "config").write_text("\n".join(lines) + "\n")
    return mark


@pytest.mark.parametrize("command", ["validate", "plan", "status", "doctor", "build"])
def test_tracked_files_make_git_run_nothing(command: str, tmp_path: Path) -> None:
    top = checkout(tmp_path / "top")
    studio = Studio(top / "shows/alpha").start(1)
    studio.write("episodec.local.yaml", SETTINGS)
    mark = plant(studio.root)
    git(top, "add", "-A")
    ran = toy(studio, command)
    assert not mark.exists()
    assert ("P501" in ran.stdout + ran.stderr) == (command != "status")  # Which reads no settings aloud.


@pytest.mark.parametrize("bare", ["true", "false"])
def test_a_planted_repository_does_not_make_tracked_settings_acceptable(bare: str, tmp_path: Path) -> None:
    top = checkout(tmp_path / "top")
    root = top / "shows"
    root.mkdir()
    (root / "episodec.local.yaml").write_text(SETTINGS)
    mark = plant(root, bare=bare)
    assert codes(root) == []  # Nothing tracks them yet.
    git(top, "add", "-A")
    assert codes(root) == ["P501"]
    assert not mark.exists()


def test_the_settings_of_a_linked_worktree_are_looked_at_in_its_own_index(tmp_path: Path) -> None:
    top = checkout(tmp_path / "top", **{"episodec.local.yaml": SETTINGS})
    git(top, "worktree", "add", "-q", "../other")
    other = tmp_path / "other"
    assert codes(other) == ["P501"]
    git(other, "rm", "-q", "--cached", "episodec.local.yaml")
    assert codes(other) == []
    assert codes(top) == ["P501"]


def test_the_settings_of_a_submodule_are_looked_at_in_its_own_index(tmp_path: Path) -> None:
    alpha = checkout(tmp_path / "alpha", **{"episodec.local.yaml": SETTINGS})
    top = checkout(tmp_path / "top")
    git(top, "submodule", "add", "-q", str(alpha), "shows")
    assert codes(top / "shows") == ["P501"]
    git(top / "shows", "rm", "-q", "--cached", "episodec.local.yaml")
    assert codes(top / "shows") == []


@pytest.mark.parametrize("is_kept_elsewhere", [False, True])
def test_settings_that_are_tracked_in_other_case_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, is_kept_elsewhere: bool
) -> None:
    """Where a file system tells no case, a checkout brings them."""
    top = checkout(tmp_path / "top", **{"Episodec.Local.YAML": SETTINGS})
    (top / "Episodec.Local.YAML").rename(top / "episodec.local.yaml")
    if is_kept_elsewhere:
        (top / ".git").rename(tmp_path / "kept.git")
        monkeypatch.setenv("GIT_DIR", str(tmp_path / "kept.git"))
        monkeypatch.setenv("GIT_WORK_TREE", str(top))
    assert codes(top) == ["P501"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GIT_DIR", "empty/.git"),
        ("GIT_INDEX_FILE", "empty/.git/index"),
        ("GIT_WORK_TREE", "empty"),
        ("GIT_CEILING_DIRECTORIES", "."),
        ("GIT_LITERAL_PATHSPECS", "1"),
    ],
)
def test_variables_of_the_environment_send_git_nowhere_else(
    name: str, value: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkout(tmp_path / "empty")
    top = checkout(tmp_path / "top", **{"episodec.local.yaml": SETTINGS})
    beside = checkout(tmp_path / "beside")
    (beside / "episodec.local.yaml").write_text(SETTINGS)
    monkeypatch.setenv(name, value if value == "1" else str(tmp_path / value))
    assert codes(top) == ["P501"]
    assert codes(beside) == []


def test_a_checkout_that_git_does_not_trust_is_not_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A checkout of another user; git's own variable for tests says that all are."""
    top = checkout(tmp_path / "top")
    (top / "episodec.local.yaml").write_text(SETTINGS)
    assert codes(top) == []
    real = subprocess.run(["sh", "-c", "command -v git"], check=True, capture_output=True, text=True).stdout.strip()
    program = tmp_path / "programs/git"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nGIT_TEST_ASSUME_DIFFERENT_OWNER=1 exec {real} "$@"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    actual = read_settings(str(top), {"HOME": "/nonexistent"})[1]
    assert [one.code for one in actual] == ["P501"]
    assert "dubious ownership" in actual[0].message


def test_a_damaged_checkout_is_no_reason_to_believe_the_settings(tmp_path: Path) -> None:
    top = checkout(tmp_path / "top")
    (top / "episodec.local.yaml").write_text(SETTINGS)
    (top / ".git/HEAD").write_text("no ref\n")
    mark = plant(top)
    assert codes(top) == ["P501"]
    assert not mark.exists()


def test_outside_of_a_checkout_the_settings_are_taken(tmp_path: Path) -> None:
    (tmp_path / "episodec.local.yaml").write_text(SETTINGS)
    mark = plant(tmp_path)
    assert codes(tmp_path) == []
    assert not mark.exists()


def test_the_configuration_of_a_copied_checkout_runs_nothing(tmp_path: Path) -> None:
    """As an archive may bring it, `.git` and all."""
    top = checkout(tmp_path / "top", **{"episodec.local.yaml": SETTINGS})
    mark = tmp_path / "ran"
    git(top, "config", "core.fsmonitor", f"touch {mark}; false")
    assert codes(top) == ["P501"]
    assert not mark.exists()


def test_a_missing_object_is_fetched_by_no_command(tmp_path: Path) -> None:
    """A sparse index is expanded by reading folders; in a partial clone git would fetch a missing one."""
    top = checkout(tmp_path / "top")
    for folder in ("a", "b"):
        (top / folder).mkdir()
        (top / folder / "k").write_text(folder)
    git(top, "add", "-A")
    git(top, "commit", "-q", "-m", "Folders")
    git(top, "sparse-checkout", "set", "--cone", "--sparse-index", "a")
    asked = ["git", "-C", str(top), "rev-parse", "HEAD:b"]
    tree = subprocess.run(asked, check=True, capture_output=True, text=True).stdout.strip()
    (top / ".git/objects" / tree[:2] / tree[2:]).unlink()
    mark = tmp_path / "ran"
    for name, value in {
        "core.repositoryformatversion": "1",
        "extensions.partialClone": "far",
        "remote.far.url": f"ext::sh -c touch% {mark}",
        "remote.far.promisor": "true",
        "protocol.ext.allow": "always",
    }.items():
        git(top, "config", name, value)
    (top / "episodec.local.yaml").write_text(SETTINGS)
    codes(top)
    assert not mark.exists()


@pytest.mark.parametrize("depth", ["the root itself", "a folder between"])
def test_settings_that_an_outer_checkout_tracks_are_refused_below_a_repository_of_their_own(
    depth: str, tmp_path: Path
) -> None:
    """`git init` in a folder of a checkout: the outer one goes on tracking what it tracked."""
    top = checkout(tmp_path / "top")
    root = top / "shows/alpha"
    root.mkdir(parents=True)
    (root / "episodec.local.yaml").write_text(SETTINGS)
    git(top, "add", "-A")
    git(top, "commit", "-q", "-m", "Shows")
    git(root if depth == "the root itself" else root.parent, "init", "-q")
    assert codes(root) == ["P501"]
    git(top, "rm", "-q", "--cached", "shows/alpha/episodec.local.yaml")
    assert codes(root) == []


@pytest.mark.parametrize("given", [("GIT_DIR", "GIT_WORK_TREE"), ("GIT_DIR",)], ids=" and ".join)
@pytest.mark.parametrize("where", ["the top", "a folder below"])
def test_settings_that_a_repository_kept_elsewhere_tracks_are_refused(
    given: tuple[str, ...], where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A deployment: the repository is bare and lies elsewhere, and two variables say so."""
    top = tmp_path / "deployed"
    root = top if where == "the top" else top / "shows"
    root.mkdir(parents=True)
    (root / "episodec.local.yaml").write_text(SETTINGS)
    bare = tmp_path / "series.git"
    git(tmp_path, "init", "-q", "--bare", str(bare))
    git(top, f"--git-dir={bare}", f"--work-tree={top}", "add", "-A")
    if "GIT_WORK_TREE" not in given:  # Then the repository itself says where its files are.
        git(top, f"--git-dir={bare}", "config", "core.bare", "false")
        git(top, f"--git-dir={bare}", "config", "core.worktree", str(top))
    assert codes(root) == []
    values = {"GIT_DIR": str(bare), "GIT_WORK_TREE": str(top)}
    for name in given:
        monkeypatch.setenv(name, values[name])
    assert codes(root) == ["P501"]
    git(top, f"--git-dir={bare}", f"--work-tree={top}", "rm", "-q", "--cached", "-r", ".")
    assert codes(root) == []


def test_a_repository_kept_elsewhere_that_cannot_be_read_is_no_reason_to_believe_the_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "episodec.local.yaml").write_text(SETTINGS)
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "nowhere.git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(tmp_path))
    assert codes(tmp_path) == ["P501"]


def test_the_configuration_of_a_repository_kept_elsewhere_runs_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    top = tmp_path / "deployed"
    top.mkdir()
    (top / "episodec.local.yaml").write_text(SETTINGS)
    bare, mark = tmp_path / "series.git", tmp_path / "ran"
    git(tmp_path, "init", "-q", "--bare", str(bare))
    git(top, f"--git-dir={bare}", f"--work-tree={top}", "add", "-A")
    git(top, f"--git-dir={bare}", "config", "core.fsmonitor", f"touch {mark}; false")
    monkeypatch.setenv("GIT_DIR", str(bare))
    monkeypatch.setenv("GIT_WORK_TREE", str(top))
    assert codes(top) == ["P501"]
    assert not mark.exists()


def test_one_module_starts_git() -> None:
    sources = Path(ROOT, "episodec")
    starts = [path for path in sources.rglob("*.py") if '"git"' in path.read_text()]
    assert [str(path.relative_to(sources)) for path in starts] == ["project/git.py"]
