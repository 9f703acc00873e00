"""README's first episode, followed word for word in an empty folder: what it shows is what happens. UPDATE_GOLDEN=1
writes it anew.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from episodec.spec.schema import Kind, violations
from tests.builds.portraits import smaller
from tests.builds.studio import ROOT
from tests.cli.command import environment, episodec, timeless
from tests.project.test_git import git
from tests.spec.specs import LANGUAGE, document

README = Path(ROOT, "README.md")
SECTION = re.compile(r"## Write your first episode\n.*?(?=\n## )", re.DOTALL)
BLOCK = re.compile(r"```console\n(.*?)```", re.DOTALL)


def section() -> str:
    tree = SECTION.search(README.read_text())
    assert tree is not None
    return tree[0]


def commands(transcript: str) -> list[str]:
    return [line.removeprefix("$ ") for line in transcript.splitlines() if line.startswith("$ ")]


def compared(transcript: str) -> list[list[str]]:
    """The output of each command, without durations and heartbeats; actions that run in parallel end in any order."""
    text = timeless(
        re.sub(r"\b\d+ min (?=\d\d s\b)", "", re.sub(r"^at work · .*\n", "", transcript, flags=re.MULTILINE))
    )
    pieces = [piece.splitlines() for piece in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]]
    return [[command, *sorted(" ".join(line.split()) for line in lines)] for command, *lines in pieces]


DIFF = re.compile(r"## What an edit changes, before it is built\n.*?(?=\n## )", re.DOTALL)


def test_the_diff_is_as_the_readme_shows(tmp_path: Path) -> None:
    """In a checkout of the shipped series."""
    block = DIFF.search(README.read_text())
    assert block is not None
    (transcript,) = BLOCK.findall(block[0])
    root = tmp_path / "series"
    shutil.copytree(Path(ROOT, "episodes"), root / "episodes")
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "First"]):
        git(root, *words)
    output = ""
    for command in commands(transcript):
        output += f"$ {command}\n"
        if command.startswith("episodec "):
            output += episodec(root, *command.split()[1:]).stdout
        else:
            subprocess.run(["sh", "-c", command], cwd=root, check=True)
    if os.environ.get("UPDATE_GOLDEN"):
        README.write_text(README.read_text().replace(transcript, output))
        transcript = output
    assert timeless(output) == timeless(transcript)


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """The empty folder afterwards, and the transcripts of the section's blocks as they came out."""
    place = tmp_path_factory.mktemp("reader")
    home, folder, programs = place / "home", place / "home/first", place / "programs"
    folder.mkdir(parents=True)
    programs.mkdir()
    with Image.open(Path(ROOT, "episodes/characters/alpha/alpha-ref.png")) as portrait:
        smaller(portrait).save(home / "portrait.png")
    (programs / "episodec").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m episodec "$@"\n')
    (programs / "episodec").chmod(0o755)
    where = {**environment(place), "HOME": str(home), "PATH": f"{programs}:{os.environ['PATH']}"}
    transcripts = []
    for block in BLOCK.findall(section()):
        messages = ""
        for command in commands(block):
            ran = subprocess.run(
                ["bash", "-c", f"{command} 2>&1"],
                cwd=folder,
                env=where,
                stdout=subprocess.PIPE,
                text=True,
                check=False,
                timeout=200,
            )
            assert ran.returncode == 0, ran.stdout
            messages += f"$ {command}\n{ran.stdout}"
        transcripts.append(messages)
    return folder, transcripts


def test_the_first_episode_comes_out_as_the_readme_shows(followed: tuple[Path, list[str]]) -> None:
    _, transcripts = followed
    if os.environ.get("UPDATE_GOLDEN"):
        waiting = iter(transcripts)
        written = BLOCK.sub(lambda _: f"```console\n{next(waiting)}```", section())
        README.write_text(SECTION.sub(lambda _: written, README.read_text()))
    blocks = BLOCK.findall(section())
    assert len(blocks) >= 2
    assert [compared(block) for block in blocks] == [compared(one) for one in transcripts]


def test_the_first_episode_is_there_with_all_that_the_readme_promises(followed: tuple[Path, list[str]]) -> None:
    folder, transcripts = followed
    assert (folder / "dist/video/alpha_s01_episode1.mp4").stat().st_size > 50_000
    assert "Here I am, with a voice and a face." in (folder / "dist/captions/alpha_s01_episode1.vtt").read_text()
    first, again = (set(re.findall(r"^made +(\S+)", one, re.MULTILINE)) for one in transcripts)
    rendered = [{name for name in names if "/render/" in name} for names in (first, again)]
    assert rendered[1] < rendered[0], "chunks with the same face are not rendered again"
    assert not {"alpha/scene/relief", "alpha/rig/scene/relief", "s01-001/foley"} & again
    visible = "film    dist/video/alpha_s01_episode1.mp4\npage    dist/index.html\n"
    assert transcripts[1].endswith(f"1 episode: all current\n{visible}")


def test_every_file_that_the_readme_links_to_is_there() -> None:
    targets = re.findall(r"\]\((?!https?:)([^)#]+)\)", README.read_text())
    assert targets
    assert [target for target in targets if not Path(ROOT, target).exists()] == []


def test_every_yaml_that_the_readme_shows_is_of_the_language() -> None:
    marks: dict[str, Kind] = {"number:": "episode", "profiles:": "series", "scene:": "character", "gpus:": "local"}
    blocks = re.findall(r"```yaml\n(.*?)```", README.read_text(), re.DOTALL)
    assert len(blocks) == len(marks)
    for mark, kind in marks.items():
        (block,) = [block for block in blocks if re.search(rf"^{mark}", block, re.MULTILINE)]
        head = "episodec: 1\ntitle: Alpha\n" if kind == "series" else ""  # An excerpt.
        assert violations(document(head + block), kind, LANGUAGE) == []
