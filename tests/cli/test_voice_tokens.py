"""`episodec voice-ref encode` and `episodec inspect`, with a stand-in for Fish Speech's codec."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.cli.command import episodec
from tests.standins.places import fish

REPOSITORY = Path(__file__).parents[2]


def bare(folder: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    """With no more than a plain environment has."""
    script = "import sys; from episodec.cli import main; raise SystemExit(main(sys.argv[1:]))"
    environment = {
        "HOME": str(folder),
        "PATH": "/usr/bin:/bin",
        "PYTHONPATH": str(REPOSITORY),
        "EPISODEC_ACCEPT_SETTINGS": "1",
    }
    command = [sys.executable, "-c", script, *words]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def series(tmp_path: Path) -> Path:
    settings = "".join(f"    {name}: {value}\n" for name, value in fish(tmp_path / "fish").items())
    (tmp_path / "episodec.local.yaml").write_text(f"episodec: 1\nbackends:\n  fish-speech:\n{settings}")
    soundfile.write(tmp_path / "ref.wav", 0.3 * np.sin(np.arange(480_000) / 20), 48_000)
    return tmp_path


def test_a_recording_becomes_tokens_that_can_be_looked_at(series: Path) -> None:
    built = bare(series, "voice-ref", "encode", "ref.wav", "-o", "ref_alpha.npy")
    assert (built.returncode, built.stderr) == (0, "")
    assert "8 codebooks, 215 tokens each, int32" in built.stdout
    visible = bare(series, "inspect", "ref_alpha.npy", "--picture", "heat.png")
    assert (visible.returncode, visible.stdout) == (0, built.stdout)
    assert (series / "heat.png").read_bytes().startswith(b"\x89PNG")


def test_tokens_that_are_there_are_replaced_only_when_it_is_said(series: Path) -> None:
    (series / "ref.npy").write_bytes(b"mine")
    refused = episodec(series, "voice-ref", "encode", "ref.wav")
    assert (refused.returncode, (series / "ref.npy").read_bytes()) == (2, b"mine")
    assert episodec(series, "voice-ref", "encode", "ref.wav", "--force").returncode == 0
    assert np.load(series / "ref.npy").shape == (8, 215)


@pytest.mark.parametrize(
    ("words", "code", "given"),
    [
        (("inspect", "bad.npy"), 1, "not a valid .npy file of voice tokens"),
        (("inspect", "missing.npy"), 1, "cannot be read"),
        (("inspect", "ref.wav"), 2, "file of voice tokens"),
        (("voice-ref", "encode", "missing.wav"), 1, "not a supported sound file"),
        (("voice-ref", "encode", "ref.wav", "-o", "x.wav"), 2, "written to a .npy file"),
    ],
)
def test_what_is_wrong_is_told_in_a_sentence(series: Path, words: tuple[str, ...], code: int, given: str) -> None:
    (series / "bad.npy").write_text("abc")
    ended = episodec(series, *words)
    assert (ended.returncode, ended.stdout) == (code, "")
    assert given in ended.stderr


@pytest.mark.parametrize(
    ("picture", "given"),
    [
        ("no/such/heat.png", "this file cannot be written"),
        ("folder.png", "this file cannot be written"),
        ("heat.jpg", "the picture's name must end in .png"),
    ],
)
def test_a_picture_that_cannot_be_written_is_told(series: Path, picture: str, given: str) -> None:
    np.save(series / "ref_alpha.npy", np.zeros((8, 300), np.int32))
    (series / "folder.png").mkdir()
    ended = episodec(series, "inspect", "ref_alpha.npy", "--picture", picture)
    assert ended.returncode == 2
    assert f"error: {given}" in ended.stderr


def test_without_settings_it_says_which(tmp_path: Path) -> None:
    ended = episodec(tmp_path, "voice-ref", "encode", "ref.wav")
    assert ended.returncode == 1
    assert "python" in ended.stderr
