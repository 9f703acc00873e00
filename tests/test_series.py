"""The shipped series: what its files promise each other, and that its narrations fill their episodes."""

import importlib.util
import shutil
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

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

PIXELS = 256  # The portrait is drawn again this small: a box can be told to four of its pixels.


@cache
def drawing() -> ModuleType:
    spec = importlib.util.spec_from_file_location("draw_portrait", ALPHA / "draw_portrait.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@cache
def drawn() -> Mapping[str, Any]:
    """Where the program that drew the portrait puts its parts: masks of PIXELS by PIXELS."""
    program = drawing()
    across = (np.arange(PIXELS) + 0.5) / PIXELS - 0.5
    x, y = np.meshgrid(across * program.SPAN, -across * program.SPAN)
    rays = np.stack([x.ravel(), y.ravel() + program.EYE[1] - 0.145, np.zeros(PIXELS**2)], -1) - program.EYE
    hit, points = program.march(program.EYE, rays / np.linalg.norm(rays, axis=-1, keepdims=True))
    part = np.full(PIXELS**2, -1)
    part[hit] = program.body(points[hit]).argmin(-1)
    skin = np.flatnonzero(part == 0)
    _, eyes, lips = program.paint_skin(points[skin], None)
    # The chin: an ellipsoid around 0.165 with a radius of 0.07, which its blend of 0.12 lets swell by a quarter.
    masks = {"face": points[skin, 1] > 0.165 - 0.07 - 0.12 / 4, "eyes": eyes > 0.5, "mouth": lips > 0.5}
    found = {}
    for name, mask in masks.items():
        found[name] = np.zeros(PIXELS**2, bool)
        found[name][skin] = mask
    return {name: mask.reshape(PIXELS, PIXELS) for name, mask in found.items()}


def test_the_boxes_lie_where_the_drawing_has_face_eyes_and_mouth() -> None:
    boxes = yaml.safe_load((ALPHA / "character.yaml").read_text())["boxes"]
    with Image.open(ALPHA / "alpha-ref.png") as picture:
        pixel = picture.width / PIXELS
    assert set(boxes) == {"face", "eyes", "mouth"}
    for name, (x, y, width, height) in boxes.items():
        rows, columns = np.nonzero(drawn()[name])
        edges = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
        assert [x, y, x + width, y + height] == pytest.approx([edge * pixel for edge in edges], abs=1.5 * pixel), name


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
