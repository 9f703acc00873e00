"""`episodec new`, with the backends that are installed: what it writes can be built as it stands."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from PIL import Image

from tests.builds.studio import ROOT
from tests.cli.command import episodec, episodec_process
from tests.project.test_git import git

ALPHA = Path(ROOT, "episodes/characters/alpha/alpha-ref.png")


def without_portrait(folder: Path) -> None:
    """Take the portrait and the camera out of a new series."""
    (folder / "episodes/characters/alpha/alpha-ref.png").unlink()
    spec = folder / "episodes/001-episode-1.episode.yaml"
    spec.write_text(spec.read_text().partition("\n# The camera")[0])


def test_a_new_series_is_built_at_once(tmp_path: Path) -> None:
    assert episodec_process(tmp_path, "new").returncode == 0
    without_portrait(tmp_path)  # Its picture takes long; README's first episode has one.
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
    files = sorted((tmp_path / "nested/place/episodes").rglob("*.yaml"))
    assert len(files) == 3
    for file in files:
        tree = re.match(r"# yaml-language-server: \$schema=(.+)\n", file.read_text())
        assert tree is not None
        assert (file.parent / tree[1]).is_file()


def test_it_says_what_comes_next_and_that_without_a_portrait_there_is_no_picture(tmp_path: Path) -> None:
    shutil.copy(ALPHA, tmp_path / "me.png")
    output = episodec(tmp_path, "new", "one", "--portrait", "me.png").stderr
    assert (
        output == "next: write the narration in one/episodes/001-episode-1.episode.yaml, then `episodec -C one build`\n"
    )
    episodec(tmp_path, "new", "two")
    without_portrait(tmp_path / "two")
    process = episodec(tmp_path, "new", "two").stderr.splitlines()
    assert process[0].startswith("next: write the narration in two/episodes/002-episode-2.episode.yaml, ")
    assert process[1] == "note: there will be only sound, because the character has no portrait"
    assert "two/episodes/characters/alpha/alpha-ref.png" in process[2]
    assert episodec(tmp_path, "-q", "new", "two").stderr == ""


def test_without_a_portrait_the_character_is_alpha_and_it_says_so(tmp_path: Path) -> None:
    process = episodec(tmp_path, "new")
    place = "episodes/characters/alpha/alpha-ref.png"
    assert process.stderr.splitlines()[0] == (
        f"note: no --portrait is given: {place} is episodec's Alpha, until you put a picture of a face there"
    )
    assert (tmp_path / place).read_bytes() == ALPHA.read_bytes()
    character = (tmp_path / "episodes/characters/alpha/character.yaml").read_text()
    assert "\nvoice: {register: high}\n" in character
    assert "\nlicence: Apache-2.0\n" in character
    assert "\ncamera:\n" in (tmp_path / "episodes/001-episode-1.episode.yaml").read_text()
    assert episodec(tmp_path, "validate").stdout == "1 file checked: no errors.\n"
    assert episodec(tmp_path, "fmt", "--check").returncode == 0


def test_the_commented_parts_of_a_new_series_are_valid(tmp_path: Path) -> None:
    episodec(tmp_path, "new")
    path = tmp_path / "episodes/series.yaml"
    text = re.sub(r"^( *)# (?=  |production:|post:)", r"\1", path.read_text(), flags=re.MULTILINE)
    path.write_text(re.sub(r"^#(?=\n)", "", text, flags=re.MULTILINE))
    given, shipped = (yaml.safe_load(one.read_text()) for one in (path, Path(ROOT, "episodes/series.yaml")))
    assert given["profiles"]["production"] == shipped["profiles"]["production"]
    assert given["post"]["footer"].startswith("{ordinal} ambience: {ambience}\n\n{tools}\n")
    assert episodec(tmp_path, "validate").stdout == "1 file checked: no errors.\n"


def test_hooks_of_a_new_series_are_those_that_episodec_offers(tmp_path: Path) -> None:
    episodec(tmp_path, "new")
    (repository,) = yaml.safe_load((tmp_path / ".pre-commit-config.yaml").read_text())["repos"]
    offered = {hook["id"]: hook for hook in yaml.safe_load(Path(ROOT, ".pre-commit-hooks.yaml").read_text())}
    assert {hook["id"] for hook in repository["hooks"]} == set(offered)
    for hook in repository["hooks"]:
        assert hook["language"] == "system"
        assert {name: offered[hook["id"]][name] for name in hook if name != "language"} == {
            name: value for name, value in hook.items() if name != "language"
        }


def test_git_takes_the_takes_of_both_branches_and_leaves_pictures_alone(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    episodec(tmp_path, "new")
    names = ["episodes/takes/072.takes.yaml", "episodes/characters/alpha/alpha-ref.png", "episodes/series.yaml"]
    command = ["git", "-C", str(tmp_path), "check-attr", "merge", "text", "eol", "--", *names]
    assert subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines() == [
        "episodes/takes/072.takes.yaml: merge: union",
        "episodes/takes/072.takes.yaml: text: auto",
        "episodes/takes/072.takes.yaml: eol: lf",
        "episodes/characters/alpha/alpha-ref.png: merge: unset",
        "episodes/characters/alpha/alpha-ref.png: text: unset",
        "episodes/characters/alpha/alpha-ref.png: eol: lf",
        "episodes/series.yaml: merge: unspecified",
        "episodes/series.yaml: text: auto",
        "episodes/series.yaml: eol: lf",
    ]


def test_a_portrait_of_nobody_is_told(tmp_path: Path) -> None:
    Image.new("RGB", (96, 96), "red").save(tmp_path / "me.png")
    errors = episodec(tmp_path, "new", "--portrait", "me.png").stderr
    assert errors.startswith("note: no face is found in the portrait")


def test_what_git_must_not_track_is_ignored_unless_the_author_has_said_what_is(tmp_path: Path) -> None:
    names = (".gitignore", ".gitattributes", ".pre-commit-config.yaml")
    assert set(names) <= set(episodec(tmp_path, "new").stdout.splitlines())
    assert (tmp_path / ".gitignore").read_text() == "/dist/\n/episodec.local.yaml\n"
    own = tmp_path / "own"
    own.mkdir()
    for name in names:
        (own / name).write_text("mine\n")
    output = episodec(tmp_path, "new", "own").stdout
    assert not [name for name in names if name in output]
    assert {(own / name).read_text() for name in names} == {"mine\n"}


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
    without_portrait(tmp_path)
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
