"""Files that specs name: by whatever form of Unicode the file system has for them."""

import unicodedata
from pathlib import Path

import pytest

from episodec.project.command_overrides import CommandOverrides
from episodec.project.references import resolve
from tests.builds.studio import Studio

NFC, NFD = (unicodedata.normalize(form, "été.mp4") for form in ("NFC", "NFD"))


@pytest.mark.parametrize("on_disk", [NFC, NFD])
@pytest.mark.parametrize("named", [NFC, NFD])
def test_a_name_is_found_in_the_form_that_the_disk_has(tmp_path: Path, on_disk: str, named: str) -> None:
    studio = Studio(tmp_path).start(1)
    spec = studio.root / "episodes/001.episode.yaml"
    spec.write_text(spec.read_text().replace("media/001.mp4", f"{NFD}s/{named}"))
    studio.write(f"episodes/{on_disk}s/{on_disk}", "video")
    assert studio.build().exit_code == 0
    assert studio.build().current == 1


def test_the_very_name_wins_over_another_form(tmp_path: Path) -> None:
    for name in (NFC, NFD):
        (tmp_path / name).touch()
    assert resolve(str(tmp_path), "", NFC, "spec", None) == (NFC, None)
    assert resolve(str(tmp_path), "", NFD, "spec", None) == (NFD, None)


def test_an_unknown_profile_is_the_only_thing_that_is_said(tmp_path: Path) -> None:
    studio = Studio(tmp_path).start(2)
    for keep_going in (False, True):
        outcome = studio.build(asked=CommandOverrides(profile="nope"), keep_going=keep_going)
        assert (studio.codes(outcome), outcome.exit_code) == (["P503"], 1)


def test_half_of_a_character_names_no_file(tmp_path: Path) -> None:
    actual, wrong = resolve(str(tmp_path), "", "\ud800.png", "spec", None)
    assert actual is None
    assert wrong is not None
    assert (wrong.code, wrong.message) == ("F403", "'\\ud800.png' is not valid text for a file name")


@pytest.mark.parametrize("place", ["project-private", "projec", "elsewhere"])
@pytest.mark.parametrize("linked", ["file", "folder"])
def test_a_link_to_a_neighbour_leads_out_of_the_project_however_it_is_called(
    tmp_path: Path, place: str, linked: str
) -> None:
    root = tmp_path / "project"
    for folder in (root / "media", tmp_path / place):
        folder.mkdir(parents=True)
        (folder / "a.wav").touch()
    target = tmp_path / place
    (root / "link").symlink_to(target / "a.wav" if linked == "file" else target)
    text = "link" if linked == "file" else "link/a.wav"
    actual, wrong = resolve(str(root), "", text, "spec", None)
    assert actual is None
    assert wrong is not None
    assert wrong.code == "F404"
    (root / "link").unlink()
    (root / "link").symlink_to(root / "media/a.wav" if linked == "file" else root / "media")
    assert resolve(str(root), "", text, "spec", None) == (text, None)
