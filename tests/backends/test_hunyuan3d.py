"""The backend `hunyuan3d` against a stand-in that has the real system's interface, files and failures."""

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from episodec.backends.hunyuan3d.backend import Hunyuan3D, seed_of
from episodec.contracts.hold import hold
from episodec.engine.backend import WorkOrder
from episodec.errors import BackendError, SettingsError
from episodec.film.rows import pack
from episodec.splat.cloud import read_cloud
from episodec.splat.relief import DISTANCE_M, HEIGHT_M
from tests.standins.cameras import around
from tests.standins.checks import calls, check_driver, check_in_fingerprint, fingerprint
from tests.standins.places import hunyuan3d
from tests.toys.orders import task

pytestmark = pytest.mark.usefixtures("standins")

SIZE = 64


def figure(width: int = 96, height: int = 96) -> NDArray[np.uint8]:
    """(h, w, 4): a rectangle twice as high as wide, red above and blue below, with a speck of noise in a corner."""
    rgba = np.zeros((height, width, 4), np.uint8)
    top, left = height // 4, width // 2 - height // 8
    rgba[top : 3 * height // 4, left : left + height // 4] = (200, 30, 30, 255)
    rgba[height // 2 : 3 * height // 4, left : left + height // 4] = (30, 30, 200, 255)
    rgba[0, 0, 3] = 3
    return rgba


def png(pixels: NDArray[np.uint8]) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def order(
    root: Path, settings: dict[str, str], portrait: bytes, angles: tuple[float, ...] = (0, 90), **params: Any
) -> WorkOrder:
    inputs = {"portrait.png": (portrait,), "cameras.rows": (pack(*around(angles, SIZE)),)}
    outputs = (*(f"view_{index:03}.png" for index in range(len(angles))), "cloud.ply")
    more: dict[str, Any] = {"stage": "views", "settings": settings, "outputs": outputs}
    return task(root, "hunyuan3d", inputs=inputs, params={"take": 1, **params}, **more).order


def picture(path: Path) -> NDArray[np.uint8]:
    with Image.open(path) as image:
        assert image.mode == "RGBA"
        return np.asarray(image)


def arguments_of(root: Path, program: str) -> dict[str, Any]:
    (call,) = calls(root, program)
    tree: dict[str, Any] = json.loads(call["program"].partition(" ")[2])
    return tree


def test_the_front_view_shows_the_portrait_and_the_side_view_the_meshs_side(tmp_path: Path) -> None:
    first = order(tmp_path, hunyuan3d(tmp_path), png(figure()))
    Hunyuan3D().run(first)
    hold(first)
    front, side = (picture(first.outputs[f"view_00{k}.png"]) for k in range(2))
    assert front.shape == (SIZE, SIZE, 4)
    for row, colour in ((SIZE // 2 - 8, (200, 30, 30)), (SIZE // 2 + 8, (30, 30, 200))):
        assert np.abs(front[row, SIZE // 2, :3].astype(int) - colour).max() < 30
    visible = front[..., 3] > 128
    rows, columns = np.flatnonzero(visible.any(axis=1)), np.flatnonzero(visible.any(axis=0))
    assert rows[0] == pytest.approx(SIZE / 4, abs=3)
    assert rows[-1] == pytest.approx(3 * SIZE / 4, abs=3)
    assert columns.mean() == pytest.approx(SIZE / 2 - 0.5, abs=1)
    assert front[0, 0, 3] == 0
    grey = side[SIZE // 2, SIZE // 2]
    assert np.abs(grey[:3].astype(int) - 128).max() < 20
    assert (side[..., 3] > 128).sum() < 0.7 * visible.sum()  # The box is half as deep as wide.


def test_the_points_enclose_the_body_where_it_stands(tmp_path: Path) -> None:
    first = order(tmp_path, hunyuan3d(tmp_path), png(figure()))
    Hunyuan3D().run(first)
    means = read_cloud(first.outputs["cloud.ply"].read_bytes()).means
    assert np.abs(means[:, 1]).max() > HEIGHT_M / 4
    assert np.abs(means).max() < HEIGHT_M
    assert DISTANCE_M > means[:, 2].max() > 0 > means[:, 2].min()


def test_the_system_gets_real_alpha_without_noise_and_every_number(tmp_path: Path) -> None:
    settings = hunyuan3d(tmp_path)
    first = order(tmp_path, settings, png(figure()), overrides={"octree_resolution": 256, "paint_resolution": 768})
    Hunyuan3D().run(first)
    shape, paint = arguments_of(tmp_path, "shape"), arguments_of(tmp_path, "paint")
    assert shape == {"seed": seed_of(first), "steps": 50, "octree": 256, "box": [36, 24, 60, 72], "corner": 0}
    assert (paint["views"], paint["resolution"], paint["glb"]) == (6, 768, False)
    (call,) = calls(tmp_path, "shape")
    assert call["env"]["HF_HUB_OFFLINE"] == "1"
    assert call["env"]["HF_HUB_CACHE"] == settings["hub"]
    assert Path(call["cwd"]).parent == tmp_path / "tmp"
    assert not (Path(settings["repo"]) / "white_mesh_remesh.obj").exists()


def test_an_opaque_portrait_is_cut_out_first(tmp_path: Path) -> None:
    from tests.splat.portraits import drawn

    Hunyuan3D().run(order(tmp_path, hunyuan3d(tmp_path), png(drawn(has_alpha=False)), angles=(0,)))
    assert arguments_of(tmp_path, "shape")["corner"] == 0


def test_another_take_is_another_seed(tmp_path: Path) -> None:
    seeds = [seed_of(order(tmp_path, {}, b"", take=take)) for take in (1, 1, 2)]
    assert seeds[0] == seeds[1] != seeds[2]


FAILURES = {
    "exit 1": "a program failed",
    "empty mesh": "a program failed",
    "no file": "without writing its file",
    "no texture": "without writing its file",
    "empty file": "empty file",
    "old file": "older file",
    "cut short": "truncated|missing ones|another form",
    "not a number": "not finite",
}


@pytest.mark.parametrize("failure", FAILURES)
def test_every_failure_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failure: str) -> None:
    monkeypatch.setenv("STANDIN", failure)
    first = order(tmp_path, hunyuan3d(tmp_path), png(figure()))
    with pytest.raises(BackendError, match=FAILURES[failure]):
        Hunyuan3D().run(first)
    assert not any(path.exists() for path in first.outputs.values())


@pytest.mark.parametrize(
    ("portrait", "params", "sentence"),
    [
        (b"GIF89a" * 9, {}, "not a PNG"),
        (png(figure()), {"overrides": {"seed": 3}}, "no such parameter"),
        (png(figure()), {"overrides": {"paint_resolution": 600}}, "out of its range"),
        (png(figure()), {"overrides": {"steps": 2.5}}, "out of its range"),
    ],
)
def test_wrong_orders_are_told(tmp_path: Path, portrait: bytes, params: dict[str, Any], sentence: str) -> None:
    with pytest.raises(BackendError, match=sentence):
        Hunyuan3D().run(order(tmp_path, hunyuan3d(tmp_path), portrait, **params))
    assert not calls(tmp_path)


# The dependencies of its results.


@pytest.mark.parametrize(
    "touched",
    [
        "weights/hunyuan3d-dit-v2-1/model.fp16.ckpt",
        "weights/hunyuan3d-dit-v2-1/config.yaml",
        "hub/models--tencent--Hunyuan3D-2.1/snapshots/abc123/hunyuan3d-paintpbr-v2-1/unet/model.bin",
        "hub/models--facebook--dinov2-giant/snapshots/abc123/model.safetensors",
        "Hunyuan3D-2.1/hy3dpaint/ckpt/RealESRGAN_x4plus.pth",
        "Hunyuan3D-2.1/hy3dpaint/textureGenPipeline.py",
        "Hunyuan3D-2.1/hy3dpaint/cfgs/hunyuan-paint-pbr.yaml",
        "Hunyuan3D-2.1/hy3dshape/hy3dshape/pipelines.py",
    ],
)
def test_another_model_or_code_is_another_fingerprint(tmp_path: Path, touched: str) -> None:
    check_in_fingerprint(Hunyuan3D(), hunyuan3d(tmp_path), tmp_path / touched)


def test_the_fingerprint_tells_models_and_no_place(tmp_path: Path) -> None:
    parts = [fingerprint(Hunyuan3D(), hunyuan3d(tmp_path / name)) for name in "ab"]
    assert parts[0] == parts[1]
    assert str(tmp_path) not in str(parts)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"hub": ""}, "missing"),
        ({"checkpoints": "weights"}, "relative"),
        ({"device": "cpu"}, "the setting `device` is not a type of device"),
    ],
)
def test_wrong_settings_are_told(tmp_path: Path, change: dict[str, str], sentence: str) -> None:
    with pytest.raises(SettingsError, match=sentence):
        fingerprint(Hunyuan3D(), {**hunyuan3d(tmp_path), **change})


def test_its_licence_names_the_territories() -> None:
    assert "European Union" in Hunyuan3D.licence


def test_its_driver_runs_on_the_python_that_it_asks_for() -> None:
    check_driver("hunyuan3d", (3, 10))
