"""The backend `flux-img2img` through the real diffusers, on a tiny checkpoint of random weights that is made here."""

import io
import json
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from episodec.backends.flux.backend import FluxImg2Img, parameters
from episodec.backends.flux.checkpoint import Flux, flux_model
from episodec.contracts.hold import hold
from episodec.engine.backend import WorkOrder
from episodec.errors import BackendError, SettingsError
from episodec.faces.refining import write_refined
from tests.standins.checks import Digests
from tests.toys.orders import task

SIDE = 50  # No multiple of what the model asks for.
PARAMS: dict[str, Any] = {"prompt": None, "negative_prompt": None, "strength": 0.5, "seed": 1, "steps": 2}

Rgba = NDArray[np.uint8]


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with checkpoints `flux` and `schnell`, a LoRA that fits them and one that does not."""
    from tests.tiny.flux import save_flux, save_lora  # Imports diffusers, which takes seconds.

    folder = tmp_path_factory.mktemp("flux")
    save_flux(folder / "flux")
    save_flux(folder / "schnell", guidance=False)
    save_lora(folder / "character.safetensors")
    save_lora(folder / "another.safetensors", prefix="unet")
    return folder


def figure(hair: tuple[int, int, int] = (150, 40, 30), moved: int = 0, side: int = SIDE) -> Rgba:
    values = np.zeros((100, 100, 4), np.uint8)
    values[20:, 30 + moved : 70 + moved] = (*hair, 255)
    values[30:60, 40 + moved : 60 + moved] = (230, 190, 160, 255)
    return np.asarray(Image.fromarray(values).resize((side, side), Image.Resampling.LANCZOS))


def png(rgba: Rgba) -> bytes:
    content = io.BytesIO()
    Image.fromarray(rgba).save(content, "PNG")
    return content.getvalue()


def settings(models: Path, model: str = "flux", lora: str | None = None) -> dict[str, str]:
    named = {} if lora is None else {"lora": str(models / lora)}
    return {"checkpoint": str(models / model), "device": "cpu", **named}


def order(
    root: Path,
    named: dict[str, str],
    frames: Sequence[Rgba] = (figure(),),
    overrides: dict[str, Any] | None = None,
    **params: Any,
) -> WorkOrder:
    inputs = {"portrait.png": (png(figure(side=96)),), "frame.png": tuple(map(png, frames))}
    outputs = (*(f"frame_{number:03}.png" for number in range(len(frames))), "drift.json")
    output = {**PARAMS, **params, "overrides": {"side": 64, **(overrides or {})}}
    first = task(root, "flux-img2img", stage="refine", settings=named, params=output, inputs=inputs, outputs=outputs)
    return first.order


def redraw_frames(order: WorkOrder) -> list[Rgba]:
    FluxImg2Img().run(order)
    hold(order)
    return [np.asarray(Image.open(order.outputs[name])) for name in sorted(order.outputs) if name.endswith(".png")]


def drift(order: WorkOrder) -> dict[str, Any]:
    return dict(json.loads(order.outputs["drift.json"].read_text()))


def test_frames_keep_their_size_and_alpha_and_share_one_noise(tmp_path: Path, models: Path) -> None:
    frames = [figure(), figure(moved=6), figure()]
    each = order(tmp_path, settings(models), frames)
    first, moved, again = redraw_frames(each)
    for before, after in zip(frames, (first, moved, again), strict=True):
        assert after.shape == (SIDE, SIDE, 4)
        assert (after[..., 3] == before[..., 3]).all()
        assert (after[..., :3] != before[..., :3]).any()
    assert (first == again).all()
    assert (first != moved).any()


def test_what_is_asked_makes_a_difference_and_equal_orders_do_not(tmp_path: Path, models: Path) -> None:
    asked: list[dict[str, Any]] = [
        {}, {}, {"seed": 2}, {"prompt": "a robot"}, {"strength": 1.0}, {"negative_prompt": "rain"},
        {"overrides": {"guidance_scale": 9.0, "side": 80}},
    ]  # fmt: skip
    actual = [redraw_frames(order(tmp_path / str(at), settings(models), **one))[0] for at, one in enumerate(asked)]
    assert (actual[0] == actual[1]).all()
    assert len({one.tobytes() for one in actual}) == len(asked) - 1


def test_drift_is_told_before_and_after(tmp_path: Path, models: Path) -> None:
    first = order(tmp_path, settings(models), [figure(), figure((30, 60, 200))], strength=0)
    frames = redraw_frames(first)
    assert (frames[0] == figure()).all()
    messages = drift(first)
    near, far = messages["frames"]
    assert near["before"] == near["after"] < 2
    assert far["before"] == far["after"] > 20
    assert messages["mean"]["before"] == pytest.approx((near["before"] + far["before"]) / 2, abs=1e-3)
    assert "Delta E" in messages["measure"]


def test_a_lora_changes_frames_by_its_scale(tmp_path: Path, models: Path) -> None:
    known = settings(models, lora="character.safetensors")
    bare = redraw_frames(order(tmp_path / "bare", settings(models)))[0]
    whole = redraw_frames(order(tmp_path / "whole", known))[0]
    half = redraw_frames(order(tmp_path / "half", known, overrides={"lora_scale": 0.5}))[0]
    none = redraw_frames(order(tmp_path / "none", known, overrides={"lora_scale": 0.0}))[0]
    assert (none == bare).all()
    assert len({one.tobytes() for one in (bare, half, whole)}) == 3


def test_halves_of_weights_make_pictures_as_well(models: Path) -> None:
    """As on a GPU, here on a processor."""
    model = flux_model(settings(models, lora="character.safetensors"))
    half = replace(model, precision=flux_model({**settings(models), "device": "cuda"}).precision)
    flux = Flux(half, 1.0)
    drawn = flux.draw("x", 1, 64, 2, 3.5)
    again = flux.redraw(drawn, "x", 1, strength=0.5, num_inference_steps=2, guidance_scale=3.5)
    assert drawn.shape == again.shape == (64, 64, 3)
    assert (drawn != Flux(model, 1.0).draw("x", 1, 64, 2, 3.5)).any()
    assert (drawn != again).any()


def test_a_lora_of_another_model_is_told(tmp_path: Path, models: Path) -> None:
    with pytest.raises(SettingsError, match="the LoRA has no effect on this FLUX"):
        redraw_frames(order(tmp_path, settings(models, lora="another.safetensors")))


def test_frames_that_were_made_before_a_kill_are_kept(tmp_path: Path, models: Path) -> None:
    first = order(tmp_path, settings(models), [figure(), figure(moved=6)])
    before = redraw_frames(first)
    kept = first.scratch / "frame_000.png"
    marked = figure((1, 2, 3))
    kept.write_bytes(png(marked))
    (first.scratch / "frame_001.png").unlink()
    (first.scratch / "frame_001.part").write_bytes(png(marked)[:99])
    after = redraw_frames(first)
    assert (after[0] == marked).all()
    assert (after[1] == before[1]).all()


def test_a_model_without_guidance_runs_and_is_not_guided(tmp_path: Path, models: Path) -> None:
    assert len(redraw_frames(order(tmp_path / "one", settings(models, "schnell")))) == 1
    with pytest.raises(BackendError, match="this FLUX has no guidance"):
        redraw_frames(order(tmp_path / "other", settings(models, "schnell"), overrides={"guidance_scale": 3.0}))


@pytest.mark.parametrize(
    ("params", "sentence"),
    [
        ({"overrides": {"cfg": 1}}, "no such parameter"),
        ({"overrides": {"side": 66}}, "FLUX does not support this picture size"),
        ({"overrides": {"side": 4096}}, "out of its range"),
        ({"overrides": {"steps": 0}}, "out of its range"),
        ({"overrides": {"guidance_scale": "3"}}, "out of its range"),
        ({"overrides": {"lora_scale": 0.5}}, "there is none"),
        ({"overrides": {"true_cfg_scale": 3.0}}, "a negative prompt and its guidance do not match"),
        (
            {"overrides": {"true_cfg_scale": 1.0}, "negative_prompt": "rain"},
            "a negative prompt and its guidance do not match",
        ),
        ({"strength": 1.01}, "out of its range"),
        ({"strength": True}, "out of its range"),
        ({"seed": -1}, "out of its range"),
        ({"prompt": " "}, "out of its range"),
        ({"negative_prompt": 4}, "out of its range"),
    ],
)
def test_an_impossible_order_is_refused(tmp_path: Path, models: Path, params: dict[str, Any], sentence: str) -> None:
    first = order(tmp_path, settings(models), **params)
    with pytest.raises(BackendError, match=sentence):
        parameters(first, flux_model(first.settings), SIDE)


def test_small_frames_are_enlarged_and_large_ones_are_not(tmp_path: Path, models: Path) -> None:
    first = task(tmp_path, "flux-img2img", settings=settings(models), params={"strength": 0.3}).order
    model = flux_model(first.settings)
    assert [parameters(first, model, height)["side"] for height in (50, 200, 800, 801)] == [512, 512, 800, 804]


@pytest.mark.parametrize("frames", [(), (figure(), figure(side=40)), (figure()[:40],)], ids=["none", "sizes", "wide"])
def test_frames_that_are_no_squares_of_one_size_are_refused(
    tmp_path: Path, models: Path, frames: tuple[Rgba, ...]
) -> None:
    with pytest.raises(BackendError, match="squares of one size"):
        redraw_frames(order(tmp_path, settings(models), frames))


def test_a_prompt_that_is_not_read_to_its_end_is_refused(tmp_path: Path, models: Path) -> None:
    with pytest.raises(BackendError, match="a prompt is longer than the model can read"):
        redraw_frames(order(tmp_path, settings(models), prompt="xyz " * 400))


def fingerprint(named: dict[str, str]) -> dict[str, Any]:
    actual = FluxImg2Img().fingerprint(named, Digests())
    assert all(Path(path).exists() for path in actual.watches)
    return dict(actual.parts)


def test_model_lora_and_device_are_in_the_fingerprint_and_places_are_not(tmp_path: Path, models: Path) -> None:
    copy = Path(shutil.copytree(models, tmp_path / "copy"))
    named = settings(copy, lora="character.safetensors")
    actual = [fingerprint(named)]
    assert actual[0] == fingerprint(settings(models, lora="character.safetensors"))
    assert str(tmp_path) not in str(actual)
    actual.append(fingerprint(settings(copy)))
    actual.append(fingerprint({**named, "device": "cuda"}))
    actual.append(fingerprint({**named, "device": "cuda", "offload": "yes"}))
    for touched in ("character.safetensors", "flux/transformer/diffusion_pytorch_model.safetensors"):
        with (copy / touched).open("a") as file:
            file.write(" ")
        actual.append(fingerprint(named))
    assert len({str(one) for one in actual}) == 6
    assert {"accelerate", "peft", "tokenizers", "transformers"} <= set(actual[0])
    assert [FluxImg2Img().resources({**named, "device": kind}).gpus for kind in ("cpu", "cuda")] == [0, 1]


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"checkpoint": "/nowhere"}, "not an existing folder"),
        ({"lora": "/nowhere/a.safetensors"}, "not an existing file"),
        ({"lora": __file__}, "the LoRA is not in safetensors"),
        ({"offload": "yes"}, "offloading"),
        ({"device": "cuda:1"}, "the setting `device` is not a type of device"),
    ],
)
def test_wrong_settings_are_told(models: Path, wrong: dict[str, str], sentence: str) -> None:
    with pytest.raises(SettingsError, match=sentence):
        fingerprint({**settings(models), **wrong})


def test_a_checkpoint_of_another_pipeline_is_refused(tmp_path: Path, models: Path) -> None:
    copy = Path(shutil.copytree(models / "flux", tmp_path / "copy"))
    index = json.loads((copy / "model_index.json").read_text())
    (copy / "model_index.json").write_text(json.dumps({**index, "_class_name": "FluxKontextPipeline"}))
    with pytest.raises(SettingsError, match="another pipeline"):
        fingerprint({"checkpoint": str(copy), "device": "cpu"})


def test_frames_that_are_farther_than_before_are_told(tmp_path: Path) -> None:
    first = order(tmp_path, {}, [figure()])
    write_refined(first, [figure()], [figure((30, 60, 200))])
    assert [note.code for note in first.notes] == ["frames-unlike-portrait"]
    same = order(tmp_path / "same", {}, [figure()])
    write_refined(same, [figure()], [figure()])
    assert same.notes == []
