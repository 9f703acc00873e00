"""A build ends with where the films are, on the fast way and on the long one."""

import subprocess
import sys
from pathlib import Path

import pytest

from episodec.cli.results import knows_links, lines, linked
from tests.builds import paged
from tests.builds.studio import Studio
from tests.cli.command import environment, toy

FILMS = "film    dist/video/alpha_d13_episode1.mp4\nfilm    dist/video/alpha_d13_episode2.mp4\n"


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio(tmp_path / "series").start(2)


def fast(where: Path) -> str:
    """The output of a process that has nothing to do."""
    command = [sys.executable, "-m", "episodec", "build"]
    ran = subprocess.run(command, cwd=where, env=environment(where), capture_output=True, text=True, check=True)
    return ran.stdout


def test_a_build_names_the_films_of_its_episodes(studio: Studio) -> None:
    assert toy(studio, "build").stdout.partition("\n")[2] == FILMS
    assert fast(studio.root) == f"2 episodes: all current\n{FILMS}"
    assert toy(studio, "build", "-q").stdout == ""


def test_films_are_named_in_a_folder_whose_name_is_no_plain_address(tmp_path: Path) -> None:
    studio = Studio(tmp_path / "a #1 50%25?mode=x").start(2)
    assert toy(studio, "build").stdout.partition("\n")[2] == FILMS
    assert fast(studio.root) == f"2 episodes: all current\n{FILMS}"


def test_a_build_of_one_episode_names_its_film_alone(studio: Studio) -> None:
    assert toy(studio, "build", "2").stdout.partition("\n")[2] == FILMS.splitlines(keepends=True)[1]


def test_paths_are_those_from_where_one_stands(studio: Studio) -> None:
    toy(studio, "build")
    assert "film    ../dist/video/alpha_d13_episode1.mp4\n" in fast(studio.root / "episodes")


def test_an_episode_without_a_picture_is_heard(studio: Studio) -> None:
    studio.write("episodes/001.episode.yaml", "episodec: 1\nnumber: 1\ntitle: T\nvoice: {text: Words.}\n")
    visible = "sound   dist/static/audio/alpha_d13_episode1_voice.wav"
    assert toy(studio, "build", "1").stdout.splitlines()[1:] == [visible]


def test_what_failed_is_not_shown(studio: Studio) -> None:
    ran = toy(studio, "build", "--backend", "voice=fail")
    assert (ran.returncode, len(ran.stdout.splitlines())) == (1, 1)


def test_of_many_the_folder_is_named(studio: Studio) -> None:
    for number in range(3, 9):
        studio.episode(number)
    assert toy(studio, "build").stdout.splitlines()[1:] == ["films   dist/video/"]
    assert fast(studio.root) == "8 episodes: all current\nfilms   dist/video/\n"


def test_the_page_is_named_where_there_is_one(tmp_path: Path) -> None:
    studio = Studio(tmp_path / "series", paged.BACKENDS, lower=paged.lower).start(1)
    studio.environment = environment(studio.root)
    studio.build()
    visible = ["film    dist/video/alpha_d13_episode1.mp4", "page    dist/index.html"]
    assert fast(studio.root).splitlines()[1:] == visible


@pytest.mark.parametrize(
    ("given", "knows"),
    [
        ({}, False),
        ({"TERM": "xterm-256color"}, False),
        ({"TERM": "xterm-kitty"}, True),
        ({"TERM_PROGRAM": "vscode", "TERM": "xterm"}, True),
        ({"TERM_PROGRAM": "vscode", "TERM": "dumb"}, False),
        ({"TERM_PROGRAM": "Apple_Terminal"}, False),
        ({"VTE_VERSION": "4999"}, False),
        ({"VTE_VERSION": "7600"}, True),
        ({"WT_SESSION": "1"}, True),
    ],
)
def test_links_are_for_terminals_that_show_them(given: dict[str, str], knows: object) -> None:
    assert knows_links(given) is knows


def test_a_link_names_the_file_by_its_whole_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    address = f"file://{tmp_path.resolve()}/a%20b%23%D0%B6.mp4"
    assert linked("a b#ж.mp4") == f"\x1b]8;;{address}\x1b\\a b#ж.mp4\x1b]8;;\x1b\\"
    assert lines(["a\x1b.mp4"], has_links=False) == ["film    a\\x1b.mp4"]
