"""The rebuild matrix over an episode of the shipped series as it stands: 900 frames, its portrait and its voice.

Only its frames and its portrait are small, and its loops are short: equal rows of a chunk are rendered once. The rows
are done one after the other, each edit on top of those before, those with most dependents first, so that at the end
much of what each row made is still there: it must be what a clean build gives. The clean build is made by workers, all
before it in this process. `test_matrix` compares each row with a clean build of its own, in a shorter episode: its rows
for the portrait, the tokens, the camera and the loudness are enough for `make test`, and the campaign does them here,
too.
"""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from episodec.backends import BUILTIN
from episodec.engine.events import ActionHit, ActionMade
from tests.builds.portraits import PORTRAIT, shrink_portrait
from tests.builds.studio import ROOT, Studio, held_in_this_process

EPISODE = "episodes/071-frame-plan.episode.yaml"
SERIES = "episodes/series.yaml"
TOKENS = "episodes/characters/alpha/ref_alpha.npy"

VOICES = {f"voice/{index:04}" for index in range(1, 8)}
SOUND = {"mix", "audio", "mux"}
PICTURE = {"picture", "stills", "check", "mux"}
STAGES = {"scene", "render", "plan", "join", "foley", "captions", "voice"} | SOUND | PICTURE  # Of the matrix.


def chunks(first: int, end: int) -> set[str]:
    return {f"render/{at:04}-{at + 30:04}" for at in range(first, end, 30)}


def replaced(name: str, before: str, after: str) -> Callable[[Path], None]:
    """An edit of a text, which must be there."""

    def edit(root: Path) -> None:
        text = (root / name).read_text()
        assert text.count(before) == 1
        (root / name).write_text(text.replace(before, after))

    return edit


def mirror_portrait(root: Path) -> None:
    with Image.open(root / PORTRAIT) as picture:
        picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(root / PORTRAIT)


def other_tokens(root: Path) -> None:
    np.save(root / TOKENS, np.load(root / TOKENS)[:, ::-1])


Row = tuple[str, Callable[[Path], None], set[str]]

ROWS: list[Row] = [
    ("time in 600–899", replaced(EPISODE, "at: 0}", "at: 0.5}"), {"plan"} | chunks(600, 900) | PICTURE),
    ("Foley prompt", replaced(EPISODE, "distant clock", "distant wind"), {"foley", "captions"} | SOUND),
    (
        "a sentence",
        replaced(EPISODE, "render plan", "frame plan"),
        {"voice/0003", "join", "captions"} | SOUND | chunks(300, 360) | PICTURE,
    ),
    ("title", replaced(EPISODE, "title: Девятьсот", "title: Ровно девятьсот"), {"mux"}),
]
MORE: list[Row] = [
    ("alpha-ref.png", mirror_portrait, {"scene"} | chunks(0, 900) | PICTURE),
    # Another voice has other sounds wherever it speaks: to the tail of the episode.
    ("ref_alpha.npy", other_tokens, VOICES | {"join", "captions"} | SOUND | chunks(0, 840) | PICTURE),
    ("camera in 300–449", replaced(EPISODE, "ease: smooth", "ease: linear"), {"plan"} | chunks(300, 450) | PICTURE),
    ("loudness", replaced(SERIES, "target_lufs: -16", "target_lufs: -18"), SOUND),
]


def studio_at(root: Path, episodes: Path) -> Studio:
    shutil.copytree(episodes, root / "episodes")
    return Studio(root, BUILTIN, lower=None, executor=None)


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Studio:
    """The episode built once, with frames of 48 by 48 pixels, loops of 2 frames and a portrait of 256 by 256."""
    actual = studio_at(tmp_path_factory.mktemp("real") / "project", Path(ROOT, "episodes"))
    for path in (actual.root / "episodes").glob("*.episode.yaml"):
        if path.name != Path(EPISODE).name:
            path.unlink()
    replaced(SERIES, "size: [512, 512]", "size: [48, 48]")(actual.root)
    replaced(EPISODE, "period: 24", "period: 2")(actual.root)
    shrink_portrait(actual.root)
    actual.executor = held_in_this_process
    assert actual.build(EPISODE).exit_code == 0
    return actual


def changed_actions(studio: Studio) -> set[str]:
    """The actions with another result, made by themselves or by a twin of the same key, named as the matrix does."""
    ids = {
        one.id
        for one in studio.events
        if isinstance(one, ActionMade) or (isinstance(one, ActionHit) and one.twin is not None)
    }
    short = {re.sub(r"^d13-071/|^alpha/(scene)/.*", r"\1", name) for name in ids}
    return {name for name in short if name.split("/")[0] in STAGES}


@pytest.mark.parametrize("rows", [ROWS, pytest.param(MORE, marks=pytest.mark.campaign)], ids=["some", "more"])
def test_each_edit_makes_its_row_and_what_is_kept_is_what_a_clean_build_gives(
    studio: Studio, tmp_path: Path, rows: list[Row]
) -> None:
    for name, edit, expected in rows:
        edit(studio.root)
        assert studio.build(jobs=1).exit_code == 0
        assert (name, changed_actions(studio)) == (name, expected)
        assert studio.build().made_count == 0
    # A clean build elsewhere, with another number of jobs: the same bytes, the manifest's too.
    clean = studio_at(tmp_path / 'it\'s the "other" place' / "ещё", studio.root / "episodes")
    assert clean.build(jobs=2).exit_code == 0
    assert clean.dist() == studio.dist()
    assert "manifest/alpha_d13_episode71.json" in clean.dist()
