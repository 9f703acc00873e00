"""`build --only`: some stages of an episode, by the same judge; nothing is published and no trace is recorded."""

from pathlib import Path

import pytest

from tests.builds.studio import Studio
from tests.cli.command import timeless, toy


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio(tmp_path / "series").start(2)


def made_actions(stderr: str) -> list[str]:
    return sorted(line.split()[1] for line in stderr.splitlines() if line.startswith("made"))


def test_a_stage_is_made_alone_and_nothing_is_published(studio: Studio) -> None:
    ran = toy(studio, "build", "1", "--only", "voice")
    assert (ran.returncode, made_actions(ran.stderr)) == (0, ["d13-001/voice"])
    assert timeless(ran.stdout) == "1 action made, 0 reused · T · no episode is published\n"
    assert not (studio.root / "dist").exists()
    whole = toy(studio, "build", "1")
    assert made_actions(whole.stderr) == ["d13-001/foley", "d13-001/video"]
    assert "2 actions made, 1 reused" in whole.stdout


def test_several_stages_of_all_episodes(studio: Studio) -> None:
    ran = toy(studio, "build", "--only", "voice", "--only", "foley")
    assert made_actions(ran.stderr) == [f"d13-00{number}/{stage}" for number in (1, 2) for stage in ("foley", "voice")]


@pytest.mark.parametrize("name", ["d13-002/voice", "d13-2/voice", "voice"])
def test_an_action_is_named_with_its_episode_or_without(studio: Studio, name: str) -> None:
    assert made_actions(toy(studio, "build", "2", "--only", name).stderr) == ["d13-002/voice"]


def test_a_partial_build_of_what_stands_reuses_it_and_the_episode_stands_still(studio: Studio) -> None:
    toy(studio, "build")
    assert "0 actions made, 1 reused" in toy(studio, "build", "1", "--only", "voice").stdout
    assert toy(studio, "build").stdout.startswith("2 episodes: all current\n")


def test_an_edit_that_was_built_in_part_is_published_by_the_next_build(studio: Studio) -> None:
    toy(studio, "build")
    before = studio.dist()
    studio.episode(1, text="Other words.")
    assert made_actions(toy(studio, "build", "1", "--only", "voice").stderr) == ["d13-001/voice"]
    assert studio.dist() == before
    assert toy(studio, "status").stdout.startswith("changed  episodes/001.episode.yaml")
    assert timeless(toy(studio, "build").stdout).startswith("2 episodes: 1 built, 1 current · 0 actions made, 3 reused")
    assert studio.dist() != before


@pytest.mark.parametrize("command", ["build", "plan"])
@pytest.mark.parametrize(
    ("name", "sentence", "hint"),
    [
        ("voce", "the chosen episode has no stage `voce`", "did you mean `voice`? there are: voice, foley, video"),
        ("zzz", "the chosen episode has no stage `zzz`", "there are: voice, foley, video"),
        ("voice/7", "no action of this stage has this name", "there are: voice"),
    ],
)
def test_what_the_episode_does_not_have_is_refused(
    studio: Studio, command: str, name: str, sentence: str, hint: str
) -> None:
    ran = toy(studio, command, "1", "--only", name)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr == f"error: {sentence}\n  given  --only {name}\n  help: {hint}\n"


def test_plan_tells_what_the_part_would_make(studio: Studio) -> None:
    ran = toy(studio, "plan", "1", "--only", "voice")
    assert timeless(ran.stdout) == (
        "episodes/001.episode.yaml · alpha_d13_episode1\n"
        "  make     d13-001/voice    never made\n"
        "a part, of which 0 in the cache: 1 action to make · no episode is published\n"
    )
    assert toy(studio, "build", "1", "--only", "voice", "-n").stdout == ran.stdout


@pytest.mark.parametrize(
    "words",
    [("--only", "voice", "--frames", "1-2"), ("--frames", "5-5"), ("--frames", "x"), ("--only", "voice", "--check")],
)
def test_what_cannot_be_asked_is_refused(studio: Studio, words: tuple[str, ...]) -> None:
    assert toy(studio, "build", "1", *words).returncode == 2


def test_a_part_that_fails_says_so(studio: Studio) -> None:
    ran = toy(studio, "build", "1", "--only", "voice", "--backend", "voice=fail")
    assert ran.returncode == 1
    assert "0 actions made, 0 reused, 1 failed" in ran.stdout


@pytest.mark.parametrize("option", [("--remake", "mix"), ("--backend", "mix=say")])
@pytest.mark.parametrize("command", ["build", "plan"])
def test_an_option_for_a_stage_that_no_episode_has_is_refused(
    studio: Studio, command: str, option: tuple[str, str]
) -> None:
    toy(studio, "build")
    ran = toy(studio, command, *option)
    assert ran.returncode == 2
    assert "no chosen episode has a stage `mix`" in ran.stderr
    assert "there are: voice, foley, video" in ran.stderr
