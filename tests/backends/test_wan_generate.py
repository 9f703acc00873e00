"""The backend `wan-generate` against a stand-in that has the real program's flags, sizes, files and silences."""

import io
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from episodec.backends.wan.generate import WanGenerate
from episodec.contracts.hold import hold
from episodec.engine.backend import WorkOrder
from episodec.errors import BackendError, SettingsError
from episodec.film.rows import pack
from tests.standins.cameras import around
from tests.standins.checks import calls, check_in_fingerprint, fingerprint
from tests.standins.places import wan
from tests.toys.orders import task

pytestmark = pytest.mark.usefixtures("standins")

FRAMES, SIDE = 5, 48
PARAMS: dict[str, Any] = {"frames": FRAMES, "prompt": "- she smiles", "negative_prompt": None, "seed": 3, "take": 1}
SMALL = {"video_frames": 17}


def portrait() -> bytes:
    """A red figure, lower half blue, on nothing."""
    rgba, content = np.zeros((96, 96, 4), np.uint8), io.BytesIO()
    rgba[24:96, 30:66] = (200, 30, 30, 255)
    rgba[60:96, 30:66] = (30, 30, 200, 255)
    Image.fromarray(rgba).save(content, "PNG")
    return content.getvalue()


def order(
    root: Path, settings: dict[str, str], angles: tuple[float, ...] = (0.0,) * FRAMES, **params: Any
) -> WorkOrder:
    rows = pack(*around(angles, SIDE, [k / (FRAMES - 1) for k in range(FRAMES)]))
    inputs = {"portrait.png": (portrait(),), "cameras.rows": (rows,)}
    outputs = (*(f"frame_{index:03}.png" for index in range(FRAMES)), "motion.json")
    output = {**PARAMS, **params, "overrides": {**SMALL, **params.get("overrides", {})}}
    more: dict[str, Any] = {"stage": "motion", "settings": settings, "outputs": outputs}
    return task(root, "wan-generate", inputs=inputs, params=output, **more).order


def small(root: Path, **more: str) -> dict[str, str]:
    return {**wan(root), "size": "832*480", **more}


def pictures(order: WorkOrder) -> list[NDArray[np.uint8]]:
    actual = []
    for index in range(FRAMES):
        with Image.open(order.outputs[f"frame_{index:03}.png"]) as image:
            actual.append(np.asarray(image))
    return actual


def calls_of(root: Path) -> list[dict[str, Any]]:
    return [json.loads(call["program"].partition(" ")[2]) for call in calls(root, "wan")]


def test_a_portrait_becomes_opaque_frames_of_the_cameras_size(tmp_path: Path) -> None:
    first = order(tmp_path, small(tmp_path))
    WanGenerate().run(first)
    hold(first)
    frames = pictures(first)
    assert {frame.shape for frame in frames} == {(SIDE, SIDE, 4)}
    assert all((frame[..., 3] == 255).all() for frame in frames)
    assert np.abs(frames[0][18, 24, :3].astype(int) - (200, 30, 30)).max() < 12
    assert np.abs(frames[0][42, 24, :3].astype(int) - (30, 30, 200)).max() < 12
    assert frames[0][4, 4].min() > 245
    shades = [float(frame[..., :3].mean()) for frame in frames]
    assert shades == sorted(shades, reverse=True)  # In the clip's order.
    note = json.loads(first.outputs["motion.json"].read_text())
    assert note["source"] == {"size": [624, 624], "fps": 16, "frames": 17}
    assert [frame["source_frame"] for frame in note["frames"]] == [0, 4, 8, 12, 16]
    assert [frame["scene_time"] for frame in note["frames"]] == [0, 0.25, 0.5, 0.75, 1]


def test_what_the_five_billion_model_cuts_off_is_white_and_nothing_is_stretched(tmp_path: Path) -> None:
    orders = [
        order(tmp_path / "a", small(tmp_path / "a")),
        order(tmp_path / "b", wan(tmp_path / "b", "ti2v-5B")),
    ]
    for first in orders:
        WanGenerate().run(first)
    square, cropped = (pictures(one)[0].astype(int) for one in orders)
    assert np.abs(square - cropped)[2:-2].max() < 60
    assert np.abs(square - cropped)[2:-2].mean() < 1.5
    note = json.loads(orders[1].outputs["motion.json"].read_text())
    assert note["source"] == {"size": [960, 928], "fps": 24, "frames": 17}


def test_every_flag_is_said_and_the_seed_is_never_a_random_one(tmp_path: Path) -> None:
    settings = small(tmp_path, offload="yes", t5_cpu="yes")
    first = order(tmp_path, settings, steps=12, overrides={"shift": 3.0, "guidance_scale": 4, "solver": "dpm++"})
    WanGenerate().run(first)
    (call,) = calls_of(tmp_path)
    assert call["prompt"].startswith("- she smiles The camera stands still.")
    by_name = {name: call[name] for name in ("task", "size", "base_seed", "frame_num", "offload_model", "t5_cpu")}
    assert by_name == {
        "task": "i2v-A14B",
        "size": "832*480",
        "base_seed": 3,
        "frame_num": 17,
        "offload_model": True,
        "t5_cpu": True,
    }
    assert (call["sample_steps"], call["sample_shift"], call["sample_guide_scale"]) == (12, 3.0, 4.0)
    assert (call["sample_solver"], call["use_prompt_extend"], call["convert_model_dtype"]) == ("dpm++", False, False)
    assert (call["corner"], call["picture"]) == ([255, 255, 255], [624, 624])  # White, a square of the clip's size.
    (actual,) = calls(tmp_path, "wan")
    assert Path(actual["cwd"]).parent == tmp_path / "tmp"
    assert actual["env"]["HF_HUB_OFFLINE"] == "1"


def test_another_take_is_another_seed_and_equal_orders_are_equal_command_lines(tmp_path: Path) -> None:
    settings = small(tmp_path)
    for name, take in (("a", 1), ("b", 1), ("c", 2)):
        WanGenerate().run(order(tmp_path / name, settings, take=take))
    lines = [[part for part in call["argv"] if "/tmp/" not in part] for call in calls(tmp_path, "wan")]
    assert lines[0] == lines[1]
    seeds = [call["base_seed"] for call in calls_of(tmp_path)]
    assert seeds[0] == seeds[1] != seeds[2]
    assert min(seeds) >= 0


def test_an_orbit_is_a_clip_to_each_side_from_the_same_noise(tmp_path: Path) -> None:
    first = order(tmp_path, small(tmp_path), angles=(-20, -10, 0, 10, 20))
    WanGenerate().run(first)
    left, right = calls_of(tmp_path)
    assert "to the left" in left["prompt"]
    assert "to the right" in right["prompt"]
    assert left["base_seed"] == right["base_seed"]
    clips = [frame["clip"] for frame in json.loads(first.outputs["motion.json"].read_text())["frames"]]
    assert clips[0] == "left"
    assert clips[-1] == "right"


FAILURES = {
    "exit 1": "a program failed",
    "no file": "without writing its file",
    "empty file": "empty file",
    "old file": "older file",
    "wrong size": "wrong form",
    "wrong rate": "wrong form",
    "too few": "wrong form",
    "cut short": "cut short|complete video|no pictures",
    "still": "does not move",
}


@pytest.mark.parametrize("failure", FAILURES)
def test_every_failure_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failure: str) -> None:
    monkeypatch.setenv("STANDIN", failure)
    first = order(tmp_path, small(tmp_path))
    with pytest.raises(BackendError, match=FAILURES[failure]):
        WanGenerate().run(first)
    assert not any(path.exists() for path in first.outputs.values())


@pytest.mark.parametrize(
    ("params", "sentence"),
    [
        ({"overrides": {"video_frames": 16}}, "out of its range"),
        ({"overrides": {"fps": 30}}, "no such parameter"),
        ({"overrides": {"solver": "euler"}}, "out of its range"),
        ({"negative_prompt": "blurred"}, "no option for a negative prompt"),
        ({"prompt": " "}, "needs a prompt"),
        ({"seed": -1}, "whole number from 0"),
    ],
)
def test_an_impossible_order_runs_nothing(tmp_path: Path, params: dict[str, Any], sentence: str) -> None:
    with pytest.raises(BackendError, match=sentence):
        WanGenerate().run(order(tmp_path, small(tmp_path), **params))
    assert not calls(tmp_path)


# The dependencies of its results.


@pytest.mark.parametrize(
    "touched",
    [
        "weights/models_t5_umt5-xxl-enc-bf16.pth",
        "weights/google/umt5-xxl/tokenizer.json",
        "weights/Wan2.1_VAE.pth",
        "weights/low_noise_model/model.safetensors",
        "weights/high_noise_model/model.safetensors",
        "Wan2.2/generate.py",
        "Wan2.2/wan/__init__.py",
    ],
)
def test_another_model_or_code_is_another_fingerprint(tmp_path: Path, touched: str) -> None:
    check_in_fingerprint(WanGenerate(), wan(tmp_path), tmp_path / touched)


def test_the_fingerprint_tells_models_areas_and_no_place(tmp_path: Path) -> None:
    settings = [wan(tmp_path / name) for name in "ab"]
    parts = [fingerprint(WanGenerate(), each) for each in settings]
    assert parts[0] == parts[1]
    assert str(tmp_path) not in str(parts)
    for change in ({"size": "832*480"}, {"offload": "yes"}, {"convert_model_dtype": "yes"}):
        assert fingerprint(WanGenerate(), {**settings[0], **change}) != parts[0]


@pytest.mark.parametrize("attention", ["flash_attn", "flash_attn_3", "flashattn_hopper"])
def test_either_of_its_attentions_will_do(tmp_path: Path, attention: str) -> None:
    """It prefers the third version, which is usual on an H200."""
    output = wan(tmp_path)
    site = Path(output["python"]).parent.parent
    (had,) = site.rglob("flash_attn-*.dist-info")
    had.rename(had.with_name(f"{attention}-3.0.0.dist-info"))
    assert any(attention in str(each) for each in fingerprint(WanGenerate(), output)["environment"])
    shutil.rmtree(had.with_name(f"{attention}-3.0.0.dist-info"))
    with pytest.raises(
        SettingsError, match="the environment of an installed system lacks a required package"
    ) as caught:
        fingerprint(WanGenerate(), output)
    assert caught.value.facts["package"] == "flash_attn or flash_attn_3 or flashattn_hopper"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"task": "t2v-A14B"}, "the setting `task` is not a model that animates a picture"),
        ({"size": "1024*1024"}, "the setting `size` is not an area that this model supports"),
        ({"device": "cpu"}, "the setting `device` is not a type of device"),
        ({"checkpoints": ""}, "missing"),
    ],
)
def test_wrong_settings_are_told(tmp_path: Path, change: dict[str, str], sentence: str) -> None:
    with pytest.raises(SettingsError, match=sentence):
        fingerprint(WanGenerate(), {**wan(tmp_path), **change})
