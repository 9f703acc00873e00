"""Specs and characters that cannot be read stop nobody else's."""

import os
import unicodedata
from pathlib import Path

import pytest

from episodec.project.references import is_missing
from tests.builds.studio import Studio
from tests.cli.command import toy


def test_a_spec_whose_name_is_not_text_is_refused_and_the_others_go_on(tmp_path: Path) -> None:
    studio = Studio(tmp_path).start(1)
    (studio.root / "episodes" / os.fsdecode(b"\xff.episode.yaml")).write_text("episodec: 1\n")
    for _ in range(2):
        process = toy(studio, "build", "-k")
        assert process.returncode == 3, process.stderr
        assert "error[F403]: the file's name is not UTF-8 text" in process.stderr
    for command in ("validate", "plan", "status"):
        process = toy(studio, command)
        assert process.returncode in (0, 1), process.stderr
        assert "F403" in process.stdout + process.stderr
    assert (studio.root / "dist/video/alpha_d13_episode1.mp4").exists()


def test_what_cannot_be_looked_at_is_not_said_to_be_missing(tmp_path: Path) -> None:
    (tmp_path / "alpha").symlink_to("alpha")  # Round in a circle: as without the right to look, whoever runs this.
    (tmp_path / "file").touch()
    assert not is_missing(str(tmp_path / "alpha/character.yaml"))
    assert is_missing(str(tmp_path / "beta/character.yaml"))
    assert is_missing(str(tmp_path / "file/character.yaml"))


NFD = unicodedata.normalize("NFD", "épisode")


@pytest.mark.parametrize(
    ("names", "how"),
    [
        (("a.episode.yaml", "A.episode.yaml"), "in case"),
        (("part/a.episode.yaml", "Part/a.episode.yaml"), "in case"),
        (("я.episode.yaml", "Я.episode.yaml"), "in case"),
        (("épisode.episode.yaml", f"{NFD}.episode.yaml"), "in Unicode normalisation"),
        (("Épisode.episode.yaml", f"{NFD}.episode.yaml"), "in case"),
    ],
)
def test_specs_whose_names_are_one_on_other_systems_are_refused_on_every_one(
    names: tuple[str, str], how: str, tmp_path: Path
) -> None:
    studio = Studio(tmp_path).start(1)
    for number, name in enumerate(names, 5):
        text = studio.episode(number).read_text().replace("media/", "../media/" if "/" in name else "media/")
        (studio.root / f"episodes/{number:03}.episode.yaml").unlink()
        studio.write(f"episodes/{name}", text)
    outcome = studio.build(keep_going=True)
    assert (outcome.exit_code, outcome.published) == (3, 1)
    first, second = sorted(f"episodes/{name}" for name in names)
    assert [(one.code, one.path, one.message) for one in outcome.diagnostics] == [
        ("F422", here, f"the name differs from that of `{other}` only {how}")
        for here, other in ((first, second), (second, first))
    ]
    for command in ("validate", "plan"):
        process = toy(studio, command)
        assert process.returncode == 1
        assert (process.stdout + process.stderr).count("F422") == 2
    (studio.root / second).unlink()
    assert studio.build().exit_code == 0


def test_a_spec_added_beside_one_that_was_built_is_refused_and_the_built_one_too(tmp_path: Path) -> None:
    studio = Studio(tmp_path).start(2)
    assert studio.build().exit_code == 0
    studio.episode(3).rename(studio.write("episodes/001.EPISODE.episode.yaml", ""))
    studio.episode(4).rename(studio.write("episodes/001.episode.episode.yaml", ""))
    assert studio.codes(studio.build()) == ["F422", "F422"]


@pytest.mark.parametrize("names", [("straße", "strasse"), ("a", "b"), ("ı", "i")])
def test_other_names_are_two(names: tuple[str, str], tmp_path: Path) -> None:
    studio = Studio(tmp_path).start(1)
    for number, name in enumerate(names, 5):
        studio.episode(number).rename(studio.write(f"episodes/{name}.episode.yaml", ""))
    assert studio.build().exit_code == 0


@pytest.mark.parametrize(
    ("twin", "expected"),
    [
        ("media/001.MP4", "media/001.MP4"),
        ("Media/other.txt", "Media"),
        ("characters/Alpha/character.yaml", "characters/Alpha"),
    ],
)
def test_files_and_characters_whose_names_are_one_on_other_systems_are_refused(
    tmp_path: Path, twin: str, expected: str
) -> None:
    studio = Studio(tmp_path).start(1)
    studio.write(f"episodes/{twin}", "other")
    outcome = studio.build()
    (actual,) = outcome.diagnostics
    assert (outcome.exit_code, actual.code, actual.path) == (1, "F422", "episodes/001.episode.yaml")
    assert actual.message == f"the name differs from that of `episodes/{expected}` only in case"
    assert actual.span is not None or "Alpha" in twin  # The series says which character it is.
    studio.write("episodes/media/beside.MP4", "of no spec")
    (studio.root / f"episodes/{twin}").rename(studio.root / "episodes/moved")
    if twin.startswith("Media"):
        (studio.root / "episodes/Media").rmdir()
    elif twin.startswith("characters"):
        (studio.root / "episodes/characters/Alpha").rmdir()
    assert studio.build().exit_code == 0


def test_episodes_whose_names_in_dist_differ_in_case_only_are_refused(tmp_path: Path) -> None:
    studio = Studio(tmp_path).start(1)
    studio.episode(2, more="season: D13\n")
    text = (studio.root / "episodes/002.episode.yaml").read_text().replace("number: 2", "number: 1")
    studio.write("episodes/002.episode.yaml", text)
    assert studio.codes(studio.build()) == ["X302"]
