"""The dependents of a file that is reached in unusual ways."""

import re
import shlex
from pathlib import Path

import pytest

from tests.builds.studio import Studio, in_this_process
from tests.cli import toy as toys
from tests.cli.command import here, toy


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio(tmp_path).start()


def test_a_file_that_is_not_there_is_not_said_to_be_harmless(studio: Studio) -> None:
    process = toy(studio, "impact", "episodes/nope")
    assert (process.returncode, process.stdout) == (2, "")
    assert "there is no such file" in process.stderr


def test_a_file_that_would_be_read_if_it_came_is_answered(studio: Studio) -> None:
    process = toy(studio, "impact", "episodes/characters/alpha/alpha-ref.png")
    assert process.returncode == 0
    assert "2 episodes check it" in process.stdout


def test_a_link_is_answered_as_what_it_leads_to(studio: Studio) -> None:
    (studio.root / "link.yaml").symlink_to("episodes/001.episode.yaml")
    process = toy(studio, "impact", "link.yaml")
    assert process.stdout.startswith("episodes/001.episode.yaml: when it changes, 3 actions may run in 1 episode")


@pytest.mark.parametrize(
    ("folder", "target"),
    [
        (".", "episodes/series.yaml"),
        (".", "episodes/characters/alpha/character.yaml"),
        (".", "episodes/a b.yaml"),
        ("episodes", "series.yaml"),
        ("episodes/characters", "../series.yaml"),
        ("episodes/characters", "alpha/character.yaml"),
    ],
)
def test_the_question_that_is_advised_can_be_asked_as_it_is_printed(studio: Studio, folder: str, target: str) -> None:
    studio.write("episodes/a b.yaml", "words: {}\n")
    output = here(studio.root / folder, lambda: toys.main(["validate", target], in_this_process), {})
    assert output.returncode == 2
    (advised,) = re.findall(r"`episodec (.*)`", output.stderr)
    assert shlex.split(advised) == ["impact", target]
    asked = here(studio.root / folder, lambda: toys.main(shlex.split(advised), in_this_process), {})
    assert (asked.returncode, asked.stderr) == (0, "")
