"""Stage performance, lowered and performed: its inputs, the dependencies of a chunk's rows, and its notes."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from episodec.audio.words import Phoneme, SpokenWord, Words, write_words
from episodec.backends.capture import CaptureBackend
from episodec.backends.espeak.backend import EspeakBackend
from episodec.backends.performance import PerformanceBackend
from episodec.contracts.hold import hold
from episodec.engine.action import Action
from episodec.engine.backend import WorkOrder
from episodec.errors import BackendError
from episodec.film.pose import look_at
from episodec.film.still_rows import still_rows
from episodec.performance.track import unpack
from episodec.spec.types import Episode
from episodec.spec.types_of_picture import Performance, SceneSection
from episodec.spec.types_of_sound import Voice
from episodec.stages import lower
from tests.backends.speech import read_speech, speech_order
from tests.builds.test_every_field import FILMED, SPOKEN
from tests.contracts.lowered import lowering
from tests.spec.specs import EPISODE, codes, episode
from tests.toys.orders import task

FRAMES = 240
STYLE = {"mouth": 1.0, "brows": 1.0, "head": 1.0, "breath": 1.0, "blinks": True, "gaze": True, "seed": "1"}
OUTPUTS = ("performance.json", *(f"performance_{number:03}.rows" for number in range(8)))
OPENING = ("jawOpen", "mouthFunnel", "mouthLowerDownLeft", "mouthUpperUpLeft")

SENTENCES = (
    *("Мама помыла раму.", "Папа пьёт пиво.", "Бабушка пекла пирожки с мясом.", "Бьём в большой барабан."),
    *("Портрет анфас, beautiful mesh и движение губ.", "Помни про пять минут.", "Обе пумы бегут по берегу."),
    *("Мы сделали model в production.", "Пробный build прошёл.", "Снимок с моего компьютера.", "Bob купил лампу."),
    *("Peter Piper picked a peck of peppers.", "My mother bakes big brown buns.", "Mumble and jumble, bump."),
    *("Please put the map on the table.", "Bob may come, maybe not.", "Simple problems have simple proofs."),
    *("The lamp lit up.", "We rebuild what changed.", "A plump puppy jumped upon the mat."),
)


def order_of(root: Path, spoken: tuple[SpokenWord, ...] | None, **params: Any) -> WorkOrder:
    """Eight seconds, performed."""
    root.mkdir(exist_ok=True)
    poses = np.tile(look_at(np.array([[0, 0, 2.6]]), np.zeros((1, 3))), (FRAMES, 1, 1))
    rows = still_rows((64, 64), poses, 35.0, [0] * FRAMES)
    inputs = {"frames.rows": (rows,)}
    if spoken is not None:
        write_words(root / "said.json", Words(FRAMES * 1600, "measured", spoken))
        inputs["words.json"] = ((root / "said.json").read_bytes(),)
    asked = {"frames": FRAMES, "rate": 30, "chunk_frames": 30, "face": [0, 0, 0], "expressions": [], "words": 0}
    order = task(
        root, "performance", stage="performance", params={**asked, **STYLE, **params}, inputs=inputs, outputs=OUTPUTS
    ).order
    PerformanceBackend().run(order)
    hold(order)
    return order


def spoken_word(*names: str, start_s: float = 1.0, sentence: int = 0) -> SpokenWord:
    starts = [round((start_s + 0.1 * number) * 48_000) for number in range(len(names) + 1)]
    sounds = tuple(Phoneme(name, *starts[place : place + 2]) for place, name in enumerate(names))
    return SpokenWord("слово", starts[0], starts[-1], sentence, sounds)


def rows_of(order: WorkOrder) -> list[bytes]:
    return [order.outputs[name].read_bytes() for name in OUTPUTS[1:]]


def action(of: Episode, **more: Any) -> Action | None:
    """The stage's action, where the episode has one."""
    return next((one for one in lower(lowering(of, **more)).actions if one.stage == "performance"), None)


def test_a_word_changes_the_rows_of_its_own_chunks(tmp_path: Path) -> None:
    plain = (spoken_word("d", "a"), spoken_word("n", "ˈe", start_s=5.2))
    before, after = (
        rows_of(order_of(tmp_path / name, words))
        for name, words in (("a", plain), ("b", (plain[0], spoken_word("m", "ˈu", start_s=5.2))))
    )
    assert [number for number in range(8) if before[number] != after[number]] == [5]


def test_the_file_for_other_tools_is_the_rows_of_all_chunks(tmp_path: Path) -> None:
    order = order_of(tmp_path / "a", (spoken_word("d", "ˈa"),))
    tree = json.loads(order.outputs["performance.json"].read_text("utf-8"))
    rows = np.concatenate([unpack(content).weights for content in rows_of(order)])
    assert np.rint(np.array(tree["weightMat"]) * 255).astype(int).tolist() == rows.tolist()
    assert (tree["exportFps"], tree["numFrames"]) == (30, FRAMES)


def test_a_mark_begins_at_its_word(tmp_path: Path) -> None:
    words = (spoken_word("d", "a"), spoken_word("n", "e", start_s=4.0))
    order = order_of(tmp_path / "a", words, expressions=[[1, "smile"]], words=2, mouth=0.0)
    smiles = np.concatenate([unpack(content).of("mouthSmileLeft") for content in rows_of(order)])
    assert not smiles[: 4 * 30 - 6].any()
    assert (smiles[140:] > 0.39).all()


def test_what_is_not_known_of_the_words_is_told(tmp_path: Path) -> None:
    silent = order_of(tmp_path / "a", (SpokenWord("да", 48_000, 96_000),))
    strange = order_of(tmp_path / "b", (spoken_word("a", "☃"),))
    other = order_of(tmp_path / "c", (spoken_word("a"),), expressions=[[1, "smile"]], words=2)
    without = order_of(tmp_path / "d", None)
    assert [[note.code for note in order.notes] for order in (silent, strange, other, without)] == [
        ["mouth-rests"],
        ["sounds-unknown"],
        ["expressions-left-out"],
        [],
    ]


@pytest.mark.parametrize("language", ["ru", "en"])
def test_lips_are_closed_in_every_closure_of_the_draft_voice(tmp_path: Path, language: str) -> None:
    for number, text in enumerate(SENTENCES):
        if (language == "en") != text.isascii():
            continue
        speech = speech_order(tmp_path / str(number), text, language=language)
        EspeakBackend().run(speech)
        words = read_speech(speech)[1].words
        order = order_of(tmp_path / f"p{number}", words)
        assert order.notes == []
        opened = np.concatenate([sum_of(content) for content in rows_of(order)])
        middles = (np.arange(FRAMES) + 0.5) / 30
        for sound in (sound for word in words for sound in word.phonemes):
            name = sound.name.strip("ˈˌ")
            if name[0] in "pbm":
                start, end = sound.start / 48_000, sound.end / 48_000
                start, end = (start - 0.041, start) if name[0] == "p" else (start, end)
                inside = (middles >= start - 0.017) & (middles <= end + 0.017)
                assert (opened[inside] == 0).any(), (text, sound)


def sum_of(content: bytes) -> Any:
    track = unpack(content)
    return np.sum([track.of(name) for name in OPENING], axis=0)


def test_an_episode_that_shows_its_character_has_a_track_that_its_frames_read() -> None:
    of = action(FILMED)
    assert of is not None
    assert set(of.inputs) == {"frames.rows", "words.json"}
    assert len(of.outputs) == 1 + 30
    assert action(replace(FILMED, performance=None)) is None
    assert action(SPOKEN) is None
    paths = [one.path for one in lower(lowering(FILMED)).deliverables]
    assert "plan/n.performance.json" in paths
    renders = [
        [one for one in lower(lowering(of)).actions if one.stage == "render"]
        for of in (FILMED, replace(FILMED, performance=None))
    ]
    performing, still = ({role for one in actions for role in one.inputs} for actions in renders)
    assert performing - still == {"mouth.rig", "performance.rows"}


def test_a_scene_of_the_authors_has_no_known_face() -> None:
    of = action(replace(FILMED, scene=SceneSection(file="a.ply")))
    assert of is not None
    assert of.params["face"] is None
    assert action(replace(FILMED, scene=SceneSection(file="a.ply")), portrait=None) is None


def test_marks_are_counted_in_the_words_that_are_spoken() -> None:
    text = "[smile] В 2 часа dev — [sad] готов [neutral]."
    of = action(replace(FILMED, voice=Voice(text=text), lexicon={"dev": "дев"}))
    assert of is not None
    assert (of.params["expressions"], of.params["words"]) == ([[0, "smile"], [4, "sad"], [5, "neutral"]], 5)


def test_a_silent_episode_has_a_track_of_its_cameras_alone() -> None:
    of = action(replace(FILMED, voice=None))
    assert of is not None
    assert set(of.inputs) == {"frames.rows"}


def captured(root: Path, name: str, content: bytes, **params: Any) -> WorkOrder:
    asked = {"frames": FRAMES, "rate": 30, "chunk_frames": 30, "file_rate": None, "breath": 1.0, **params}
    inputs = {name: (content,)}
    order = task(root, "capture", stage="performance", params=asked, inputs=inputs, outputs=OUTPUTS).order
    CaptureBackend().run(order)
    hold(order)
    return order


def test_a_capture_is_played(tmp_path: Path) -> None:
    of = action(replace(FILMED, performance=Performance(file="a.csv", file_rate=60)))
    assert of is not None
    assert (of.backend, set(of.inputs), of.params["file_rate"]) == ("capture", {"capture.csv"}, 60)
    text = "jawOpen,note\n" + "0.5,1\n" * 300
    order = captured(tmp_path, "capture.csv", text.encode(), file_rate=60)
    opened = np.concatenate([unpack(content).of("jawOpen") for content in rows_of(order)])
    assert (opened[:150] > 0.49).all()
    assert not opened[150:].any()
    assert [note.code for note in order.notes] == ["capture-columns", "capture-short"]


@pytest.mark.parametrize(
    ("content", "at"),
    [(b"jawOpen\nnan", "line 2, column jawOpen"), (b"jawOpen,jawLeft\n0", "line 2"), (b"\xff", "byte 0")],
)
def test_a_capture_that_cannot_be_played_is_told_at_its_place(tmp_path: Path, content: bytes, at: str) -> None:
    with pytest.raises(BackendError) as caught:
        captured(tmp_path, "capture.csv", content)
    assert caught.value.facts["at"] == at


@pytest.mark.parametrize(
    ("section", "expected"),
    [
        ("performance: none\n", []),
        ("performance: {mouth: 0.5, gaze: false, seed: 3}\n", []),
        ("performance: {file: a.csv, file_rate: 60, breath: 0}\n", []),
        ("performance: {file: a.csv, blinks: true}\n", ["E281"]),
        ("performance: {file_rate: 60}\n", ["E281"]),
        ("performance: some\n", ["S106"]),
        ("performance: {mouth: 2}\n", ["S105"]),
        ("performance: {file: /a.csv}\n", ["F403"]),
        ("video: {file: a.mp4}\nperformance: none\n", ["E204"]),
    ],
)
def test_what_a_spec_says_of_a_performance(section: str, expected: list[str]) -> None:
    actual, messages = episode(EPISODE + section)
    assert codes(messages) == expected
    if section == "performance: none\n":
        assert actual is not None
        assert actual.performance is None
