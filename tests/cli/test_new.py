"""`episodec new`, with the backends that are installed: what it writes can be built as it stands."""

import re
import shutil
from pathlib import Path

import pytest
from PIL import Image

from tests.builds.studio import ROOT
from tests.cli.command import episodec, episodec_process

ALPHA = Path(ROOT, "episodes/characters/alpha/alpha-ref.png")


def test_a_new_series_is_built_at_once(tmp_path: Path) -> None:
    assert episodec_process(tmp_path, "new").returncode == 0
    output = episodec_process(tmp_path, "validate").stdout
    assert "warning[E280]: this episode has only sound: the character `alpha` has no portrait" in output
    assert output.endswith("Found 1 warning in 1 file.\n")
    ran = episodec_process(tmp_path, "build")
    assert ran.returncode == 0
    assert "warning[E280]" in ran.stderr
    assert "sound   dist/static/audio/alpha_s01_episode1.m4a\n" in ran.stdout
    assert (tmp_path / "dist/static/audio/alpha_s01_episode1.m4a").exists()


def test_the_first_line_of_every_new_file_names_a_schema_that_is_there(tmp_path: Path) -> None:
    episodec(tmp_path, "new", "nested/place/episodes")
    files = sorted(tmp_path.rglob("*.yaml"))
    assert len(files) == 3
    for file in files:
        tree = re.match(r"# yaml-language-server: \$schema=(.+)\n", file.read_text())
        assert tree is not None
        assert (file.parent / tree[1]).is_file()


def test_it_says_what_comes_next_and_that_without_a_portrait_there_is_no_picture(tmp_path: Path) -> None:
    shutil.copy(ALPHA, tmp_path / "me.png")
    output = episodec(tmp_path, "new", "one", "--portrait", "me.png").stderr
    assert (
        output == "next: write what it says in one/episodes/001-episode-1.episode.yaml, then `episodec -C one build`\n"
    )
    process = episodec(tmp_path, "new", "two").stderr.splitlines()
    assert process[0].startswith("next: write what it says in two/episodes/001-episode-1.episode.yaml, ")
    assert process[1] == "note: there will be only sound, because the character has no portrait"
    assert "two/episodes/characters/alpha/alpha-ref.png" in process[2]
    assert episodec(tmp_path, "-q", "new", "two").stderr == ""


def test_a_portrait_of_nobody_is_told(tmp_path: Path) -> None:
    Image.new("RGB", (96, 96), "red").save(tmp_path / "me.png")
    errors = episodec(tmp_path, "new", "--portrait", "me.png").stderr
    assert errors.startswith("note: no face is found in the portrait")


def test_what_git_must_not_track_is_ignored_unless_the_author_has_said_what_is(tmp_path: Path) -> None:
    assert ".gitignore\n" in episodec(tmp_path, "new").stdout
    assert (tmp_path / ".gitignore").read_text() == "/dist/\n/episodec.local.yaml\n"
    own = tmp_path / "own"
    own.mkdir()
    (own / ".gitignore").write_text("mine\n")
    assert ".gitignore" not in episodec(tmp_path, "new", "own").stdout
    assert (own / ".gitignore").read_text() == "mine\n"


def test_schemas_that_are_there_stay(tmp_path: Path) -> None:
    episodec(tmp_path, "new")
    kept = tmp_path / "schema/episode.schema.json"
    kept.write_text("{}")
    assert episodec(tmp_path, "new").stdout == "episodes/002-episode-2.episode.yaml\n"
    assert kept.read_text() == "{}"


@pytest.mark.parametrize("words", [("--number", "-3"), ("--number", "1000000"), ("--title", "a\x1b[31mb")])
def test_what_validate_would_refuse_is_not_written(tmp_path: Path, words: tuple[str, str]) -> None:
    episodec(tmp_path, "new")
    before = sorted(tmp_path.rglob("*"))
    refused = episodec(tmp_path, "new", *words)
    assert refused.returncode == 2
    assert "\x1b" not in refused.stderr
    assert sorted(tmp_path.rglob("*")) == before


def test_a_portrait_comes_with_a_camera_and_is_checked_before_anything_is_written(tmp_path: Path) -> None:
    picture = tmp_path / "me.png"
    picture.write_bytes(b"no picture")
    refused = episodec(tmp_path, "new", "--portrait", "me.png")
    assert (refused.returncode, refused.stderr.splitlines()[0]) == (1, "error: the portrait is not a PNG, JPEG or WebP")
    assert sorted(tmp_path.iterdir()) == [picture]
    shutil.copy(ALPHA, picture)
    assert "episodes/characters/alpha/alpha-ref.png" in episodec(tmp_path, "new", "--portrait", "me.png").stdout
    assert (tmp_path / "episodes/characters/alpha/alpha-ref.png").read_bytes() == picture.read_bytes()
    assert "\ncamera:\n" in (tmp_path / "episodes/001-episode-1.episode.yaml").read_text()
    assert episodec(tmp_path, "validate").stdout == "1 file checked: no errors.\n"
    assert episodec(tmp_path, "new", "--portrait", "me.png").returncode == 2
    assert episodec(tmp_path, "new").returncode == 0
    assert "\ncamera:\n" in (tmp_path / "episodes/002-episode-2.episode.yaml").read_text()
    assert episodec(tmp_path, "validate").stdout == "2 files checked: no errors.\n"


@pytest.mark.parametrize(
    ("portrait", "given", "is_seen"),
    [
        ("beta/beta-ref.png", "", False),
        ("alpha/alpha-ref.png", "", True),
        ("beta/a.png", "portrait: ../beta/a.png\n", True),
    ],
)
def test_an_episode_shows_the_series_own_character_or_none(
    tmp_path: Path, portrait: str, given: str, *, is_seen: bool
) -> None:
    episodec(tmp_path, "new")
    characters = tmp_path / "episodes/characters"
    (characters / "beta").mkdir()
    (characters / "beta/character.yaml").write_text("episodec: 1\ntitle: Beta\n")
    with (characters / "alpha/character.yaml").open("a") as file:
        file.write(given)
    Image.new("RGB", (96, 96), "red").save(characters / portrait)
    assert episodec(tmp_path, "new").returncode == 0
    assert ("\ncamera:\n" in (tmp_path / "episodes/002-episode-2.episode.yaml").read_text()) == is_seen
    checked = episodec(tmp_path, "validate")
    assert (checked.returncode, "error[" in checked.stdout) == (0, False)
    assert episodec(tmp_path, "plan").returncode == 0


def test_a_jpeg_becomes_the_portrait_as_a_png_that_stands_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # A telephone held upright.
    Image.new("RGB", (128, 96), "red").save(tmp_path / "me.jpg", exif=exif)
    ran = episodec(tmp_path, "new", "--portrait", "me.jpg")
    assert (ran.returncode, ran.stderr.splitlines()[0]) == (
        0,
        "note: me.jpg was written as a PNG, upright and in sRGB: alpha-ref.png",
    )
    with Image.open(tmp_path / "episodes/characters/alpha/alpha-ref.png") as portrait:
        assert (portrait.format, portrait.size) == ("PNG", (96, 128))
