"""Burnt captions from words to encoded chunks: what is drawn where, and which chunks a changed word draws anew."""

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from episodec.audio.words import SpokenWord, Words, write_words
from episodec.backends.overlay import OverlayBackend
from episodec.backends.rasterise import Rasterise
from episodec.backends.x264 import X264
from episodec.drawings.overlay import NOTHING, FrameOverlay, overlaid, read_overlay, write_overlay
from episodec.engine.action import Artifact
from episodec.engine.backend import WorkOrder
from episodec.errors import BackendError
from episodec.film.pose import look_at
from episodec.film.still_rows import still_rows
from episodec.spec.types_of_sound import Captions
from episodec.spec.types_of_tracks import StaticMove
from episodec.splat.scene_file import encode_scene
from episodec.stages import lower
from episodec.stages.lowering import CharacterFacts, LoweringError
from episodec.timebase import AtFrame
from episodec.video.frames import frames_of
from episodec.video.x264 import encode_lossless
from tests.audio.test_phrases import TEXT, spoken
from tests.builds.test_every_field import FILMED, RECORDED, SPOKEN
from tests.contracts.lowered import lowering
from tests.splat.scenes import random_scene
from tests.toys.orders import task
from tests.video.chunks import FFMPEG, FORM, chunk, moving

FRAMES = 240
BURNT = Captions(burnt=True)


def overlay_order(root: Path, words: tuple[SpokenWord, ...], *, target_y: float = 0.0, face: Any = None) -> WorkOrder:
    root.mkdir()
    write_words(root / "words.json", Words(FRAMES * 1600, "measured", words))
    poses = np.tile(look_at(np.array([[0.0, target_y, 2.6]]), np.array([[0.0, target_y, 0.0]])), (FRAMES, 1, 1))
    rows = still_rows((540, 960), poses, 35.0, [0.5] * FRAMES)
    inputs = {"words.json": ((root / "words.json").read_bytes(),), "frames.rows": (rows,)}
    params = {"frames": FRAMES, "rate": 30, "chunk_frames": 30, "face": face}
    outputs = tuple(f"overlay_{number:03}.json" for number in range(8))
    order = task(root, "overlay", stage="overlay", params=params, inputs=inputs, outputs=outputs).order
    OverlayBackend().run(order)
    return order


def overlays(order: WorkOrder) -> list[tuple[FrameOverlay, ...]]:
    return [read_overlay(order.outputs[name].read_text("utf-8")) for name in sorted(order.outputs)]


def test_each_chunk_has_its_own_part_of_what_is_shown(tmp_path: Path) -> None:
    actual = overlays(overlay_order(tmp_path / "a", spoken(TEXT)))
    assert [len(shown) for shown in actual] == [30] * 8
    assert actual[0][0] == NOTHING
    assert next(one.lines[0][0] for one in actual[0] if one.lines) == "Мой"
    words = {word for shown in actual for one in shown for line in one.lines for word in line}
    assert words == set(TEXT.replace("|", " ").split())


def test_a_word_that_changes_draws_only_the_chunks_anew_that_show_it(tmp_path: Path) -> None:
    before = overlay_order(tmp_path / "a", spoken(TEXT))
    words = [replace(word, word="секунд") if word.word == "миллисекунд" else word for word in spoken(TEXT)]
    after = overlay_order(tmp_path / "b", tuple(words))
    names = sorted(before.outputs)
    changed = [name for name in names if before.outputs[name].read_bytes() != after.outputs[name].read_bytes()]
    rows = [name for name, part in zip(names, overlays(before), strict=True) if "миллисекунд" in str(part)]
    assert set(rows) <= set(changed)
    assert len(changed) <= len(rows) + 1 < len(names)


def test_lines_keep_away_from_a_face_that_the_camera_shows_low(tmp_path: Path) -> None:
    middles = [
        {one.middle_px for shown in overlays(overlay_order(tmp_path / name, spoken(TEXT), target_y=y, face=face))
         for one in shown if one.lines}
        for name, y, face in (("a", 0.0, [0.0, 0.16, 0.0]), ("b", 0.6, [0.0, 0.16, 0.0]), ("c", 0.6, None))
    ]  # fmt: skip
    assert middles == [{768}, {192}, {768}]


def test_a_sign_without_a_glyph_is_left_out_and_told_and_a_letter_refused(tmp_path: Path) -> None:
    words = (SpokenWord("Привет🙂", 0, 4800), SpokenWord("🙂", 4800, 9600), SpokenWord("мир.", 9600, 14_400))
    order = overlay_order(tmp_path / "a", words)
    assert {line for one in overlays(order)[0] for line in one.lines} == {("Привет", "мир.")}
    with pytest.raises(BackendError, match="the font of burnt-in captions lacks letters"):
        overlay_order(tmp_path / "b", (SpokenWord("声", 0, 4800),))


def encode_order(root: Path, visible: list[FrameOverlay] | None) -> WorkOrder:
    root.mkdir()
    encode_lossless(moving(10), FORM, root / "frames.mkv", FFMPEG)
    inputs = {"frames.mkv": ((root / "frames.mkv").read_bytes(),)}
    inputs |= {} if visible is None else {"overlay.json": (write_overlay(visible).encode(),)}
    params = {"frames": 10, "rate": 30, "size": [FORM.width, FORM.height]}
    order = task(root, "x264", stage="encode", inputs=inputs, params=params, outputs=("chunk.mp4",)).order
    X264().run(order)
    return order


def test_a_chunk_on_which_nothing_stands_has_the_bytes_that_it_has_without_captions(tmp_path: Path) -> None:
    order = encode_order(tmp_path / "a", [NOTHING] * 10)
    assert order.output().read_bytes() == chunk(tmp_path / "direct.mp4", 10).read_bytes()


def test_words_are_on_the_frames_that_they_are_spoken_in(tmp_path: Path) -> None:
    output = FrameOverlay((("Да",),), None, 20, 24)
    with_words = list(frames_of(encode_order(tmp_path / "a", [NOTHING] * 4 + [output] * 6).output()))
    without = list(frames_of(encode_order(tmp_path / "b", None).output()))
    differences = [np.abs(one.astype(int) - other).max() for one, other in zip(with_words, without, strict=True)]
    assert max(differences[:4]) < 60 < min(differences[4:])


def test_an_overlay_of_other_frames_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BackendError, match="another chunk"):
        encode_order(tmp_path / "a", [NOTHING] * 9)


def test_frames_for_a_later_stage_are_those_of_the_chunk_without_loss(tmp_path: Path) -> None:
    poses = np.tile(look_at(np.array([[0.0, 0.0, 2.6]]), np.zeros((1, 3))), (3, 1, 1))
    rows = still_rows((64, 48), poses, 35.0, [0.0, 0.5, 1.0])
    inputs = {"still.scene": (encode_scene(random_scene(200)),), "frames.rows": (rows,)}
    params = {"frames": 3, "rate": 30, "background": {"colours": ["#202028"], "falloff": 0.0}}
    orders = [
        task(tmp_path, "rasterise", name, stage="render", inputs=inputs, params=params, outputs=(name,)).order
        for name in ("chunk.mp4", "frames.mkv")
    ]
    for order in orders:
        Rasterise().run(order)
    frames = {"frames.mkv": (orders[1].output().read_bytes(),)}
    encoding = {"frames": 3, "rate": 30, "size": [64, 48]}
    encode = task(tmp_path, "x264", "e", stage="encode", inputs=frames, params=encoding, outputs=("chunk.mp4",)).order
    X264().run(encode)
    assert encode.output().read_bytes() == orders[0].output().read_bytes()


def test_an_episode_with_burnt_captions_draws_between_the_rendering_and_the_encoding() -> None:
    lowered = lower(lowering(replace(FILMED, captions=BURNT), identity=CharacterFacts(face=(0.0, 0.1))))
    stages = [action.stage for action in lowered.actions]
    assert stages.count("render") == stages.count("encode") == 30
    assert stages.count("overlay") == 1
    (overlay,) = (action for action in lowered.actions if action.stage == "overlay")
    assert overlay.params["face"] == [0.0, 0.163955, 0.0]
    encode = [action for action in lowered.actions if action.stage == "encode"]
    assert [action.inputs["overlay.json"] for action in encode] == [
        (overlay.artifact(name),) for name in overlay.outputs
    ]
    (mux,) = (action for action in lowered.actions if action.stage == "mux")
    assert "captions.vtt" not in mux.inputs
    plain = [action for action in lower(lowering(FILMED)).actions if action.stage in ("render", "encode", "overlay")]
    assert {action.outputs for action in plain} == {("chunk.mp4",)}


@pytest.mark.parametrize(
    ("episode", "path"),
    [
        (replace(SPOKEN, captions=BURNT), ("captions", "burnt")),
        (replace(FILMED, voice=None, captions=BURNT), ("captions", "burnt")),
        (replace(RECORDED, video=None, camera=(StaticMove(900),), captions=BURNT), None),
        (replace(FILMED, captions=BURNT, overrides={"render": {"crf": 20}}), ("overrides", "render")),
    ],
)
def test_what_cannot_be_burnt_in_is_refused_at_its_line(episode: Any, path: tuple[str, ...] | None) -> None:
    if path is None:
        lower(lowering(episode))
        return
    with pytest.raises(LoweringError) as caught:
        lower(lowering(episode))
    assert caught.value.path == path


def test_a_single_frame_has_the_words_that_the_film_shows_on_it(tmp_path: Path) -> None:
    output = FrameOverlay((("Да",),), None, 20, 24)
    frame = next(moving(1))
    file = io.BytesIO()
    Image.fromarray(frame).save(file, "PNG")
    overlay = write_overlay([NOTHING] * 4 + [output] * 6).encode()
    drawn = []
    for number in (0, 4):
        params = {"frames": 10, "rate": 30, "size": [FORM.width, FORM.height], "frame": number}
        inputs = {"frame.png": (file.getvalue(),), "overlay.json": (overlay,)}
        root = tmp_path / str(number)
        order = task(root, "x264", stage="encode", inputs=inputs, params=params, outputs=("frame.png",)).order
        X264().run(order)
        drawn.append(np.asarray(Image.open(order.output())))
    assert (drawn[0] == frame).all()
    assert (drawn[1] == next(overlaid([frame], [output]))).all()


def test_a_still_is_drawn_onto_where_captions_are_burnt_in() -> None:
    at = lowering(replace(FILMED, captions=BURNT), still=AtFrame(44))
    rendered, drawn = (action for action in lower(at).actions if action.outputs == ("frame.png",))
    assert (rendered.id, drawn.id) == ("d13-001/render/0044", "d13-001/encode/0044")
    assert drawn.inputs["frame.png"] == (rendered.artifact(),)
    (overlay,) = drawn.inputs["overlay.json"]
    assert isinstance(overlay, Artifact)
    assert (overlay.output, drawn.params["frame"], drawn.params["frames"]) == ("overlay_001.json", 14, 30)
