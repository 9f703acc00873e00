"""The checks of a build: which specs exist, whether inputs are where they were, and whose settings are used."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from episodec.errors import ProjectError
from episodec.project import tree
from episodec.project.command_overrides import CommandOverrides
from episodec.series import noop
from episodec.series.request import Request
from episodec.series.session import opened, places
from episodec.store import traces
from tests.builds import short
from tests.builds.studio import SERIES, Studio


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio(tmp_path / "project", lower=short.lower).start(1)


def specs(studio: Studio, folder: str = "episodes") -> list[str]:
    place = tree.locate(str(studio.root / folder))
    assert place is not None
    return tree.spec_files(place)


def is_current(studio: Studio, home: Path | None = None) -> bool:
    place = tree.locate(str(studio.root / "episodes"))
    assert place is not None
    environment = studio.environment if home is None else {"HOME": str(home)}
    actual = noop.series_state(place, "", environment)
    return not actual.stale and not actual.gone


def test_specs_are_found_in_folders_with_dots_and_not_among_hidden_ones(studio: Studio) -> None:
    studio.write("episodes/s1.5/007.episode.yaml", "")
    studio.write("episodes/.hidden/008.episode.yaml", "")
    (studio.root / "episodes/.#001.episode.yaml").symlink_to("me@host.123")  # Emacs' lock.
    assert specs(studio) == ["episodes/001.episode.yaml", "episodes/s1.5/007.episode.yaml"]


def test_a_folder_with_a_series_of_its_own_is_another_series(studio: Studio) -> None:
    studio.write("episodes/special/series.yaml", SERIES)
    studio.write("episodes/special/more/003.episode.yaml", "")
    assert specs(studio) == ["episodes/001.episode.yaml"]
    assert specs(studio, "episodes/special") == ["special/more/003.episode.yaml"]


def test_linked_folders_are_followed_inside_the_root_and_never_in_circles(studio: Studio) -> None:
    studio.write("elsewhere/002.episode.yaml", "")
    (studio.root / "elsewhere/back").symlink_to("../elsewhere")
    for name, target in (("linked", "../elsewhere"), ("twice", "../elsewhere"), ("up", ".."), ("self", ".")):
        (studio.root / "episodes" / name).symlink_to(target)
    assert specs(studio) == ["episodes/001.episode.yaml", "episodes/linked/002.episode.yaml"]


def test_specs_behind_a_link_out_of_the_project_are_left_out_and_told(studio: Studio, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/002.episode.yaml").write_text("")
    (studio.root / "episodes/linked").symlink_to(tmp_path / "outside")
    assert studio.build().episodes == 1
    assert [line for line in studio.notices if line.startswith("episodes/linked is a link")]


@pytest.mark.parametrize("is_known", [True, False])
def test_a_series_is_looked_through_once_however_it_is_opened(
    studio: Studio, monkeypatch: pytest.MonkeyPatch, *, is_known: bool
) -> None:
    place = tree.locate(str(studio.root / "episodes"))
    assert place is not None
    looked: list[str] = []

    def counted(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*given: object) -> Any:
            looked.append(name)
            return function(*given)

        return call

    monkeypatch.setattr(tree, "spec_files", counted("specs", tree.spec_files))
    monkeypatch.setattr(traces, "compiler_signature", counted("compiler", traces.compiler_signature))
    request = Request(environment=studio.environment, backends=studio.backends, lower=studio.lower)
    standing = noop.series_state(place, "", studio.environment) if is_known else None
    with opened(place, [place.folder()], request, studio.notices.append, standing) as session:
        assert [one.spec for one in session.load()] == session.specs == ["episodes/001.episode.yaml"]
    assert sorted(looked) == ["compiler", "specs"]


def test_a_folder_that_cannot_be_read_is_told_in_one_sentence(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise PermissionError(13, "Permission denied", "episodes/private")

    monkeypatch.setattr(tree, "spec_files", refused)
    with pytest.raises(ProjectError, match="cannot be read"):
        studio.build()


@pytest.mark.parametrize("how", ["folder", "link to nowhere"])
def test_what_stands_where_nothing_was_is_no_longer_nothing(studio: Studio, how: str) -> None:
    studio.build()
    assert is_current(studio)
    portrait = studio.root / "episodes/characters/alpha/alpha-ref.png"
    if how == "folder":
        portrait.mkdir()
    else:
        portrait.symlink_to("nowhere")
    assert not is_current(studio)
    assert studio.build().current == 0
    assert not is_current(studio)


def test_inputs_that_now_lie_outside_the_project_are_not_taken_for_the_old_ones(studio: Studio, tmp_path: Path) -> None:
    studio.build()
    assert is_current(studio)
    (studio.root / "episodes/media").rename(tmp_path / "media")
    (studio.root / "episodes/media").symlink_to(tmp_path / "media")
    assert not is_current(studio)
    assert studio.codes(studio.build()) == ["F404"]
    assert studio.codes(studio.build()) == ["F404"]
    assert not is_current(studio)
    (studio.root / "episodes/media").unlink()
    (tmp_path / "media").rename(studio.root / "episodes/media")
    assert studio.build().exit_code == 0
    assert is_current(studio)


def test_a_folder_that_becomes_a_link_inside_the_project_is_looked_at_once(studio: Studio) -> None:
    studio.build()
    (studio.root / "episodes/media").rename(studio.root / "media")
    (studio.root / "episodes/media").symlink_to("../media")
    assert not is_current(studio)
    assert studio.build().made_count == 0
    assert is_current(studio)


def test_other_settings_of_the_user_are_not_served_what_was_made_with_mine(studio: Studio, tmp_path: Path) -> None:
    studio.build()
    assert is_current(studio, tmp_path / "empty")
    settings = tmp_path / "home/.config/episodec/local.yaml"
    settings.parent.mkdir(parents=True)
    settings.write_text("episodec: 1\njobs: 1\n")
    assert not is_current(studio, tmp_path / "home")
    there = Studio(studio.root, studio.backends, {"HOME": str(tmp_path / "home")}, studio.lower)
    there.build()
    assert is_current(studio, tmp_path / "home")
    assert not is_current(studio)


def test_overrides_that_read_alike_are_other_variants() -> None:
    pairs = [{"foley": "noise,voice=say"}, {"foley": "noise", "voice": "say"}, {"foley": "noise%2Cvoice=say"}]
    assert len({CommandOverrides(backends=one).variant() for one in pairs}) == 3
    assert CommandOverrides().variant() == ""
    assert CommandOverrides("a,b=c").variant() != CommandOverrides("a", {"b": "c"}).variant()


def test_thousands_of_named_specs_are_found_in_one_pass(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    names = [f"episodes/{number:05}.episode.yaml" for number in range(300)]
    for name in names:
        studio.write(name, "")
    looked: list[str] = []
    locate = tree.locate

    def counted(path: str) -> tree.Place | None:
        looked.append(path)
        return locate(path)

    monkeypatch.setattr(tree, "locate", counted)
    ((place, targets),) = places([str(studio.root / name) for name in names])
    assert (place.series, len(targets), len(looked)) == ("episodes", 300, 1)
