"""Specs whose files have another ending than specs have: they are told, and what they delivered stays."""

from pathlib import Path

import pytest

from tests.builds.studio import Studio
from tests.cli.command import episodec, toy


def renamed(studio: Studio, number: int, name: str) -> Path:
    """An episode's spec under another name in its series."""
    return (studio.root / f"episodes/{number:03}.episode.yaml").rename(studio.root / f"episodes/{name}")


@pytest.mark.parametrize(
    ("name", "better"),
    [
        ("001.yaml", "001.episode.yaml"),
        ("001.yml", "001.episode.yaml"),
        ("001.episode.yml", "001.episode.yaml"),
        ("001.Episode.yaml", "001.episode.yaml"),
        ("001.episode.YAML", "001.episode.yaml"),
        ("001-episode.yaml", "001-episode.episode.yaml"),
        ("characters/001.yaml", "001.episode.yaml"),
    ],
)
@pytest.mark.parametrize("episodes", [1, 2])
def test_a_misnamed_spec_is_an_error_and_nothing_is_removed_or_built(
    name: str, better: str, episodes: int, tmp_path: Path
) -> None:
    studio = Studio(tmp_path).start(episodes)
    assert studio.build().exit_code == 0
    before = studio.dist()
    renamed(studio, 1, name)
    studio.episode(3)
    outcome = studio.build()
    assert (outcome.exit_code, outcome.published, outcome.made_count, studio.ran()) == (1, 0, 0, set())
    (actual,) = outcome.diagnostics
    assert (actual.code, actual.path) == ("F423", f"episodes/{name}")
    assert (actual.message, actual.help) == ("a spec's name ends in .episode.yaml", f"name it {better}")
    assert actual.span is not None
    assert actual.span.line == 1
    assert studio.dist() == before
    for command in ("validate", "plan", "status", "build -n"):
        process = toy(studio, *command.split())
        assert "error[F423]" in process.stdout + process.stderr, command
        assert process.returncode == 1, command


def test_no_command_says_that_all_is_current_beside_a_misnamed_spec(tmp_path: Path) -> None:
    studio = Studio(tmp_path).start(2)
    assert toy(studio, "build").returncode == 0
    (studio.root / "episodes/003.yaml").write_text(studio.episode(3).read_text())
    (studio.root / "episodes/003.episode.yaml").unlink()
    for command in ("build", "plan", "status"):
        process = episodec(studio.root, command)
        assert "F423" in process.stdout + process.stderr, command
        assert process.returncode == 1, command
        assert "all current" not in process.stdout, command


def test_a_misnamed_spec_that_is_asked_for_is_told_its_right_name(tmp_path: Path) -> None:
    studio = Studio(tmp_path).start(2)
    renamed(studio, 1, "001.yaml")
    for command in ("build", "plan", "status", "validate"):
        ran = toy(studio, command, "episodes/001.yaml")
        assert ran.returncode == 2
        assert "error: this spec has a name that specs do not have\n" in ran.stderr
        assert "help: name it 001.episode.yaml: `mv episodes/001.yaml episodes/001.episode.yaml`" in ran.stderr
    other = toy(studio, "build", "episodes/series.yaml")
    assert "error: this file is not an episode's spec\n" in other.stderr


def test_the_others_are_built_with_k_and_what_the_misnamed_one_delivered_stays(tmp_path: Path) -> None:
    studio = Studio(tmp_path).start(2)
    assert studio.build().exit_code == 0
    renamed(studio, 1, "001.yaml")
    studio.episode(2, text="Other words.")
    planned = toy(studio, "plan")
    assert "alpha_d13_episode1.mp4" not in planned.stdout
    before = studio.dist()
    outcome = studio.build(keep_going=True)
    assert (outcome.exit_code, outcome.published, studio.codes(outcome)) == (3, 1, ["F423"])
    after = studio.dist()
    assert after.keys() == before.keys()
    assert after["video/alpha_d13_episode1.mp4"] == before["video/alpha_d13_episode1.mp4"]
    renamed(studio, 2, "002.yml")  # All are misnamed: nothing is left to be built.
    assert studio.codes(studio.build(keep_going=True)) == ["F423", "F423"]
    assert studio.dist() == after
    (studio.root / "episodes/001.yaml").unlink()
    (studio.root / "episodes/002.yml").rename(studio.root / "episodes/002.episode.yaml")
    assert studio.build().exit_code == 0
    assert "video/alpha_d13_episode1.mp4" not in studio.dist()


def test_status_tells_errors_that_are_in_no_spec(tmp_path: Path) -> None:
    studio = Studio(tmp_path).start(1)
    studio.write("episodes/series.yaml", "episodec: 1\ntitle: [\n")
    process = toy(studio, "status")
    assert process.returncode == 1
    assert "episodes/series.yaml" in process.stderr


def test_a_misnamed_spec_that_is_no_sound_yaml_is_one_all_the_same(tmp_path: Path) -> None:
    studio = Studio(tmp_path).start(1)
    studio.write("episodes/002.yaml", "episodec: 1\nnumber: 2\ntitle: [\n")
    assert studio.codes(studio.build()) == ["F423"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("lexicon.yaml", "words: {a: b}\n"),
        ("words.yml", "- episodec: 1\n"),
        ("broken.yaml", "a: [\n"),
        ("series.yml", "episodec: 1\ntitle: Alpha\n"),
        ("old-series.yaml", "episodec: 1\ntitle: Alpha\nprofiles: {}\n"),
        ("characters/alpha/character.yml", "episodec: 1\ntitle: Alpha\n"),
        ("characters/alpha/other.yaml", "episodec: 1\nportrait: {file: a.png}\n"),
        ("episodec.local.yaml", "episodec: 1\n"),
        ("machine.yaml", "episodec: 1\njobs: 2\n"),
        (".001.yaml", "episodec: 1\nnumber: 1\ntitle: A\n"),
        ("001.episode.yaml.orig", "episodec: 1\nnumber: 1\ntitle: A\n"),
        ("more/series.yaml", "episodec: 1\ntitle: Alpha\n"),
        ("more/002.yaml/readme", "episodec: 1\n"),
    ],
)
def test_other_files_are_no_misnamed_specs(name: str, text: str, tmp_path: Path) -> None:
    studio = Studio(tmp_path).start(1)
    studio.write(f"episodes/{name}", text)
    for current in (0, 1):
        outcome = studio.build()
        assert (outcome.exit_code, studio.codes(outcome), outcome.current) == (0, [], current)
