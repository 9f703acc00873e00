"""What hangs on a file that is reached in unusual ways."""

from pathlib import Path

import pytest

from tests.builds.studio import Studio
from tests.cli.command import toy


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio(tmp_path).start()


def test_a_file_that_is_not_there_is_not_said_to_be_harmless(studio: Studio) -> None:
    said = toy(studio, "impact", "episodes/nope")
    assert (said.returncode, said.stdout) == (2, "")
    assert "there is no such file" in said.stderr


def test_a_file_that_would_be_read_if_it_came_is_answered(studio: Studio) -> None:
    said = toy(studio, "impact", "episodes/characters/alpha/alpha-ref.png")
    assert said.returncode == 0
    assert "2 episodes check it" in said.stdout


def test_a_link_is_answered_as_what_it_leads_to(studio: Studio) -> None:
    (studio.root / "link.yaml").symlink_to("episodes/001.episode.yaml")
    said = toy(studio, "impact", "link.yaml")
    assert said.stdout.startswith("episodes/001.episode.yaml: when it changes, 3 actions may run in 1 episode")
