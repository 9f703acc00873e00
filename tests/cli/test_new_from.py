"""`episodec new --from`: existing posts become specs; nothing is overwritten, and nothing is written by half."""

import shutil
from pathlib import Path

import pytest

from tests.builds.studio import ROOT
from tests.cli.command import episodec

POSTS = Path(ROOT, "tests/spec/posts")
SPECS = [
    "episodes/069-voice-tokens.episode.yaml",
    "episodes/072-single-source-of-truth.episode.yaml",
    "episodes/073-alpha-4dgs-hybrid.episode.yaml",
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for post in POSTS.iterdir():
        shutil.copy(post, tmp_path)
    return tmp_path


def files(folder: Path) -> dict[str, bytes]:
    """All files of a folder but the cache."""
    paths = (path for path in folder.rglob("*") if path.is_file() and "cache" not in path.parts)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def test_after_one_post_the_next_step_is_to_read_its_spec_not_to_write_a_narration(folder: Path) -> None:
    lines = episodec(folder, "new", "--from", "072.txt").stderr.splitlines()
    spec = "episodes/072-single-source-of-truth.episode.yaml"
    assert lines[-1] == f"next: look through {spec}, `episodec validate`, then `episodec build`"


def test_posts_become_a_series_that_is_valid_and_canonical(folder: Path) -> None:
    ran = episodec(folder, "new", "--from", "069.txt", "072.txt", "hybrid.txt")
    assert ran.returncode == 0
    assert ran.stdout.splitlines()[-3:] == SPECS
    lines = ran.stderr.splitlines()
    assert "note: 072.txt:42: several files on one line become a list" in lines
    assert "note: hybrid.txt:1: no number was recognised (`Episode #72` at the start): it gets the next one" in lines
    assert lines[-1] == "next: look through the specs, `episodec validate`, then `episodec build`"
    series = (folder / "episodes/series.yaml").read_text()
    for line in ("title: Alpha", "season: d13", "character: alpha", "language: ru", "  cost: Реф-программа"):
        assert f"\n{line}" in series
    assert episodec(folder, "validate").stdout == "3 files checked: no errors.\n"
    assert episodec(folder, "fmt", "--check").returncode == 0
    assert "  body: |\n    ## Token structure\n" in (folder / SPECS[0]).read_text()


def test_a_post_joins_a_series_with_the_next_number_and_keeps_a_form_of_its_own(folder: Path) -> None:
    episodec(folder, "new")
    assert episodec(folder, "new", "--from", "hybrid.txt").stdout.splitlines() == [
        "episodes/002-alpha-4dgs-hybrid.episode.yaml"
    ]
    spec = (folder / "episodes/002-alpha-4dgs-hybrid.episode.yaml").read_text()
    for line in ("number: 2", "language: ru", "  header: |", "  footer: |", "  signature: RTX 5090 / GB202 / 0x2b85"):
        assert f"\n{line}\n" in spec
    assert episodec(folder, "validate").stdout == "2 files checked: no errors.\n"


def test_a_number_that_is_taken_is_refused_and_nothing_is_written(folder: Path) -> None:
    episodec(folder, "new", "--from", "069.txt")
    before = files(folder)
    ran = episodec(folder, "new", "--from", "hybrid.txt", "069.txt")
    assert ran.returncode == 1
    assert ran.stderr.startswith("error: the series already has an episode with this number\n")
    assert files(folder) == before


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (("--from", "069.txt", "copy.txt"), 1, "error: two posts have the same number"),
        (("--from", "none.txt"), 1, "error: the post cannot be read"),
        (("--from", "bell.txt"), 1, "error: the post is not text that a spec can hold"),
        (("--from", "empty.txt"), 1, "error: the post is not text that a spec can hold"),
        (("--number", "3", "--from", "069.txt"), 2, "error: --from takes number, title and voice from the posts"),
        (("episodes/a.episode.yaml", "--from", "069.txt"), 2, "error: --from takes number, title and voice"),
    ],
)
def test_what_cannot_be_taken_is_refused_before_anything_is_written(
    folder: Path, words: tuple[str, ...], code: int, sentence: str
) -> None:
    shutil.copy(folder / "069.txt", folder / "copy.txt")
    (folder / "bell.txt").write_text("Words.\n\nA bell: \a.\n")
    (folder / "empty.txt").write_text("\n")
    before = files(folder)
    ran = episodec(folder, "new", *words)
    assert (ran.returncode, ran.stderr.splitlines()[0][: len(sentence)]) == (code, sentence)
    assert files(folder) == before


def test_a_file_that_is_there_is_never_overwritten(folder: Path) -> None:
    episodec(folder, "new")
    there = folder / SPECS[0]
    there.write_text("mine")
    (folder / "episodes/069-voice-tokens.episode.yaml.txt").write_text("mine, too")
    before = files(folder)
    assert episodec(folder, "new", "--from", "072.txt", "069.txt").returncode == 1
    assert files(folder) == before
