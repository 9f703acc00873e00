"""Links of a project's own folders: told where they lead, and no folder where they lead nowhere."""

from pathlib import Path

import pytest

from episodec.project.elsewhere import links_elsewhere
from episodec.project.tree import Place, locate, locate_below, spec_files


@pytest.fixture
def place(tmp_path: Path) -> Place:
    series = tmp_path / "project/episodes"
    series.mkdir(parents=True)
    (series / "series.yaml").write_text("episodec: 1\n")
    (series / "1.episode.yaml").write_text("episodec: 1\n")
    (tmp_path / "outside").mkdir()
    actual = locate(str(series))
    assert actual is not None
    return actual


def test_a_link_that_leads_to_itself_is_no_folder(place: Place) -> None:
    for folder in (place.root, place.folder()):
        Path(folder, "loop.wav").symlink_to("loop.wav")
        Path(folder, "gone").symlink_to("nowhere")
    assert spec_files(place) == ["episodes/1.episode.yaml"]
    assert [one.root for one in locate_below(place.root)] == [place.root]


@pytest.mark.parametrize(("name", "role"), [("dist", "files are published to"), ("cache", "results are kept in")])
def test_what_lies_elsewhere_by_a_link_is_told_with_its_real_place(
    place: Place, tmp_path: Path, name: str, role: str
) -> None:
    Path(place.root, name).symlink_to(tmp_path / "outside")
    (messages,) = links_elsewhere(place, [place.folder()])
    assert messages == f"{name}/ is a link that leads out of the project: {role} {tmp_path}/outside"


def test_a_link_that_stays_inside_is_not_told(place: Place) -> None:
    Path(place.root, "published").mkdir()
    Path(place.root, "dist").symlink_to("published")
    assert not list(links_elsewhere(place, [place.folder(), place.root]))


def test_a_linked_series_tells_where_its_project_is(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = tmp_path / "here"
    here.mkdir()
    (here / "episodes").symlink_to(place.folder())
    monkeypatch.chdir(here)
    for target in (".", "episodes", "episodes/1.episode.yaml"):
        (messages,) = links_elsewhere(place, [target])
        assert messages.endswith(f"its project, with cache/ and dist/, is {place.root}")


def test_a_project_below_a_link_is_at_its_place(place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "by-link").symlink_to(place.root)
    monkeypatch.chdir(tmp_path)
    assert not list(links_elsewhere(place, ["by-link/episodes", "project/episodes/1.episode.yaml"]))
