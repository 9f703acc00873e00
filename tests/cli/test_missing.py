"""A production build without its systems: all that is missing is named at once; a file of settings can be written."""

import re
from pathlib import Path

import pytest

from tests.cli.command import episodec

SERIES = """\
episodec: 1
title: Alpha
season: d13
character: alpha
language: en
disclosure: Synthetic.
profile: production
profiles:
  draft: {backends: {voice: espeak, foley: procedural}}
  production: {backends: {voice: fish-speech, foley: hunyuan-foley}}
"""
SPEC = "episodec: 1\nnumber: 1\ntitle: T\nvoice: {text: One.}\nfoley: {prompt: rain}\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    files = {"series.yaml": SERIES, "001.episode.yaml": SPEC, "characters/alpha/character.yaml": "episodec: 1\n"}
    for name, text in files.items():
        path = tmp_path / "series/episodes" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    voice = tmp_path / "series/episodes/characters/alpha/character.yaml"
    voice.write_text("episodec: 1\nvoice: {transcript: Hello.}\n")
    return tmp_path / "series"


def test_a_build_names_all_systems_all_their_settings_and_their_licences(root: Path) -> None:
    ran = episodec(root, "build")
    assert ran.returncode == 1
    lines = {line.split()[0]: line for line in ran.stderr.splitlines() if line.startswith("  ")}
    assert "python, repo, checkpoints" in lines["fish-speech"]
    assert "CC-BY-NC-SA" in lines["fish-speech"]
    assert "python, repo, checkpoints, hub" in lines["hunyuan-foley"]
    assert "Tencent" in lines["hunyuan-foley"]
    assert "doctor --write-local" in lines["help:"]
    assert not re.search(r"^(start|made) ", ran.stderr, re.MULTILINE)


def test_doctor_says_what_the_built_profile_lacks_and_is_content_with_another(root: Path) -> None:
    ran = episodec(root, "doctor")
    assert ran.returncode == 1
    assert re.search(r"profile production +2 of 2 systems not set up", ran.stdout)
    assert "settings: python, repo, checkpoints" in ran.stdout
    assert episodec(root, "doctor", "--profile", "draft").returncode == 0


def test_settings_to_fill_in_are_written_once(root: Path) -> None:
    ran = episodec(root, "doctor", "--write-local")
    path = root / "episodec.local.yaml"
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout == f"wrote {path}: fish-speech, hunyuan-foley\n"
    text = path.read_text()
    assert "#   fish-speech:  # Fish Speech 1.5:" in text
    assert "#     repo: " in text
    assert episodec(root, "doctor", "--profile", "draft").returncode == 0
    again = episodec(root, "doctor", "--write-local")
    assert (again.returncode, again.stdout, path.read_text()) == (1, "", text)
    assert "there already is a file of settings" in again.stderr
