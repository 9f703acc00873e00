"""The backend `wan` through the real diffusers, on tiny checkpoints of random weights that are made here."""

import io
import json
import math
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from episodec.backends.wan.backend import WanBackend, parameters
from episodec.backends.wan.checkpoint import Wan, wan_model
from episodec.contracts.hold import hold
from episodec.engine.backend import WorkOrder
from episodec.errors import BackendError, SettingsError
from episodec.film.pose import intrinsics
from episodec.film.rows import pack
from tests.standins.checks import Digests
from tests.toys.orders import task

FRAMES, SIDE = 5, 40
TINY = {"side": 64, "video_frames": 5, "steps": 2}
PARAMS: dict[str, Any] = {"frames": FRAMES, "prompt": "she smiles", "negative_prompt": None, "seed": 3, "steps": None}


@pytest.fixture(scope="session")
def checkpoints(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    """By how many experts they have."""
    from tests.tiny.wan import save_wan  # Imports diffusers, which takes seconds.

    folder = tmp_path_factory.mktemp("wan")
    return {experts: save_wan(folder / str(experts), experts=experts) for experts in (1, 2)}


def portrait(colour: tuple[int, ...] = (200, 60, 40, 255)) -> bytes:
    built, content = Image.new("RGBA", (96, 96), (0, 0, 0, 0)), io.BytesIO()
    built.paste(colour, (30, 20, 66, 96))
    built.save(content, "PNG")
    return content.getvalue()


def cameras(arc_deg: float = 0.0, frames: int = FRAMES) -> bytes:
    poses = np.stack([np.eye(4)] * frames)
    for k, pose in enumerate(poses):
        angle = math.radians(arc_deg) * (k / (frames - 1) - 0.5)
        sin, cos = math.sin(angle), math.cos(angle)
        pose[:3, :3] = np.array([[cos, 0, sin], [0, 1, 0], [-sin, 0, cos]])
        pose[:3, 3] = 2.6 * np.array([sin, 0, cos])
    return pack((SIDE, SIDE), poses, intrinsics(np.full(frames, 35.0), (SIDE, SIDE)), np.linspace(0, 1, frames))


def order(root: Path, checkpoint: Path, overrides: dict[str, Any] | None = None, **more: Any) -> WorkOrder:
    """More: `picture` and `rows` instead of the usual inputs, and params."""
    inputs = {"portrait.png": (more.pop("picture", portrait()),), "cameras.rows": (more.pop("rows", cameras()),)}
    settings = {"checkpoint": str(checkpoint), "device": "cpu"}
    outputs = (*(f"frame_{number:03}.png" for number in range(FRAMES)), "motion.json")
    params = {**PARAMS, **more, "overrides": {**TINY, **(overrides or {})}}
    return task(root, "wan", stage="motion", settings=settings, params=params, inputs=inputs, outputs=outputs).order


def motion_frames(order: WorkOrder) -> list[bytes]:
    WanBackend().run(order)
    hold(order)
    return [order.outputs[name].read_bytes() for name in sorted(order.outputs) if name.endswith(".png")]


def picture(content: bytes) -> NDArray[np.uint8]:
    return np.asarray(Image.open(io.BytesIO(content)))


@pytest.mark.parametrize(("experts", "fps"), [(2, 16), (1, 24)])
def test_a_portrait_becomes_opaque_frames_of_the_cameras_size(
    tmp_path: Path, checkpoints: dict[int, Path], experts: int, fps: int
) -> None:
    first = order(tmp_path, checkpoints[experts])
    frames = [picture(content) for content in motion_frames(first)]
    assert [frame.shape for frame in frames] == [(SIDE, SIDE, 4)] * FRAMES
    assert all((frame[..., 3] == 255).all() for frame in frames)
    note = json.loads(first.outputs["motion.json"].read_text())
    assert note["source"] == {"size": [64, 64], "fps": fps, "frames": 5}
    assert [(each["source_frame"], each["scene_time"]) for each in note["frames"]] == [
        (number, number / 4) for number in range(FRAMES)
    ]
    (clip,) = note["clips"]
    assert clip["prompt"].startswith("she smiles The camera stands still")
    assert clip["most_change"] > 1
    assert clip["drift_first"] > 10
    assert [(note.code, note.facts) for note in first.notes] == [("clip-unlike-portrait", {"clip": clip["name"]})]
    assert str(tmp_path) not in json.dumps(note)


def test_equal_orders_give_equal_bytes_and_what_is_asked_makes_a_difference(
    tmp_path: Path, checkpoints: dict[int, Path]
) -> None:
    asked: list[dict[str, Any]] = [
        {}, {}, {"seed": 4}, {"prompt": "he nods"}, {"negative_prompt": "rain"},
        {"picture": portrait((0, 90, 250, 255)), "overrides": {"guidance_scale": 9.0}},
    ]  # fmt: skip
    actual = [motion_frames(order(tmp_path / str(at), checkpoints[1], **one)) for at, one in enumerate(asked)]
    assert actual[0] == actual[1]
    assert len({tuple(frames) for frames in actual}) == len(asked) - 1


def test_each_expert_is_guided_by_its_own_number(tmp_path: Path, checkpoints: dict[int, Path]) -> None:
    """Of one step, which is all noise, the second expert sees nothing."""

    def frames(name: str, **overrides: Any) -> list[bytes]:
        return motion_frames(order(tmp_path / name, checkpoints[2], overrides=overrides))

    usual = frames("1", steps=1)
    low, high = frames("2", steps=1, guidance_low_noise=9.0), frames("3", steps=1, guidance_high_noise=9.0)
    assert usual == low != high
    assert frames("4", steps=2) != frames("5", steps=2, guidance_low_noise=9.0)


def test_halves_of_weights_beside_a_whole_codec_make_clips_as_well(checkpoints: dict[int, Path]) -> None:
    """As on a GPU, here on a processor."""
    model = wan_model(settings(checkpoints[2]))
    half = replace(model, precision=wan_model({**settings(checkpoints[2]), "device": "cuda"}).precision)
    values = np.full((64, 64, 3), 200, np.uint8)
    clips = [Wan(each).clip(values, "x", "", 1, {**model.defaults, **TINY}) for each in (model, half)]
    assert [clip.shape for clip in clips] == [(5, 64, 64, 3)] * 2
    assert 0 < np.abs(clips[0].astype(int) - clips[1]).mean() < 20


def test_an_orbit_is_made_of_a_clip_to_each_side(tmp_path: Path, checkpoints: dict[int, Path]) -> None:
    first = order(tmp_path, checkpoints[1], rows=cameras(30))
    frames = motion_frames(first)
    note = json.loads(first.outputs["motion.json"].read_text())
    assert [each["name"] for each in note["clips"]] == ["left", "right"]
    assert ["15 degrees" in each["prompt"] and each["name"] in each["prompt"] for each in note["clips"]] == [True] * 2
    assert [each["source_frame"] for each in note["frames"]] == [4, 2, 0, 2, 4]
    assert len(set(frames)) == FRAMES


def test_a_clip_may_turn_back_so_that_the_portrait_is_in_the_middle(
    tmp_path: Path, checkpoints: dict[int, Path]
) -> None:
    frames = motion_frames(order(tmp_path, checkpoints[1], overrides={"portrait_at": "middle"}))
    assert frames[:2] == frames[:2:-1]
    assert len(set(frames)) == 3


@pytest.mark.parametrize(
    ("experts", "overrides", "fact"),
    [
        (2, {"side": 72}, "multiple of 16"),
        (1, {"side": 80}, "multiple of 32"),
        (2, {"side": 1296}, "64 to 1280"),
        (2, {"video_frames": 10}, "1 more than a multiple of 4"),
        (2, {"video_frames": 1}, "5 to 257"),
        (2, {"steps": 0}, "1 to 1000"),
        (2, {"steps": True}, "1 to 1000"),
        (2, {"guidance_low_noise": "3"}, "0 to 50"),
        (1, {"guidance_scale": math.nan}, "0 to 50"),
        (2, {"portrait_at": "end"}, "start or middle"),
        (2, {"guidance_scale": 3.0}, "it takes guidance_high_noise, guidance_low_noise"),
        (1, {"guidance_high_noise": 3.0}, "it takes guidance_scale"),
        (2, {"fps": 30}, "unknown *fps"),
        (2, {"guidance_high_noise": 1.0}, "guides neither expert"),
    ],
)
def test_what_the_pipeline_would_round_swap_or_ignore_is_refused(
    tmp_path: Path, checkpoints: dict[int, Path], experts: int, overrides: dict[str, Any], fact: str
) -> None:
    first = order(tmp_path, checkpoints[experts], overrides)
    with pytest.raises(BackendError, match=fact):
        parameters(first, wan_model(first.settings), FRAMES)


@pytest.mark.parametrize(
    ("params", "sentence"),
    [
        ({"seed": -1}, "whole number from 0"),
        ({"seed": 1.5}, "whole number from 0"),
        ({"prompt": " "}, "a motion's prompt must be a text"),
        ({"negative_prompt": 3}, "a motion's prompt must be a text"),
        ({"frames": 6}, "the numbers of frames and cameras"),
        ({"rows": cameras(frames=3)}, "the numbers of frames and cameras"),
        ({"prompt": "x" * 3000}, "a prompt is longer than the model can read"),
        ({"picture": b"did not make a valid picture"}, "not a PNG"),
        ({"rows": b"no cameras"}, "cameras cannot be read"),
    ],
)
def test_an_impossible_order_is_refused(
    tmp_path: Path, checkpoints: dict[int, Path], params: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(BackendError, match=sentence):
        WanBackend().run(order(tmp_path, checkpoints[1], **params))


def test_without_numbers_wan_is_asked_as_its_own_programs_ask(tmp_path: Path, checkpoints: dict[int, Path]) -> None:
    for experts, side, frames, steps in ((2, 960, 81, 40), (1, 928, 121, 50)):
        first = order(tmp_path / str(experts), checkpoints[experts])
        bare = task(tmp_path / f"{experts}b", "wan", params={"seed": 7}, outputs=tuple(first.outputs)).order
        output = parameters(bare, wan_model(settings(checkpoints[experts])), FRAMES)
        assert (output["side"], output["video_frames"], output["steps"], output["seed"]) == (side, frames, steps, 7)
        assert output["prompt"].strip()


def test_another_take_has_another_seed(tmp_path: Path, checkpoints: dict[int, Path]) -> None:
    model = wan_model(settings(checkpoints[1]))
    orders = [order(tmp_path / str(take), checkpoints[1], take=take) for take in (1, 2, 3)]
    seeds = [parameters(one, model, FRAMES)["seed"] for one in orders]
    assert seeds[0] == 3
    assert len(set(seeds)) == 3


def settings(checkpoint: Path) -> dict[str, str]:
    return {"checkpoint": str(checkpoint), "device": "cpu"}


def fingerprint(checkpoint: Path, **more: str) -> dict[str, Any]:
    actual = WanBackend().fingerprint({**settings(checkpoint), **more}, Digests())
    assert all(Path(path).exists() for path in actual.watches)
    return dict(actual.parts)


@pytest.fixture
def copy(tmp_path: Path, checkpoints: dict[int, Path]) -> Path:
    return Path(shutil.copytree(checkpoints[2], tmp_path / "copy"))


@pytest.mark.parametrize(
    "touched",
    [
        "model_index.json",
        "transformer/diffusion_pytorch_model.safetensors",
        "transformer_2/diffusion_pytorch_model.safetensors",
        "vae/config.json",
        "text_encoder/model.safetensors",
        "tokenizer/tokenizer.json",
        "scheduler/scheduler_config.json",
    ],
)
def test_another_model_is_another_fingerprint(copy: Path, checkpoints: dict[int, Path], touched: str) -> None:
    before = fingerprint(copy)
    assert before == fingerprint(checkpoints[2])
    assert str(copy.parent) not in str(before)
    assert {"ftfy", "transformers", "precision"} <= set(before)
    with (copy / touched).open("a") as file:
        file.write(" ")
    assert fingerprint(copy) != before


def test_the_device_and_what_waits_beside_it_are_in_the_fingerprint(checkpoints: dict[int, Path]) -> None:
    actual = [
        fingerprint(checkpoints[1]), fingerprint(checkpoints[1], device="cuda"),
        fingerprint(checkpoints[1], device="cuda", offload="yes"),
    ]  # fmt: skip
    assert len({str(one) for one in actual}) == 3
    assert actual[1]["precision"] == {"default": "bfloat16", "vae": "float32"}
    gpus = [WanBackend().resources({**settings(checkpoints[1]), "device": each}).gpus for each in ("cpu", "cuda")]
    assert gpus == [0, 1]


def _index(**changes: Any) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        tree = json.loads((folder / "model_index.json").read_text())
        (folder / "model_index.json").write_text(json.dumps({**tree, **changes}))

    return damage


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (_index(_class_name="WanPipeline"), "this is not a Wan 2.2 that makes clips from a picture"),
        (_index(_class_name="FluxPipeline"), "another pipeline"),
        (_index(boundary_ratio=None), "this is not a Wan 2.2 that makes clips from a picture"),
        (_index(expand_timesteps=True), "this is not a Wan 2.2 that makes clips from a picture"),
        (_index(transformer_2=[None, None]), "this is not a Wan 2.2 that makes clips from a picture"),
        (lambda folder: shutil.rmtree(folder / "transformer_2"), "lacks a component"),
        (lambda folder: (folder / "vae" / "config.json").unlink(), "cannot read a file of a pipeline"),
        (
            lambda folder: [path.unlink() for path in folder.glob("*/*.safetensors")],
            "a diffusers pipeline has no safetensors weights",
        ),
    ],
    ids=[
        "words alone",
        "class",
        "no boundary",
        "both kinds",
        "one expert",
        "no folder",
        "no codec",
        "a diffusers pipeline has no safetensors weights",
    ],
)
def test_a_folder_that_is_no_checkpoint_is_told(copy: Path, damage: Callable[[Path], object], sentence: str) -> None:
    damage(copy)
    with pytest.raises(SettingsError, match=sentence):
        fingerprint(copy)


def test_only_a_gpu_is_offloaded(checkpoints: dict[int, Path]) -> None:
    with pytest.raises(SettingsError, match="offloading"):
        fingerprint(checkpoints[1], offload="yes")


def _last_layer(folder: Path, value: float) -> None:
    """Fill the weights that the codec's pixels come from."""
    from safetensors.torch import load_file, save_file

    file = folder / "vae" / "diffusion_pytorch_model.safetensors"
    weights = load_file(file)
    for name in weights:
        if name.startswith("decoder.conv_out"):
            weights[name].fill_(value)
    save_file(weights, file)


@pytest.mark.parametrize(
    ("damage", "kind", "sentence"),
    [
        (lambda folder: _last_layer(folder, 0.0), BackendError, "does not move"),
        (lambda folder: _last_layer(folder, math.nan), BackendError, "did not make a valid picture"),
        (lambda folder: (folder / "transformer" / "config.json").write_text("{}"), SettingsError, "cannot load"),
        (
            lambda folder: (folder / "vae" / "diffusion_pytorch_model.safetensors").write_bytes(b"x" * 99),
            SettingsError,
            "cannot load",
        ),
    ],
    ids=["still", "not a number", "another shape", "cut short"],
)
def test_a_model_that_makes_no_motion_is_told(
    tmp_path: Path, copy: Path, damage: Callable[[Path], None], kind: type[Exception], sentence: str
) -> None:
    damage(copy)
    with pytest.raises(kind, match=sentence):
        motion_frames(order(tmp_path, copy))
