"""The action and the example workflows: their `run:` steps are run here, in a real repository, without a network. What
GitHub's own program is asked is noted by a stand-in.
"""

import json
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from episodec.cli.commands import COMMANDS
from tests.builds.studio import ROOT
from tests.cli.command import environment
from tests.cli.test_golden_diffs import EPISODE, replaced
from tests.project.test_git import git

SERIES = """\
episodec: 1
title: Alpha
season: d13
character: alpha
disclosure: Voice and pictures are synthetic.
profiles: {draft: {size: [64, 64], backends: {voice: espeak, foley: procedural, scene: relief}}}
"""
SPEC = "episodec: 1\nnumber: 1\ntitle: One\nvoice: {text: Nobody reads it aloud.}\nallow: [E280]\n"
HEAD = "<!-- episodec diff -->\n"
GH = """#!/bin/sh
printf '%s\\n' "$*" >> "$CALLS"
case "$*" in
    *zip*) cat "$ARTIFACT" ;;
    *artifacts*) echo 7 ;;
    *pulls*) echo "$NUMBER" ;;
    *--paginate*) echo "$COMMENT" ;;
esac
"""


def loaded(name: str) -> Any:
    return yaml.safe_load(Path(ROOT, name).read_text())


def steps(name: str) -> list[Any]:
    workflow = loaded(name)
    return list(workflow["runs"]["steps"] if "runs" in workflow else next(iter(workflow["jobs"].values()))["steps"])


def programs(place: Path) -> Path:
    folder = place / "programs"
    folder.mkdir()
    for name, text in (("episodec", f'#!/bin/sh\nexec "{sys.executable}" -m episodec "$@"\n'), ("gh", GH)):
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
    return folder


def ran(step: Any, place: Path, folder: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """A step as GitHub's runner starts it: bash that ends at the first failure."""
    where = {
        **environment(place),
        "PATH": f"{place / 'programs'}:{os.environ['PATH']}",
        "RUNNER_TEMP": str(place),
        **more,
    }
    where |= {name: str(place / name.lower()) for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "CALLS")}
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
    return subprocess.run(command, cwd=folder, env=where, capture_output=True, text=True, check=False, timeout=200)


def named(name: str, which: str) -> Any:
    return next(step for step in steps(name) if step.get("name") == which)


def test_the_action_compares_and_leaves_a_comment(tmp_path: Path) -> None:
    root = tmp_path / "series"
    (root / "episodes/characters/alpha").mkdir(parents=True)
    for name, text in {
        "series.yaml": SERIES,
        "001.episode.yaml": SPEC,
        "characters/alpha/character.yaml": "episodec: 1\n",
    }.items():
        (root / "episodes" / name).write_text(text)
    git(root, "init", "-q")
    for title in ("First", "Second"):
        git(root, "add", "-A")
        git(root, "commit", "-q", "-m", title, "--allow-empty")
        replaced(root, EPISODE, ("aloud", "softly")) if title == "First" else None
    programs(tmp_path)
    base = subprocess.run(
        ["git", "-C", root, "rev-parse", "HEAD~1"], capture_output=True, text=True, check=True
    ).stdout.strip()
    done = ran(named("action.yml", "Compare"), tmp_path, root, BASE=base, DIRECTORY=".")
    assert done.returncode == 0, done.stderr
    assert "::notice file=episodes/001.episode.yaml,line=4," in done.stdout
    comment = (tmp_path / "episodec-diff/comment.md").read_text()
    assert comment.startswith(HEAD)
    assert "`Nobody reads it [-aloud.-] {+softly.+}`" in comment
    assert comment in (tmp_path / "github_step_summary").read_text()
    assert json.loads((tmp_path / "episodec-diff/diff.json").read_text())["answer"] == "diff"
    assert ran(named("action.yml", "Validate"), tmp_path, root, DIRECTORY=".").returncode == 0
    assert not (root / "dist").exists()


def test_nothing_is_built_unless_it_is_asked_for() -> None:
    assert loaded("action.yml")["inputs"]["build"]["default"] == "false"
    assert [
        step["if"] for step in steps("action.yml") if "build" in str(step.get("run", "")) or "dist" in str(step)
    ] == ["inputs.build == 'true'"] * 2


@pytest.mark.parametrize("name", ["action.yml", "examples/github/pull_request.yml", "examples/github/workflow_run.yml"])
def test_no_step_pastes_what_others_write_into_a_program(name: str) -> None:
    assert [step["run"] for step in steps(name) if "${{" in step.get("run", "")] == []


def test_a_pull_request_may_only_be_read() -> None:
    workflow = loaded("examples/github/pull_request.yml")
    assert workflow["permissions"] == {"contents": "read"}
    assert "secrets" not in Path(ROOT, "examples/github/pull_request.yml").read_text().replace("no\n# secrets", "")
    (checkout, _) = steps("examples/github/pull_request.yml")
    assert checkout["with"]["persist-credentials"] is False


def test_who_may_comment_checks_out_nothing() -> None:
    name = "examples/github/workflow_run.yml"
    assert [step for step in steps(name) if "uses" in step] == []
    assert loaded(name)["permissions"] == {"actions": "read", "pull-requests": "write"}


def commented(
    tmp_path: Path, files: Mapping[str, bytes], *, number: str = "12", comment: str = "", mode: int = 0o100644
) -> str:
    """The requests of the second workflow to GitHub with this artifact, and its message where it stopped."""
    artifact = tmp_path / "made.zip"
    with zipfile.ZipFile(artifact, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            member = zipfile.ZipInfo(name)
            member.external_attr = mode << 16
            archive.writestr(member, content)
    programs(tmp_path)
    more = {"REPOSITORY": "o/r", "FOLDER": str(tmp_path / "folder"), "RUN": "5", "ARTIFACT": str(artifact)}
    more |= {"NUMBER": number, "COMMENT": comment, "HEAD_OWNER": "x", "HEAD_BRANCH": "a;b", "HEAD_SHA": "c" * 40}
    for step in steps("examples/github/workflow_run.yml"):
        done = ran(step, tmp_path, tmp_path, **more)
        if done.returncode:
            return done.stderr.strip().splitlines()[-1]
    return (tmp_path / "calls").read_text().splitlines()[-1].replace(str(tmp_path), "")


def test_a_comment_is_made_or_renewed(tmp_path: Path) -> None:
    calls = commented(tmp_path, {"comment.md": f"{HEAD}\nWords.\n".encode(), "diff.json": b"{}"})
    assert calls == "api --method POST repos/o/r/issues/12/comments -F body=@/folder/body.md --silent"
    assert (tmp_path / "folder/body.md").read_text() == f"{HEAD}\nWords.\n"


def test_the_comment_that_is_there_is_renewed(tmp_path: Path) -> None:
    calls = commented(tmp_path, {"comment.md": HEAD.encode()}, comment="99")
    assert calls == "api --method PATCH repos/o/r/issues/comments/99 -F body=@/folder/body.md --silent"


def test_without_an_open_pull_request_nobody_is_told(tmp_path: Path) -> None:
    assert re.match(
        "api --method GET repos/o/r/pulls", commented(tmp_path, {"comment.md": HEAD.encode()}, number="null")
    )


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"../comment.md": HEAD.encode()},
        {"comment.md": b"Anything else."},
        {"comment.md": HEAD.encode() + b"x" * 70_000},
        {"comment.md": HEAD.encode() + b"\xff"},
    ],
)
def test_what_is_no_comment_of_ours_is_refused(files: Mapping[str, bytes], tmp_path: Path) -> None:
    assert not commented(tmp_path, files).startswith("api")
    assert not (tmp_path / "folder/body.md").exists()


def test_a_link_in_an_artifact_is_refused(tmp_path: Path) -> None:
    assert not commented(tmp_path, {"comment.md": HEAD.encode()}, mode=0o120777).startswith("api")


def test_hooks_of_pre_commit_start_commands_of_ours_on_files_of_the_language() -> None:
    hooks = {one["id"]: one for one in loaded(".pre-commit-hooks.yaml")}
    assert set(hooks) == {"episodec-validate", "episodec-fmt", "episodec-diff"}
    assert {one["entry"].split()[1] for one in hooks.values()} <= set(COMMANDS)
    pattern = hooks["episodec-fmt"]["files"]
    named = ("episodes/072-alpha.episode.yaml", "series.yaml", "episodes/characters/alpha/character.yaml")
    assert all(re.search(pattern, name) for name in named)
    assert not re.search(pattern, "episodes/miniseries.yaml")
