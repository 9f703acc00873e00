"""The backends `x264` and `concat`, and how the lowering joins them: from lossless chunks to one picture."""

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from episodec.backends import BUILTIN
from episodec.backends.check import CheckBackend
from episodec.backends.concat import Concat
from episodec.backends.stills import StillsBackend
from episodec.backends.x264 import X264
from episodec.contracts.hold import check_action
from episodec.digest import digest_bytes
from episodec.engine.action import Action, ActionId, Artifact
from episodec.engine.backend import WorkOrder
from episodec.engine.executor import Done
from episodec.engine.key import action_key, key_parts
from episodec.errors import BackendError
from episodec.executors.local import LocalExecutor
from episodec.stages import BackendChoice, Lowering
from episodec.stages.encode import ChunkFile, lower_encode, lower_joined
from episodec.store.blobs import Blobs
from episodec.store.layout import open_layout
from episodec.video.frames import frames_of
from episodec.video.probe import probe
from episodec.video.x264 import FrameForm, encode_chunk, encode_lossless
from tests.builds.test_every_field import SPOKEN
from tests.toys.orders import sent, task
from tests.video.chunks import FFMPEG, FORM, chunk, moving


def encode_order(root: Path, count: int, form: FrameForm = FORM, **params: Any) -> WorkOrder:
    root.mkdir(exist_ok=True)
    encode_lossless(moving(count, form=form), form, root / "frames.mkv", FFMPEG)
    output = {"frames": count, "rate": 30, "size": [form.width, form.height], **params}
    inputs = {"frames.mkv": ((root / "frames.mkv").read_bytes(),)}
    return task(root, "x264", stage="encode", inputs=inputs, params=output, outputs=("chunk.mp4",)).order


def joined_order(root: Path, chunks: list[Path], frames: int) -> WorkOrder:
    inputs = {"chunk.mp4": tuple(path.read_bytes() for path in chunks)}
    params = {"frames": frames, "rate": 30}
    return task(root, "concat", stage="picture", inputs=inputs, params=params, outputs=("picture.mp4",)).order


def test_a_lossless_chunk_becomes_what_its_frames_would_have_become_at_once(tmp_path: Path) -> None:
    order = encode_order(tmp_path, 20)
    X264().run(order)
    assert order.output().read_bytes() == chunk(tmp_path / "direct.mp4", 20).read_bytes()


def test_a_worker_encodes_the_chunk_that_lowering_asks_for(tmp_path: Path) -> None:
    ((action,), encoded) = lower_encode(lowering(), [ChunkFile(30, 50, rendered(0))], (FORM.width, FORM.height))
    check_action(action)
    assert encoded == [ChunkFile(30, 50, action.artifact("chunk.mp4"))]
    encode_lossless(moving(20), FORM, tmp_path / "frames.mkv", FFMPEG)
    inputs = {"frames.mkv": ((tmp_path / "frames.mkv").read_bytes(),)}
    asked: dict[str, Any] = {
        "stage": action.stage,
        "params": action.params,
        "inputs": inputs,
        "outputs": action.outputs,
    }
    executor = LocalExecutor(BUILTIN, tmp_path / "store", 1)
    try:
        executor.submit(sent(tmp_path, action.backend, **asked))
        (done,) = executor.wait(60)
    finally:
        executor.close()
    assert isinstance(done, Done), done
    built = tmp_path / "made.mp4"  # What reads a video goes by its name, too.
    built.write_bytes(Blobs(open_layout(tmp_path / "store")).open_blob(done.outputs["chunk.mp4"].digest).read_bytes())
    facts = probe(built)
    assert (facts.frames, facts.rate, facts.codec, facts.start_s) == (20, Fraction(30), "h264", Fraction(0))
    luma = np.array([0.2126, 0.7152, 0.0722])  # Chroma has half of the pixels, and the stripes of colour are sharp.
    visible, given = (np.stack([frame @ luma for frame in frames]) for frames in (frames_of(built), moving(21)))
    apart, from_the_next = (np.abs(visible - some).mean(axis=(1, 2)) for some in (given[:20], given[1:]))
    assert apart.max() < 2  # Of 255.
    assert (apart < from_the_next).all()


def test_overrides_change_the_chunk(tmp_path: Path) -> None:
    sizes = []
    for crf in (5, 40):
        order = encode_order(tmp_path / str(crf), 20, overrides={"crf": crf})
        X264().run(order)
        sizes.append(order.output().stat().st_size)
    assert sizes[0] > 2 * sizes[1]


@pytest.mark.parametrize("params", [{"frames": 19}, {"frames": 0}, {"size": [66, 48]}, {"overrides": {"crf": 0}}])
def test_a_chunk_that_is_not_what_the_order_says_is_refused(tmp_path: Path, params: dict[str, Any]) -> None:
    with pytest.raises(BackendError):
        X264().run(encode_order(tmp_path, 20, **params))


def test_an_odd_size_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BackendError, match="odd size"):
        X264().run(encode_order(tmp_path, 3, FrameForm(63, 48, 30)))


def test_chunks_are_joined_to_the_promised_frames(tmp_path: Path) -> None:
    parts = [chunk(tmp_path / "a.mp4", 10), chunk(tmp_path / "b.mp4", 7, start=10)]
    order = joined_order(tmp_path, parts, 17)
    Concat().run(order)
    assert probe(order.output()).frames == 17
    with pytest.raises(BackendError, match="the joined picture does not have the episode's frames"):
        Concat().run(joined_order(tmp_path / "more", parts, 18))


def lowering() -> Lowering:
    return Lowering(SPOKEN, lambda stage, _: BackendChoice({"encode": "x264", "picture": "concat"}[stage]), {})


def rendered(number: int) -> Artifact:
    return Artifact(ActionId(f"d13-001/render/{number}"), "frames.mkv")


def test_chunks_are_lowered_to_an_action_each_and_one_that_joins_them_in_order() -> None:
    chunks = [ChunkFile(start, start + 300, rendered(start)) for start in (0, 300, 600)]
    actions, encoded = lower_encode(lowering(), chunks, (64, 48))
    assert [action.id for action in actions] == [
        f"d13-001/encode/{one}" for one in ("0000-0300", "0300-0600", "0600-0900")
    ]
    picture = lower_joined(lowering(), encoded)
    assert picture.result == picture.actions[0].artifact("picture.mp4")
    assert picture.actions[0].inputs["chunk.mp4"] == tuple(action.artifact() for action in actions)


def test_a_chunks_key_knows_no_position() -> None:
    def key(action: Action) -> str:
        return action_key(key_parts(action, {}, {"frames.mkv": (digest_bytes(b"frames"),)}))

    first, other = (
        lower_encode(lowering(), [ChunkFile(start, start + 30, rendered(start))], (64, 48))[0][0] for start in (0, 60)
    )
    assert first.id != other.id
    assert key(first) == key(other)


def test_chunks_with_a_gap_between_are_a_bug() -> None:
    with pytest.raises(AssertionError):
        lower_joined(lowering(), [ChunkFile(0, 300, rendered(0)), ChunkFile(330, 900, rendered(1))])


@pytest.mark.parametrize("backend", [StillsBackend(), CheckBackend()])
def test_a_picture_of_another_length_has_no_pictures_and_no_check(tmp_path: Path, backend: Any) -> None:
    inputs = {"picture.mp4": (chunk(tmp_path / "a.mp4", 10).read_bytes(),)}
    outputs = ("check.json", "check.png", "poster.jpg", "contact.png", "preview.webp")
    more: dict[str, Any] = {"inputs": inputs, "params": {"frames": 11, "rate": 30}, "outputs": outputs}
    with pytest.raises(BackendError, match="differs in length"):
        backend.run(task(tmp_path, "any", stage="any", **more).order)


def test_references_are_compared_by_the_check(tmp_path: Path) -> None:
    import json

    from PIL import Image

    path = chunk(tmp_path / "a.mp4", 10)
    Image.fromarray(list(frames_of(path))[4]).save(tmp_path / "reference.png")
    inputs = {"picture.mp4": (path.read_bytes(),), "reference.png": ((tmp_path / "reference.png").read_bytes(),)}
    params = {"frames": 10, "rate": 30, "references": [4], "gates": {"psnr_db": {"min": 99}}}
    order = task(
        tmp_path, "check", stage="check", inputs=inputs, params=params, outputs=("check.json", "check.png")
    ).order
    CheckBackend().run(order)
    assert json.loads(order.outputs["check.json"].read_bytes())["psnr_db"] == {"4": 100.0}


@pytest.mark.parametrize("background", [{"colours": ["#606060"], "falloff": 0}, None])
def test_the_check_tells_where_the_character_touches_the_upper_edge(tmp_path: Path, background: Any) -> None:
    frames = [np.full((48, 64, 3), 0x60, np.uint8) for _ in range(8)]
    for number in range(8):
        frames[number][0 if number in (2, 3, 6) else 6 :, 20:44] = (150, 40, 190)
    encode_chunk(iter(frames), FrameForm(64, 48, 30), tmp_path / "a.mp4", FFMPEG)
    params: dict[str, Any] = {"frames": 8, "rate": 30}
    if background:
        params["background"] = background
    inputs = {"picture.mp4": ((tmp_path / "a.mp4").read_bytes(),)}
    order = task(
        tmp_path, "check", stage="check", inputs=inputs, params=params, outputs=("check.json", "check.png")
    ).order
    CheckBackend().run(order)
    if not background:
        assert not order.notes
        return
    (note,) = order.notes
    assert note.code == "crown-at-edge"
    assert note.sentence == "the character touches the frame's upper edge in 3 frames, first in frame 2 (0:00.06)"
    assert note.facts == {"frames": "2-3, 6"}
    assert note.hint is not None
