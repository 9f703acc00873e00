"""The shipped series: what its files promise each other, and that its narrations fill their episodes."""

import importlib
import shutil
import sys
from functools import cache
from pathlib import Path
from random import Random
from types import ModuleType

import numpy as np
import pytest
import yaml
from PIL import Image
from scipy.ndimage import median_filter

from episodec.audio.wav import read_wav
from episodec.audio.words import Words, read_words
from episodec.backends import BUILTIN
from episodec.engine.action import Deliverable
from episodec.engine.events import NoteTold
from episodec.pacing import Gap, Slot, fitted
from episodec.spec.passages import narration
from episodec.stages.lowering import Lowered, Lowering
from episodec.stages.voice import lower_voice
from tests.builds.studio import ROOT, Studio

EPISODES = Path(ROOT, "episodes")
ALPHA = EPISODES / "characters/alpha"
SPECS = {path.name[:3]: yaml.safe_load(path.read_text()) for path in sorted(EPISODES.glob("*.episode.yaml"))}


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


def test_the_crown_s_outline_has_no_notch_at_the_parting() -> None:
    tops = median_filter((picture()[:, 350:700, 3] > 250).argmax(axis=0).astype(float), 15)  # Without flyaways.
    chord = (tops[:-80] + tops[80:]) / 2
    assert (tops[40:-40] - chord).max() <= 3  # Rows go down.


def test_closed_lips_show_no_dark_gap_at_their_corners() -> None:
    x, y, width, height = yaml.safe_load((ALPHA / "character.yaml").read_text())["boxes"]["mouth"]
    assert picture()[y : y + height, x : x + width, :3].mean(axis=-1).min() > 60


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
    output = [spec[section] for spec in SPECS.values()]
    assert len(output) == 4
    assert all(one not in output[:index] for index, one in enumerate(output))


def spoken(at: Lowering) -> Lowered:
    """The voice alone, and beside the joined one the words of each sentence."""
    built = lower_voice(at)
    sentences = [action for action in built.actions if action.stage == "voice"]
    words = [
        Deliverable(f"words/{at.episode.number}/{index}.json", action.artifact("words.json"))
        for index, action in enumerate(sentences)
    ]
    return Lowered(built.actions, (*built.deliverables, *words))


@pytest.fixture(scope="module")
def narrations(tmp_path_factory: pytest.TempPathFactory) -> Studio:
    studio = Studio(tmp_path_factory.mktemp("series") / "project", BUILTIN, lower=spoken)
    shutil.copytree(EPISODES, studio.root / "episodes")
    outcome = studio.build()
    assert (outcome.exit_code, studio.codes(outcome)) == (0, [])
    assert [event for event in studio.events if isinstance(event, NoteTold)] == []
    return studio


def voice_of(studio: Studio, number: str) -> Path:
    return studio.root / f"dist/static/audio/alpha_d13_episode{int(number)}_voice.wav"


def sentences_of(studio: Studio, number: str) -> list[Words]:
    """The words of each sentence, as it was spoken."""
    folder = studio.root / f"dist/words/{int(number)}"
    return [read_words(folder / f"{index}.json") for index in range(len(list(folder.iterdir())))]


@pytest.mark.parametrize("number", SPECS)
def test_a_narration_fills_its_episode(narrations: Studio, number: str) -> None:
    voice, _ = read_wav(voice_of(narrations, number))
    assert len(voice) == 900 * 1600
    values = np.flatnonzero(np.abs(voice) > 0.01)
    assert 0.3 <= values[0] / 48_000 < 0.35
    assert 25 < values[-1] / 48_000 <= 29.5


Speech = tuple[tuple[int, int], ...]  # From where to where each word of a sentence sounds, in samples from its start.


def spoken_words(words: Words) -> Speech:
    return tuple((one.start, one.end) for one in words.words)


def moved_chunks(before: list[Speech], after: list[Speech], gaps: list[Gap], slot: Slot) -> int:
    """In how many chunks of 30 frames other words sound, or the same ones elsewhere."""
    chunk, sounding = 30 * 1600, []
    for sentences in (before, after):
        starts = fitted([one[-1][1] for one in sentences], gaps, 0.0, slot).starts
        rows: list[set[tuple[int, int, int]]] = [set() for _ in range(slot.frames // 30)]
        for index, (start, sentence) in enumerate(zip(starts, sentences, strict=True)):
            for first, end in sentence:
                for place in range((start + first) // chunk, min((start + end - 1) // chunk + 1, len(rows))):
                    rows[place].add((index, start + first, start + end))
        sounding.append(rows)
    return sum(one != other for one, other in zip(*sounding, strict=True))


def with_another_word(sentence: Speech, index: int, length: int) -> Speech:
    """The sentence with one word of another length; what follows it comes as much earlier or later."""
    first, end = sentence[index]
    by = length - (end - first)
    return (*sentence[:index], (first, end + by), *((start + by, stop + by) for start, stop in sentence[index + 1 :]))


def test_another_word_moves_the_speech_of_few_chunks(narrations: Studio) -> None:
    random = Random(12)
    counts = []
    for _ in range(100):
        number = random.choice(sorted(SPECS))
        spec = SPECS[number]["voice"]
        gaps = [one.gap for one in narration(spec["text"], "ru").passages]
        before = [spoken_words(one) for one in sentences_of(narrations, number)]
        place, other = random.randrange(len(before)), random.choice(random.choice(before))
        index = random.randrange(len(before[place]))
        after = list(before)
        after[place] = with_another_word(before[place], index, other[1] - other[0])
        if after[place] == before[place]:
            after[place] = with_another_word(before[place], index, other[1] - other[0] + 1)
        counts.append(moved_chunks(before, after, gaps, Slot(900, 30, 0.3, 0.5, 0.15)))
    assert np.median(counts) <= 6  # 4, and two thirds 5, of 30.
    assert sum(count <= 8 for count in counts) / len(counts) >= 2 / 3
