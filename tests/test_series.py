"""The shipped series: what its files promise each other, and that its narrations fill their episodes."""

import importlib
import shutil
import sys
from functools import cache
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import yaml
from PIL import Image

from episodec.audio.wav import read_wav
from episodec.audio.words import read_words
from episodec.backends import BUILTIN
from episodec.engine.action import Deliverable
from episodec.stages.lowering import Lowered, Lowering
from episodec.stages.voice import lower_voice
from tests.builds.studio import ROOT, Studio

EPISODES = Path(ROOT, "episodes")
ALPHA = EPISODES / "characters/alpha"
SPECS = {path.name[:3]: yaml.safe_load(path.read_text()) for path in sorted(EPISODES.glob("*.episode.yaml"))}
LONG = "071"  # Its narration is longer than the episode, so that the fit shows.


@cache
def sitting() -> ModuleType:
    """The part of the drawing program that others begin at."""
    sys.path.insert(0, str(ALPHA))
    try:
        return importlib.import_module("portrait.sitting")
    finally:
        sys.path.remove(str(ALPHA))


def test_the_boxes_lie_where_the_drawn_body_has_face_eyes_and_mouth() -> None:
    boxes = yaml.safe_load((ALPHA / "character.yaml").read_text())["boxes"]
    assert {name: tuple(box) for name, box in boxes.items()} == sitting().boxes(sitting().body.build())


def test_the_camera_goes_round_the_character() -> None:
    body, view = sitting().body.build(), sitting().View
    front, right, left = (sitting().marks(body, view(yaw)) for yaw in (0.0, 15.0, -15.0))
    assert right["nose"][0] < front["nose"][0] - 20
    assert left["nose"][0] > front["nose"][0] + 20
    assert right["nose"][1] == pytest.approx(front["nose"][1], abs=5)
    assert right["nose"][0] - 512 == pytest.approx(512 - left["nose"][0], abs=1)


def test_face_units_move_the_face() -> None:
    rest, moved = sitting().body.build(), sitting().body.build({"jawOpen": 0.5})
    assert moved.marks["chin"][1] < rest.marks["chin"][1] - 0.05
    assert moved.marks["nose"] == pytest.approx(rest.marks["nose"], abs=0.01)
    with pytest.raises(KeyError, match="jawOpened"):
        sitting().body.build({"jawOpened": 0.5})


@pytest.mark.campaign
def test_the_program_draws_the_portrait() -> None:
    drawn = sitting().sit().picture(sitting().View()).astype(int)
    assert np.abs(drawn - picture()).mean() < 1.5  # Other processors round otherwise.


def picture() -> np.ndarray:
    """(1024, 1024, 4) uint8."""
    with Image.open(ALPHA / "alpha-ref.png") as opened:
        return np.array(opened)


def test_the_portrait_is_1024_pixels_wide_and_stands_free_but_for_its_lower_edge() -> None:
    alpha = picture()[..., 3]
    assert alpha.shape == (1024, 1024)
    assert not alpha[:24].any()
    assert not alpha[:, :8].any()
    assert not alpha[:, -8:].any()
    assert (alpha[-1, 100:900] > 0).mean() > 0.9


@pytest.mark.parametrize(
    ("name", "place", "order"),
    [
        ("violet eyes", "eye", "brg"),
        ("rose lips", "lip", "r"),
        ("light skin", "forehead", "rgb"),
        ("purple hair", "hair", "brg"),
        ("violet sleeves", "sleeve", "brg"),
    ],
)
def test_the_portrait_has_the_colours_that_the_identity_names(name: str, place: str, order: str) -> None:
    boxes = yaml.safe_load((ALPHA / "character.yaml").read_text())["boxes"]
    ex, ey, _, eh = boxes["eyes"]
    mx, my, mw, mh = boxes["mouth"]
    columns, rows = {
        "eye": ((ex + 18, ex + 26), (ey + eh // 2, ey + eh // 2 + 6)),
        "lip": ((mx + mw // 2 - 10, mx + mw // 2 + 10), (my + mh - 14, my + mh - 8)),
        "forehead": ((480, 520), (220, 240)),
        "hair": ((280, 320), (300, 500)),
        "sleeve": ((130, 170), (850, 900)),
    }[place]
    mean = picture()[slice(*rows), slice(*columns), :3].reshape(-1, 3).mean(0)
    assert "".join(sorted("rgb", key=lambda one: -mean["rgb".index(one)])).startswith(order), name


def test_the_drawing_program_reads_small_files_whose_origin_is_written_down() -> None:
    assert (ALPHA / "upper_body.npz").stat().st_size <= 200_000
    assert (ALPHA / "face_units.npz").stat().st_size <= 200_000
    assert "CC0 1.0" in (ALPHA / "upper_body.LICENSE").read_text()
    assert "upper_body.npz" in Path(ROOT, "NOTICE").read_text()


def test_the_mouth_is_within_the_face_and_the_eyes_above_it() -> None:
    boxes = yaml.safe_load((ALPHA / "character.yaml").read_text())["boxes"]
    corners = {name: (x, y, x + width, y + height) for name, (x, y, width, height) in boxes.items()}
    face, eyes, mouth = corners["face"], corners["eyes"], corners["mouth"]
    for inner in (eyes, mouth):
        assert face[0] < inner[0] < inner[2] < face[2]
    assert face[1] < eyes[1] < eyes[3] < mouth[1] < mouth[3] < face[3]


@pytest.mark.parametrize("section", ["camera", "time", "foley", "voice", "title", "description"])
def test_no_two_episodes_say_the_same(section: str) -> None:
    said = [spec[section] for spec in SPECS.values()]
    assert len(said) == 4
    assert all(one not in said[:index] for index, one in enumerate(said))


def spoken(at: Lowering) -> Lowered:
    """The voice alone, and beside the joined one the words of each sentence."""
    made = lower_voice(at)
    sentences = [action for action in made.actions if action.stage == "voice"]
    words = [
        Deliverable(f"words/{at.episode.number}/{index}.json", action.artifact("words.json"))
        for index, action in enumerate(sentences)
    ]
    return Lowered(made.actions, (*made.deliverables, *words))


@pytest.fixture(scope="module")
def narrations(tmp_path_factory: pytest.TempPathFactory) -> Studio:
    studio = Studio(tmp_path_factory.mktemp("series") / "project", BUILTIN, lower=spoken)
    shutil.copytree(EPISODES, studio.root / "episodes")
    outcome = studio.build()
    assert (outcome.exit_code, studio.codes(outcome)) == (0, ["E235"])
    return studio


@pytest.mark.parametrize("number", SPECS)
def test_a_narration_fills_its_episode(narrations: Studio, number: str) -> None:
    words = [read_words(path) for path in (narrations.root / f"dist/words/{int(number)}").iterdir()]
    natural_s = sum(one.samples for one in words) / 48_000 + 0.35 * (len(words) - 1)
    least, most = (31.5, 30 * 1.08) if number == LONG else (25, 30)
    assert least < natural_s < most
    voice, _ = read_wav(narrations.root / f"dist/static/audio/alpha_d13_episode{int(number)}_voice.wav")
    assert len(voice) == 900 * 1600
    assert np.flatnonzero(np.abs(voice) > 0.01)[-1] > 25 * 48_000
