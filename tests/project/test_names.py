"""Specs and characters that cannot be read stop nobody else's."""

import os
from pathlib import Path

from episodec.project.references import is_missing
from tests.builds.studio import Studio
from tests.cli.command import toy


def test_a_spec_whose_name_is_not_text_is_refused_and_the_others_go_on(tmp_path: Path) -> None:
    studio = Studio(tmp_path).start(1)
    (studio.root / "episodes" / os.fsdecode(b"\xff.episode.yaml")).write_text("episodec: 1\n")
    for _ in range(2):
        said = toy(studio, "build", "-k")
        assert said.returncode == 3, said.stderr
        assert "error[F403]: the file's name is not UTF-8 text" in said.stderr
    for command in ("validate", "plan", "status"):
        said = toy(studio, command)
        assert said.returncode in (0, 1), said.stderr
        assert "F403" in said.stdout + said.stderr
    assert (studio.root / "dist/video/alpha_d13_episode1.mp4").exists()


def test_what_cannot_be_looked_at_is_not_said_to_be_missing(tmp_path: Path) -> None:
    (tmp_path / "alpha").symlink_to("alpha")  # Round in a circle: as without the right to look, whoever runs this.
    (tmp_path / "file").touch()
    assert not is_missing(str(tmp_path / "alpha/character.yaml"))
    assert is_missing(str(tmp_path / "beta/character.yaml"))
    assert is_missing(str(tmp_path / "file/character.yaml"))
