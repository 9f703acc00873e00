"""Formats of files that stages make for each other: a sound file passes, one that no later stage could use does not."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from episodec.contracts.catalogue import CONTRACTS
from episodec.contracts.hold import HINT, hold
from episodec.engine.backend import WorkOrder
from episodec.errors import BackendError
from episodec.film.plan import plan_of
from episodec.film.plan_json import write_plan
from episodec.film.rows import unpack
from episodec.performance.track import pack
from episodec.splat.cloud import write_cloud
from episodec.video.x264 import FrameForm
from tests.contracts import written as good
from tests.contracts.written import CLOCK, FRAMES, PARTS, SAMPLES, Writer, table, text, written
from tests.toys.orders import task
from tests.video.chunks import FORM, chunk


@pytest.mark.parametrize("stage", PARTS)
def test_outputs_as_they_should_be_are_kept(tmp_path: Path, stage: str) -> None:
    hold(written(tmp_path, stage))


def test_outputs_of_every_stage_are_tried() -> None:
    assert {stage.partition(" ")[0] for stage in PARTS} == set(CONTRACTS)
    for stage, contract in CONTRACTS.items():
        names = {name for part, (_, _, outputs) in PARTS.items() if part.partition(" ")[0] == stage for name in outputs}
        assert all(any(map(output.has, names)) for output in contract.outputs), stage


def cut(path: Path, _: WorkOrder) -> None:
    """The rest of a file that was not written to its end."""
    content = path.read_bytes()
    path.write_bytes(content[: len(content) * 2 // 3])


def a_byte_short(path: Path, _: WorkOrder) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def emptied(path: Path, _: WorkOrder) -> None:
    path.write_bytes(b"")


def stored(
    rate: int = 48_000, kind: str = "WAV", coding: str = "PCM_16", channels: int = 1, level: float = 0
) -> Writer:
    """A sound of another form, as long as it should be."""
    samples = np.full((SAMPLES, channels), level, np.float64)
    return lambda path, _: soundfile.write(path, samples, rate, format=kind, subtype=coding)


def changed(**fields: Any) -> Writer:
    """The same JSON with other fields; those that are None are left out."""

    def write(path: Path, order: WorkOrder) -> None:
        tree = json.loads(path.read_bytes()) | fields
        table(**{name: value for name, value in tree.items() if value is not None})(path, order)

    return write


def replaced(old: str, new: str) -> Writer:
    def write(path: Path, _: WorkOrder) -> None:
        content = path.read_text(encoding="utf-8")
        assert old in content
        path.write_text(content.replace(old, new), encoding="utf-8")

    return write


WAVS: list[tuple[Writer, str]] = [
    (emptied, "the sound file is empty"),
    (cut, "the sound file is cut short"),
    (text("no sound"), "not a supported sound file"),
]
BOTH = [
    *WAVS,
    (good.sound(1, SAMPLES + 1), "the sound does not have the requested form"),
    (good.sound(2, SAMPLES - 1), "the sound does not have the requested form"),
]
WORDS: list[tuple[Writer, str]] = [
    (text('{"words": [["Да,", 0, 100]]}'), "not a valid words.json"),
    (changed(version=2), "not a valid words.json"),
    (changed(timing="guessed"), "not a valid words.json"),
    (changed(samples=899), "not a valid words.json"),
    (changed(samples=SAMPLES + 1), "a sound of another length"),
    (changed(samples=SAMPLES - 1), "a sound of another length"),
    (replaced('"start": 100', '"start": 99'), "not a valid words.json"),
    (cut, "not a valid words.json"),
]
ROWS = [{"word": word, "sentence": 0, "start": 0, "end": 0} for word in ("Да,", "нет.", "Да.")]
OTHER_WORDS: list[tuple[Writer, str]] = [
    (replaced("нет.", "нет"), "word 2 is `нет` of sentence 0, not `нет.` of sentence 0"),
    (changed(words=ROWS[:1]), "word 2 is none, not `нет.` of sentence 0"),
    (changed(words=[], timing="absent"), "word 1 is none, not `Да,` of sentence 0"),
    (changed(words=ROWS), "word 3 is `Да.` of sentence 0, not none"),
    (changed(words=ROWS[1::-1]), "word 1 is `нет.` of sentence 0, not `Да,` of sentence 0"),
    (changed(words=[ROWS[0], {**ROWS[1], "sentence": 1}]), "word 2 is `нет.` of sentence 1, not `нет.` of sentence 0"),
]
PNGS: list[tuple[Writer, str]] = [
    (cut, "not a complete PNG"),
    (emptied, "not a complete PNG"),
    (good.picture("JPEG"), "not a complete PNG"),
    (good.raw(good.png_without_its_end()), "not a complete PNG"),
]
SHOTS = [*PNGS, (good.picture(size=(16, 15)), "wrong size")]
VIDEOS: list[tuple[Writer, str]] = [
    (cut, "video file"),
    (emptied, "not a complete video file"),
    (good.film(FRAMES + 1), "not as requested"),
    (lambda path, _: chunk(path, FRAMES, form=FrameForm(64, 48, 25)), "not as requested"),
    (good.encoded_sound(), "no pictures"),
]
SIZED = [*VIDEOS, (lambda path, _: chunk(path, FRAMES, form=FrameForm(48, 64, FORM.rate)), "wrong size")]
JSONS: list[tuple[Writer, str]] = [(cut, "not JSON"), (text("[]"), "not an object"), (text("{}"), "fields of the JSON")]
SCENES: list[tuple[Writer, str]] = [
    (emptied, "empty"),
    (cut, "cut short"),
    (text("ply"), "not a scene file"),
    (good.raw(good.SCENE[:-4] + np.float32(np.nan).tobytes()), "not finite"),
]

BROKEN: Mapping[tuple[str, str], list[tuple[Writer, str]]] = {
    ("voice", "speech.wav"): [
        *WAVS,
        (stored(rate=44_100), "the sound does not have the requested form"),
        (stored(channels=2), "the sound does not have the requested form"),
        (stored(kind="FLAC"), "the sound is not a WAV of integers or floats"),
        (stored(coding="ULAW"), "the sound is not a WAV of integers or floats"),
        (stored(coding="FLOAT", level=np.nan), "NaN or infinity"),
    ],
    ("voice", "words.json"): [*WORDS, *OTHER_WORDS],
    ("voice recording", "speech.wav"): WAVS,
    ("voice recording", "words.json"): WORDS,
    ("align", "words.json"): WORDS,
    ("join", "voice.wav"): BOTH,
    ("join", "words.json"): WORDS,
    ("foley", "foley.wav"): BOTH,
    ("foley", "foley.json"): JSONS,
    ("foley segment", "segment.wav"): BOTH,
    ("foley-join", "foley.wav"): BOTH,
    ("mix", "mix.wav"): BOTH,
    ("mix", "mix.json"): [
        *JSONS,
        (changed(samples=None), "fields of the JSON"),
        (changed(target_lufs="-16"), "fields"),
    ],
    ("audio", "audio.m4a"): [
        (emptied, "not a complete video file"),
        (good.encoded_sound(SAMPLES - 1600), "not as long as the episode"),
        (good.muxed(), "the file does not hold exactly one track of AAC"),
        (good.sound(2), "container format is not supported"),
    ],
    ("audio", "audio.json"): JSONS,
    ("captions", "captions.vtt"): [
        (text("WEBVT\n"), "word times cannot be used"),
        (replaced("00:00:00.033 -->", "00:00:00.032 -->"), "overlap"),
        (replaced("00:00:00.100", "00:00:00.101"), "captions overlap, are out of order, or end after the episode"),
        (replaced("00:00:00.100", "00:00:00.033"), "out of order"),
        (good.raw(b"WEBVTT\n\xff"), "word times cannot be used"),
    ],
    ("captions", "captions.srt"): [
        (text("WEBVTT\n"), "not SubRip"),
        (replaced(",100", ".100"), "not SubRip"),
        (replaced(",100", ",101"), "captions overlap, are out of order, or end after the episode"),
        (good.raw(b"\xff"), "not UTF-8"),
    ],
    ("views", "view_001.png"): SHOTS,
    ("views", "cloud.ply"): [
        (a_byte_short, "cut short"),
        (text("ply\n"), "not a .ply"),
        (good.raw(good.SCENE), "not a .ply"),
    ],
    ("motion", "frame_001.png"): SHOTS,
    ("motion", "motion.json"): [*JSONS, (changed(frames=[{"scene_time": 0}]), "another number of pictures")],
    ("refine", "frame_000.png"): SHOTS,
    ("refine", "drift.json"): [*JSONS, (changed(frames=[]), "another number of pictures")],
    ("dataset", "dataset.zip"): [
        (cut, "not a valid zip"),
        (good.training_set(without="fused.ply"), "lacks files"),
        (good.training_set(without="transforms_test.json"), "lacks a file"),
        (good.training_set(without="train/spatial_000.png"), "lacks files"),
        (good.training_set(smaller=1), "a picture of the dataset differs in size from its camera"),
    ],
    ("train", "still.scene"): SCENES,
    ("train", "point_cloud.ply"): [(cut, "cut short"), (good.raw(write_cloud(good.CLOUD)), "no Gaussians")],
    ("train", "deformation.pth"): [
        (emptied, "these are not tensors saved by torch"),
        (good.tensors("data.txt"), "these are not tensors saved by torch"),
    ],
    ("train", "training.json"): JSONS,
    ("train", "training.png"): PNGS,
    ("train", "turntable.webp"): [(emptied, "not a complete WEBP"), (good.picture(), "not a complete WEBP")],
    ("scene-check", "scene.json"): [(cut, "not measurements"), (changed(orbit=None), "not measurements")],
    ("scene-check", "scene.png"): PNGS,
    ("scene-check", "scene.mp4"): VIDEOS,
    ("plan", "plan.json"): [
        (cut, "this is not a frame plan"),
        (changed(format="other/1"), "this is not a frame plan"),
        (text(write_plan(plan_of(unpack(good.rows(FRAMES + 1)), 30, ()))), "another episode"),
    ],
    ("plan-picture", "plan.png"): PNGS,
    ("video", "video.mp4"): SIZED,
    ("scene", "still.scene"): SCENES,
    ("rig", "mouth.rig"): [(emptied, "not a rig"), (cut, "rig is damaged")],
    ("rig", "face.json"): [*JSONS, (changed(version=2), "another kind")],
    ("render", "chunk.mp4"): SIZED,
    ("render changed", "frames.mkv"): [
        (emptied, "not a complete video file"),
        (good.film(FRAMES - 1), "the chunk has the wrong number of frames"),
        (lambda path, _: chunk(path, FRAMES, form=FrameForm(32, 48, 30)), "wrong size"),
    ],
    ("lip-voice", "window_000.wav"): [
        *WAVS,
        (stored(channels=2), "the sound does not have the requested form"),
    ],
    ("lipsync", "frames_000.mkv"): [
        (emptied, "not a complete video file"),
        (good.film(FRAMES - 1), "the chunk has the wrong number of frames"),
        (lambda path, _: chunk(path, FRAMES, form=FrameForm(32, 48, 30)), "wrong size"),
    ],
    ("overlay", "overlay_000.json"): [
        (cut, "this is not an overlay"),
        (text("[]"), "this is not an overlay"),
        (changed(overlay=2), "this is not an overlay"),
        (changed(frames=FRAMES + 1, shown=[]), "this is not an overlay"),
        (good.raw(b"\xff"), "not UTF-8"),
    ],
    ("performance", "performance.json"): [
        (cut, "this is not a performance"),
        (changed(weightMat=[]), "this is not a performance"),
        (changed(exportFps=25), "another episode"),
        (good.raw(b"\xff"), "this is not a performance"),
    ],
    ("performance", "performance_000.rows"): [
        (emptied, "these are not the rows of a performance"),
        (cut, "these are not the rows of a performance"),
        (good.raw(pack(good.RESTING.part(0, 0))), "the rows do not fit a chunk"),
    ],
    ("performance", "resting_000.rows"): [(cut, "these are not the rows of a performance")],
    ("render one", "frame.png"): [*PNGS, (good.picture(size=(48, 64)), "wrong size")],
    ("encode", "chunk.mp4"): SIZED,
    ("encode one", "frame.png"): [*PNGS, (good.picture(size=(48, 64)), "wrong size")],
    ("picture", "picture.mp4"): VIDEOS,
    ("mux", "episode.mp4"): [
        *VIDEOS,
        (good.muxed(0), "no sound"),
        (good.muxed(SAMPLES - 1600), "not as long as the episode"),
    ],
    ("stills", "poster.jpg"): [(cut, "not a complete JPEG"), (good.picture(), "not a complete JPEG")],
    ("stills", "contact.png"): PNGS,
    ("stills", "preview.webp"): [(emptied, "not a complete WEBP"), (good.picture(), "not a complete WEBP")],
    ("check", "check.json"): [
        *JSONS,
        (changed(gates=[]), "the report is for other frames or gates"),
        (changed(frames=FRAMES - 1), "the report is for other frames or gates"),
        (changed(gates=[{**good.GATE, "verdict": "fine"}]), "fields of the JSON"),
    ],
    ("check", "check.png"): PNGS,
    ("post", "post.md"): [(emptied, "empty"), (good.raw(b"\xff"), "not UTF-8")],
    ("viewer", "viewer.html"): [(cut, "not a whole viewer page"), (good.raw(b"\xff"), "not UTF-8")],
    ("entry", "entry.html"): [
        (text("<p>"), "not an index page entry"),
        (replaced('id="n"', 'id="m"'), "not an index page entry"),
    ],
}


def test_every_output_is_broken_in_some_way() -> None:
    for stage, contract in CONTRACTS.items():
        names = {name for part, name in BROKEN if part.partition(" ")[0] == stage}
        assert all(any(map(output.has, names)) for output in contract.outputs), stage


@pytest.mark.parametrize(
    ("stage", "output", "breaks", "sentence"),
    [
        pytest.param(stage, output, breaks, sentence, id=f"{stage}-{output}-{number}")
        for (stage, output), cases in BROKEN.items()
        for number, (breaks, sentence) in enumerate(cases)
    ],
)
def test_an_output_that_a_later_stage_could_not_use_is_refused_by_name(
    tmp_path: Path, stage: str, output: str, breaks: Writer, sentence: str
) -> None:
    order = written(tmp_path, stage)
    breaks(order.outputs[output], order)
    with pytest.raises(BackendError) as caught:
        hold(order)
    facts = caught.value.facts
    assert (facts["backend"], facts["stage"], facts["output"]) == ("toy", stage.partition(" ")[0], output)
    assert sentence in facts["found"]
    assert caught.value.hint == HINT


def test_a_reader_that_fails_in_its_own_way_refuses_the_output_and_logs_why(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    order = written(tmp_path, "views")
    order.inputs["cameras.rows"][0].write_bytes(b"no rows")
    with pytest.raises(BackendError) as caught:
        hold(order)
    assert caught.value.facts["found"] == "ValueError: these bytes are not rows of version 1 or 2"
    assert "Traceback" in capsys.readouterr().err


def test_a_stage_without_a_contract_is_not_looked_at(tmp_path: Path) -> None:
    hold(task(tmp_path, "toy", stage="toy", params={**CLOCK}, outputs=("speech.wav",)).order)
