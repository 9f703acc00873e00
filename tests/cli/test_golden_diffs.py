"""A folder a case: what was edited in a small series, and what `diff` says of it then, in each of its forms.
UPDATE_GOLDEN=1 writes them anew.
"""

import hashlib
import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from episodec.cli.app import run
from episodec.series.request import Request
from tests.builds.studio import ROOT
from tests.cli.command import here
from tests.project.test_git import git
from tests.questions.edited import TOYS

GOLDEN = Path(ROOT, "tests/golden/diffs")
FORMS = {"expected.txt": (), "expected.md": ("--markdown",), "expected.github": ("--output-format", "github")}

SERIES = """\
episodec: 1
title: Alpha
season: d13
character: alpha
language: en
disclosure: Voice and pictures are synthetic.
profiles:
  draft: {size: [64, 64], backends: {voice: say, foley: noise, scene: shape}}
"""
CHARACTER = "episodec: 1\ntitle: Alpha\nidentity: {hair: purple}\n"
SPEC = """\
# A comment.
episodec: 1
number: NUMBER
title: The plan NUMBER
frames: 300
voice:
  text: |
    First of all there is a plan.
    Then somebody reads it aloud.
    At last all of it is shown.
foley: {prompt: room NUMBER}
camera:
  - {move: orbit, frames: 120, from_deg: -10, to_deg: 10}
  - {move: static, position: [0, 0, 2.4]}
time:
  - {map: loop, period: 24}
"""
EPISODE = "episodes/001.episode.yaml"


def portrait(root: Path, colour: str, side: int = 96) -> None:
    Image.new("RGB", (side, side), colour).save(root / "episodes/characters/alpha/alpha-ref.png")


def tokens(root: Path, seed: int) -> None:
    values = np.random.default_rng(seed).integers(0, 1000, (8, 64)).astype(np.int32)
    np.save(root / "episodes/characters/alpha/ref_alpha.npy", values)


def series(root: Path) -> Path:
    """A series of three episodes, committed."""
    (root / "episodes/characters/alpha").mkdir(parents=True)
    (root / "episodes/series.yaml").write_text(SERIES)
    (root / "episodes/characters/alpha/character.yaml").write_text(CHARACTER)
    for number in (1, 2, 3):
        (root / f"episodes/{number:03}.episode.yaml").write_text(SPEC.replace("NUMBER", str(number)))
    portrait(root, "red")
    tokens(root, 1)
    git(root, "init", "-q")
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "First")
    return root


def replaced(root: Path, name: str, *pairs: tuple[str, str]) -> None:
    text = (root / name).read_text()
    for before, after in pairs:
        assert before in text
        text = text.replace(before, after)
    (root / name).write_text(text)


def nothing(root: Path) -> None:
    pass


def comments_and_order(root: Path) -> None:
    replaced(
        root,
        EPISODE,
        ("# A comment.", "# Another comment."),
        ("number: 1\ntitle: The plan 1", "title: The plan 1\nnumber: 1"),
    )


def a_word(root: Path) -> None:
    replaced(root, EPISODE, ("reads it aloud", "reads it in silence to everybody who is there"))


def another_sentence_in_its_place(root: Path) -> None:
    replaced(root, EPISODE, ("Then somebody reads it aloud.", "Nobody knows why."))


def sentences_added_and_removed(root: Path) -> None:
    replaced(
        root,
        EPISODE,
        ("    First of all there is a plan.\n", "    First of all there is a plan.\n    It is a new one.\n"),
        ("    At last all of it is shown.\n", ""),
    )


def a_sentence_moved(root: Path) -> None:
    first = "    First of all there is a plan.\n"
    replaced(root, EPISODE, (first, ""), ("foley:", f"{first}foley:"))


def pause_take_and_reading(root: Path) -> None:
    replaced(
        root,
        EPISODE,
        ("    Then somebody", "    [pause 1.5]\n    Then somebody"),
        ("foley:", "  takes: {At last: 2}\nfoley:"),
    )
    replaced(root, "episodes/series.yaml", ("language: en", "language: en\nlexicon: {plan: planne}"))


def camera_and_time(root: Path) -> None:
    replaced(
        root,
        EPISODE,
        ("to_deg: 10", "to_deg: 12, ease: smooth"),
        ("  - {map: loop, period: 24}\n", "  - {map: loop, frames: 240, period: 24}\n  - {map: hold, at: 0.25}\n"),
    )


def a_segment_added(root: Path) -> None:
    replaced(
        root, EPISODE, ("  - {move: static", "  - {move: static, frames: 60, position: [0, 0, 3]}\n  - {move: static")
    )


def foley_and_texts(root: Path) -> None:
    replaced(
        root, EPISODE, ("prompt: room 1", "prompt: quiet harbour at night"), ("The plan 1", "The plan of all plans")
    )


def portrait_and_tokens(root: Path) -> None:
    portrait(root, "blue", 128)
    tokens(root, 2)


def settings_of_series_and_character(root: Path) -> None:
    replaced(root, "episodes/series.yaml", ("language: en", "language: en\nloudness: {target_lufs: -18}"))
    replaced(root, "episodes/characters/alpha/character.yaml", ("purple", "green"))


def renamed_renumbered_deleted_and_added(root: Path) -> None:
    (root / EPISODE).rename(root / "episodes/010-plan.episode.yaml")
    replaced(root, "episodes/010-plan.episode.yaml", ("number: 1", "number: 10"))
    (root / "episodes/002.episode.yaml").unlink()
    text = SPEC.replace("The plan NUMBER", "Something else").replace("NUMBER", "4")
    text = re.sub(r"    First.*\n.*\n.*\n", "    Nobody knows what.\n", text)
    (root / "episodes/004.episode.yaml").write_text(text)


def errors(root: Path) -> None:
    replaced(root, EPISODE, ("title:", "titel:"))
    replaced(root, "episodes/002.episode.yaml", ("number: 2", "number: 3"))


def a_series_that_was_broken(root: Path) -> None:
    replaced(root, "episodes/series.yaml", ("season:", "saeson:"))
    replaced(root, "episodes/003.episode.yaml", ("title:", "titel:"))
    git(root, "commit", "-qam", "Broken")
    replaced(root, "episodes/series.yaml", ("saeson:", "season:"))
    replaced(root, "episodes/003.episode.yaml", ("titel:", "title:"))


def hostile_words(root: Path) -> None:
    words = "@octocat <script>alert(1)</script> ``x`` https://example.org/ #1 | *b* \\u202e"
    replaced(
        root,
        EPISODE,
        ("title: The plan 1", f"title: '{words}'"),
        ("First of all", "First @octocat <b>of</b> all ![x](y)"),
    )


def a_pointer_of_lfs(root: Path) -> None:
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0' * 64}\nsize 9\n"
    (root / "episodes/characters/alpha/alpha-ref.png").write_text(pointer)
    git(root, "commit", "-qam", "Pointer")
    portrait(root, "red")
    replaced(root, EPISODE, ("reads it aloud", "reads it softly"))


def a_fetched_file_of_lfs(root: Path) -> None:
    """The commit has a pointer, the working tree the very file."""
    path = root / "episodes/characters/alpha/alpha-ref.png"
    content = path.read_bytes()
    name = hashlib.sha256(content).hexdigest()
    path.write_text(f"version https://git-lfs.github.com/spec/v1\noid sha256:{name}\nsize {len(content)}\n")
    git(root, "commit", "-qam", "Pointer")
    path.write_bytes(content)
    replaced(root, EPISODE, ("reads it aloud", "reads it softly"))


CASES: list[Callable[[Path], None]] = [
    nothing,
    comments_and_order,
    a_word,
    another_sentence_in_its_place,
    sentences_added_and_removed,
    a_sentence_moved,
    pause_take_and_reading,
    camera_and_time,
    a_segment_added,
    foley_and_texts,
    portrait_and_tokens,
    settings_of_series_and_character,
    renamed_renumbered_deleted_and_added,
    errors,
    a_series_that_was_broken,
    hostile_words,
    a_pointer_of_lfs,
    a_fetched_file_of_lfs,
]


def diff(root: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """The command, in this process, with toys."""
    return here(root, lambda: run(["diff", *words], {}, Request(backends=TOYS, worker_path=(ROOT,))), {})


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_a_diff_is_the_expected_one_in_each_form(case: Callable[[Path], None], tmp_path: Path) -> None:
    root = series(tmp_path / "series")
    case(root)
    for name, words in FORMS.items():
        ran = diff(root, *words)
        text = f"{ran.stderr}{ran.stdout}exit code {ran.returncode}\n"
        expected = GOLDEN / case.__name__ / name
        if os.environ.get("UPDATE_GOLDEN"):
            expected.parent.mkdir(parents=True, exist_ok=True)
            expected.write_text(text)
        assert text == expected.read_text()
    assert not (root / "cache").exists()
