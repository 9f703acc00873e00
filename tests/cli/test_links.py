"""Commands that write an author's files write none outside of the project, whatever links lie in it."""

from pathlib import Path

import pytest

from tests.builds.studio import Studio
from tests.cli.command import toy

UNTIDY = "number:   3\nepisodec: 1\ntitle: Private\n"


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio(tmp_path / "series").start(1)


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    (tmp_path / "outside").mkdir()
    return tmp_path / "outside"


@pytest.mark.parametrize(
    "words", [("fmt",), ("fmt", "--check"), ("fmt", "--diff"), ("fmt", "episodes/003.episode.yaml")]
)
def test_fmt_refuses_a_link_out_of_the_project_as_validate_does(
    words: tuple[str, ...], studio: Studio, outside: Path
) -> None:
    victim = outside / "victim.yaml"
    victim.write_text(UNTIDY)
    (studio.root / "episodes/003.episode.yaml").symlink_to(victim)
    ran = toy(studio, *words)
    assert victim.read_text() == UNTIDY
    assert ran.returncode == 1
    assert "error[F404]: '003.episode.yaml' is a link that leads out of the project" in ran.stderr
    assert "Private" not in ran.stdout + ran.stderr
    assert "error[F404]: '003.episode.yaml' is a link" in toy(studio, "validate").stdout


@pytest.mark.parametrize("words", [("linked",), ("linked/003.episode.yaml",), ("linked/inner",)])
def test_fmt_refuses_what_lies_behind_a_linked_folder(words: tuple[str, ...], studio: Studio, outside: Path) -> None:
    (outside / "inner").mkdir()
    for victim in (outside / "003.episode.yaml", outside / "inner/003.episode.yaml"):
        victim.write_text(UNTIDY)
    (studio.root / "episodes/linked").symlink_to(outside)
    ran = toy(studio, "fmt", *(f"episodes/{word}" for word in words))
    assert [path.read_text() for path in outside.rglob("*.yaml")] == [UNTIDY] * 2
    assert ran.returncode == 1
    assert "F404" in ran.stderr


def test_fmt_without_a_series_writes_through_no_link_out_of_the_folder(studio: Studio, outside: Path) -> None:
    (outside / "003.episode.yaml").write_text(UNTIDY)
    alone = studio.root.parent / "alone"
    alone.mkdir()
    (alone / "003.episode.yaml").symlink_to(outside / "003.episode.yaml")
    ran = toy(studio, "fmt", str(alone))
    assert ran.returncode == 1
    assert "F404" in ran.stderr
    assert (outside / "003.episode.yaml").read_text() == UNTIDY


def test_fmt_writes_through_a_link_inside_the_project(studio: Studio) -> None:
    kept = studio.write("kept/003.yaml", UNTIDY)
    link = studio.root / "episodes/003.episode.yaml"
    link.symlink_to(kept)
    ran = toy(studio, "fmt")
    assert ran.returncode == 0
    assert link.is_symlink()
    assert kept.read_text() == "episodec: 1\nnumber: 3\ntitle: Private\n"


def test_fmt_counts_in_words(studio: Studio) -> None:
    toy(studio, "fmt")
    for number in (2, 3):
        spec = studio.episode(number)
        spec.write_text("\n" + spec.read_text().replace("title: ", "title:  "))
    (studio.root / "episodes/003.episode.yaml").unlink()
    assert toy(studio, "fmt", "--check").stderr.splitlines()[-1] == "4 files: 1 would be rewritten"
    assert toy(studio, "fmt").stderr.splitlines()[-1] == "4 files: 1 was rewritten"
    assert toy(studio, "fmt").stderr.splitlines()[-1] == "4 files: 0 were rewritten"


def test_new_writes_no_schemas_through_a_linked_folder(studio: Studio, outside: Path) -> None:
    (studio.root / "schema").symlink_to(outside)
    ran = toy(studio, "new")
    assert ran.returncode == 1
    assert "out of the project" in ran.stderr
    assert list(outside.iterdir()) == []
    assert not (studio.root / "episodes/002-episode-2.episode.yaml").exists()


def test_new_writes_no_spec_through_a_linked_folder(studio: Studio, outside: Path) -> None:
    (studio.root / "episodes/linked").symlink_to(outside)
    ran = toy(studio, "new", "episodes/linked/007.episode.yaml")
    assert ran.returncode == 1
    assert "out of the project" in ran.stderr
    assert list(outside.iterdir()) == []


def test_new_makes_no_series_through_a_linked_folder(studio: Studio, outside: Path) -> None:
    (studio.root.parent / "fresh/episodes").mkdir(parents=True)
    (studio.root.parent / "fresh/episodes/characters").symlink_to(outside)
    ran = toy(studio, "new", "../fresh")
    assert ran.returncode == 1
    assert "out of the project" in ran.stderr
    assert list(outside.iterdir()) == []


def test_a_new_episode_never_follows_a_link_in_its_own_place(studio: Studio, outside: Path) -> None:
    (studio.root / "episodes/007.episode.yaml").symlink_to(outside / "made.yaml")
    assert toy(studio, "new", "episodes/007.episode.yaml").returncode == 1
    assert list(outside.iterdir()) == []
