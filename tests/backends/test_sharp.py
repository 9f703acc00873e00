"""The backend `sharp` against a stand-in that has the real program's flags, files and failures."""

import io
import json
import math
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from episodec.backends.sharp.backend import FURTHEST_DEG, Sharp
from episodec.contracts.hold import hold
from episodec.engine.backend import WorkOrder
from episodec.errors import BackendError, SettingsError
from episodec.film.rows import pack
from episodec.splat.cloud import read_cloud
from episodec.splat.rasterise import render_floats
from episodec.splat.relief import DISTANCE_M, FOV_Y_DEG
from episodec.splat.relief.body import source_view
from episodec.splat.scene import Scene
from episodec.splat.scene_file import decode_scene
from episodec.splat.sharp import body_of
from tests.splat.portraits import drawn
from tests.standins.cameras import around
from tests.standins.checks import Digests
from tests.standins.places import sharp
from tests.toys.orders import task

pytestmark = pytest.mark.usefixtures("standins")


def quarters(width: int = 96, height: int = 96) -> NDArray[np.uint8]:
    """(h, w, 4): red and green above, blue and white below."""
    rgba = np.full((height, width, 4), 255, np.uint8)
    rgba[: height // 2, : width // 2, :3] = (200, 20, 20)
    rgba[: height // 2, width // 2 :, :3] = (20, 200, 20)
    rgba[height // 2 :, : width // 2, :3] = (20, 20, 200)
    return rgba


def png(pixels: NDArray[np.uint8], **more: Any) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG", **more)
    return file.getvalue()


def order(root: Path, settings: dict[str, str], portrait: bytes, **params: Any) -> WorkOrder:
    more: dict[str, Any] = {"stage": "scene", "settings": settings, "outputs": ("still.scene",)}
    return task(root, "sharp", inputs={"portrait.png": (portrait,)}, params=params, **more).order


def sharp_scene(root: Path, pixels: NDArray[np.uint8]) -> Scene:
    first = order(root, sharp(root), png(pixels))
    Sharp().run(first)
    hold(first)
    return decode_scene(first.output().read_bytes())


@pytest.mark.parametrize("size", [(96, 96), (80, 128), (150, 90)])
def test_a_film_from_the_portraits_place_shows_the_portrait(tmp_path: Path, size: tuple[int, int]) -> None:
    portrait = quarters(*size)
    scene = sharp_scene(tmp_path, portrait)
    picture = render_floats(scene, source_view(*size), background=(0.5, 0.5, 0.5))[..., :3] * 255
    assert np.abs(picture - portrait[..., :3]).mean() < 12
    for row in (0.25, 0.75):
        for column in (0.25, 0.75):
            at = int(row * size[1]), int(column * size[0])
            assert np.abs(picture[at] - portrait[at][:3]).max() < 12


def test_the_character_stands_at_the_origin_as_large_as_a_relief(tmp_path: Path) -> None:
    scene = sharp_scene(tmp_path, quarters())
    near = scene.means[np.abs(scene.means[:, 2]) < 1e-4]
    assert len(near) == 16 * 16
    reach = DISTANCE_M * math.tan(math.radians(FOV_Y_DEG / 2)) / 3
    assert np.abs(near).max() == pytest.approx(reach * 15 / 16, rel=1e-3)
    assert scene.means[:, 2].min() == pytest.approx(-DISTANCE_M, abs=1e-3)  # Twice as far from the camera.
    assert scene.count == 48 * 48  # Without those that are too faint to be seen.


def test_what_lies_behind_a_cut_out_portrait_is_left_out(tmp_path: Path) -> None:
    portrait = quarters()
    portrait[..., 3] = 0
    portrait[32:64, 32:64, 3] = 255
    scene = sharp_scene(tmp_path, portrait)
    assert scene.count == 16 * 16
    assert np.abs(scene.means[:, 2]).max() < 1e-4


def test_the_tool_sees_an_opaque_picture_in_a_folder_of_its_own_and_downloads_nothing(tmp_path: Path) -> None:
    portrait = quarters()
    portrait[:10, :, 3] = 0
    settings = sharp(tmp_path)
    Sharp().run(order(tmp_path, settings, png(portrait)))
    (call,) = [json.loads(line) for line in (tmp_path / "calls").read_text().splitlines()]
    assert call["argv"][0] == "predict"
    flags = dict(zip(call["argv"][1::2], call["argv"][2::2], strict=True))
    assert flags.keys() == {"-i", "-o", "-c", "--device"}
    assert (flags["-c"], flags["--device"]) == (settings["checkpoint"], "cpu")
    assert Path(call["cwd"]).parent == tmp_path / "tmp"
    assert call["env"]["HF_HUB_OFFLINE"] == "1"
    assert call["env"]["PYTHONPATH"] == settings["repo"] + "/src"
    with Image.open(flags["-i"]) as observed:
        assert (observed.mode, observed.getpixel((5, 5))) == ("RGB", (128, 128, 128))
        assert float(observed.getexif().get_ifd(0x8769)[0x920A]) == pytest.approx(48.52, abs=0.01)


def test_a_focal_length_in_the_portrait_does_not_decide(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x8769] = {0xA405: 200}
    settings, scenes = sharp(tmp_path), []
    for name, content in (("a", png(quarters())), ("b", png(quarters(), exif=exif))):
        first = order(tmp_path / name, settings, content)
        Sharp().run(first)
        scenes.append(first.output().read_bytes())
    assert scenes[0] == scenes[1]


def test_a_focal_length_that_is_not_heard_changes_depth_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sound = sharp_scene(tmp_path / "a", quarters())
    monkeypatch.setenv("STANDIN", "no exif")
    other = sharp_scene(tmp_path / "b", quarters())
    assert other.means[:, 2].min() > sound.means[:, 2].min() + 0.5
    is_near = np.abs(sound.means[:, 2]) < 1e-4
    assert np.abs(sound.means[is_near] - other.means[is_near]).max() < 1e-4


def views(root: Path, angles: tuple[float, ...], portrait: NDArray[np.uint8]) -> WorkOrder:
    outputs = (*(f"view_{index:03}.png" for index in range(len(angles))), "cloud.ply")
    inputs = {"portrait.png": (png(portrait),), "cameras.rows": (pack(*around(angles, 48)),)}
    more: dict[str, Any] = {"stage": "views", "settings": sharp(root), "outputs": outputs}
    return task(root, "sharp", inputs=inputs, params={"take": 1}, **more).order


def test_views_near_the_portraits_show_the_character_alone(tmp_path: Path) -> None:
    portrait = quarters()
    portrait[..., 3] = 0
    portrait[32:64, 32:64, 3] = 255
    first = views(tmp_path, (-FURTHEST_DEG, 0, FURTHEST_DEG), portrait)
    Sharp().run(first)
    hold(first)
    with Image.open(first.outputs["view_001.png"]) as image:
        front = np.asarray(image)
    assert front.shape == (48, 48, 4)
    assert np.abs(front[20, 20].astype(int) - (200, 20, 20, 255)).max() < 25
    assert np.abs(front[28, 28].astype(int) - 255).max() < 25
    assert front[4, 24, 3] == 0
    means = read_cloud(first.outputs["cloud.ply"].read_bytes()).means
    assert np.abs(means[:, 2]).max() < 0.01  # Nothing of what lies behind.


def test_views_of_an_opaque_portrait_have_no_background_either(tmp_path: Path) -> None:
    first = views(tmp_path, (0.0,), drawn(has_alpha=False)[..., :3])
    Sharp().run(first)
    hold(first)
    with Image.open(first.outputs["view_000.png"]) as image:
        alpha = np.asarray(image)[..., 3]
    assert alpha[2, 2] == alpha[2, -3] == 0
    assert alpha[20, 24] > 128


def test_views_of_what_it_cannot_know_are_refused_before_it_runs(tmp_path: Path) -> None:
    with pytest.raises(BackendError, match="supports only views near the portrait's own"):
        Sharp().run(views(tmp_path, (0, FURTHEST_DEG + 0.1), quarters()))
    assert not (tmp_path / "calls").exists()


FAILURES = {
    "no images": "without writing its file",
    "no file": "without writing its file",
    "wrong name": "without writing its file",
    "empty file": "empty file",
    "old file": "older file",
    "exit 1": "a program failed",
    "cut short": "cut short",
    "not a number": "not finite",
    "nothing": "nothing at the character",
    "another camera": "not at the origin",
    "another picture": "another picture",
    "linear colours": "another form",
}


@pytest.mark.parametrize("failure", FAILURES)
def test_every_failure_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failure: str) -> None:
    monkeypatch.setenv("STANDIN", failure)
    first = order(tmp_path, sharp(tmp_path), png(quarters()))
    with pytest.raises(BackendError, match=FAILURES[failure]):
        Sharp().run(first)
    assert not first.output().exists()


@pytest.mark.parametrize(
    ("portrait", "params", "sentence"),
    [
        (b"GIF89a" * 9, {}, "not a PNG"),
        (png(quarters(8, 8)), {}, "size"),
    ],
)
def test_wrong_orders_are_told(tmp_path: Path, portrait: bytes, params: dict[str, Any], sentence: str) -> None:
    with pytest.raises(BackendError, match=sentence):
        Sharp().run(order(tmp_path, sharp(tmp_path), portrait, **params))
    assert not (tmp_path / "calls").exists()


# One known Gaussian.

NAMES: tuple[str, ...] = ("x", "y", "z", "f_dc_0", "f_dc_1", "f_dc_2", "opacity", "scale_0", "scale_1", "scale_2")
NAMES += ("rot_0", "rot_1", "rot_2", "rot_3")


def one_gaussian(**changes: float) -> bytes:
    """SHARP's file of a Gaussian 2 m before a camera whose picture is 40 x 30 pixels, f = 50 pixels."""
    values = dict.fromkeys(NAMES, 0.0) | {"z": 2.0, "opacity": math.inf, "rot_0": 1.0} | changes
    head = ["ply", "format binary_little_endian 1.0", "element vertex 1"]
    head += [f"property float {name}" for name in NAMES]
    for name, kind, rows in (("extrinsic", "float", 16), ("intrinsic", "float", 9), ("image_size", "uint", 2)):
        head += [f"element {name} {rows}", f"property {kind} {name}"]
    head += ["element color_space 1", "property uchar color_space", "end_header", ""]
    camera = np.eye(4, dtype="<f4").tobytes() + np.array([50, 0, 20, 0, 50, 15, 0, 0, 1], "<f4").tobytes()
    body = struct.pack("<14f", *values.values()) + camera + struct.pack("<2IB", 40, 30, 0)
    return "\n".join(head).encode() + body


SHOWN = np.ones((30, 40), np.bool_)
SCALE = 50 * DISTANCE_M / 2 / (15 / math.tan(math.radians(FOV_Y_DEG / 2)))


def test_right_and_below_the_camera_stay_right_and_below() -> None:
    loaded = body_of(one_gaussian(x=0.3, y=0.2), SHOWN, is_cut_out=False)
    np.testing.assert_allclose(loaded.scene.means, [[0.3 * SCALE, -0.2 * SCALE, 0]], atol=1e-6)
    assert loaded.notes == ()
    assert loaded.scene.opacity_logits.tolist() == [16.0]


def test_a_turned_gaussian_turns_with_the_world_and_grows_with_it() -> None:
    turn = {"rot_0": math.cos(0.4), "rot_1": 0.1, "rot_2": 0.2, "rot_3": math.sin(0.4)}
    content = one_gaussian(**turn, scale_0=-1.0, scale_1=-2.0, scale_2=-3.0)
    scene = body_of(content, SHOWN, is_cut_out=False).scene
    axes = np.diag([1.0, -1.0, -1.0])  # OpenCV's in ours.
    before = axes @ covariance(np.array([*turn.values()]), np.array([-1.0, -2.0, -3.0])) @ axes.T
    after = covariance(scene.quaternions[0].astype(float), scene.log_scales[0].astype(float))
    np.testing.assert_allclose(after, before * SCALE**2, rtol=1e-5)


def covariance(quaternion: NDArray[np.float64], log_scales: NDArray[np.float64]) -> NDArray[np.float64]:
    w, x, y, z = quaternion / np.linalg.norm(quaternion)
    axes = np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
            [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
            [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
        ]
    )
    values: NDArray[np.float64] = axes @ np.diag(np.exp(2 * log_scales)) @ axes.T
    return values


def test_what_is_beside_or_behind_the_picture_is_not_the_character() -> None:
    for changes in ({"x": 5.0}, {"z": -2.0}, {"z": 0.0}):
        with pytest.raises(BackendError, match="nothing at the"):
            body_of(one_gaussian(**changes), SHOWN, is_cut_out=False)


def test_a_ply_without_a_camera_is_refused() -> None:
    content = one_gaussian()
    cut = content.replace(b"intrinsic", b"else")
    with pytest.raises(BackendError, match="lacks an element"):
        body_of(cut, SHOWN, is_cut_out=False)


# The dependencies of its results.


def fingerprint(settings: dict[str, str]) -> dict[str, Any]:
    return dict(Sharp().fingerprint(settings, Digests()).parts)


@pytest.mark.parametrize("touched", ["sharp_2572gikvuh.pt", "ml-sharp/src/sharp/models.py"])
def test_every_file_of_it_is_in_the_fingerprint_and_watched(tmp_path: Path, touched: str) -> None:
    settings = sharp(tmp_path)
    before = fingerprint(settings)
    with (tmp_path / touched).open("a") as file:
        file.write("# Changed.\n")
    assert fingerprint(settings) != before
    assert str(tmp_path / touched) in Sharp().fingerprint(settings, Digests()).watches


def test_the_fingerprint_tells_versions_and_no_place(tmp_path: Path) -> None:
    parts = [fingerprint(sharp(tmp_path / name)) for name in "ab"]
    assert parts[0] == parts[1]
    assert parts[0]["environment"] == ["gsplat-1.5.3.dist-info", "torch-2.8.0.dist-info"]
    assert parts[0]["device"] == "cpu"
    assert str(tmp_path) not in str(parts)


def test_the_class_of_device_decides_the_gpus(tmp_path: Path) -> None:
    settings = sharp(tmp_path)
    assert fingerprint({**settings, "device": "cuda"}) != fingerprint(settings)
    assert [Sharp().resources({"device": kind}).gpus for kind in ("cuda", "cpu")] == [1, 0]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"python": ""}, "missing"),
        ({"repo": "ml-sharp"}, "relative"),
        ({"checkpoint": "/nowhere.pt"}, "not an existing file"),
        ({"device": "cuda:1"}, "the setting `device` is not a type of device"),
    ],
)
def test_wrong_settings_are_told(tmp_path: Path, change: dict[str, str], sentence: str) -> None:
    with pytest.raises(SettingsError, match=sentence):
        Sharp().fingerprint({**sharp(tmp_path), **change}, Digests())


def test_an_environment_without_its_program_is_told(tmp_path: Path) -> None:
    settings = sharp(tmp_path)
    Path(settings["python"]).with_name("sharp").unlink()
    with pytest.raises(SettingsError, match="lacks its program"):
        Sharp().fingerprint(settings, Digests())


@pytest.mark.parametrize("is_opaque", [True, False])
def test_that_the_subject_is_assumed_is_told(tmp_path: Path, is_opaque: bool) -> None:  # noqa: FBT001
    pixels = quarters()
    if not is_opaque:
        pixels[:20, :, 3] = 0
    first = order(tmp_path, sharp(tmp_path), png(pixels))
    Sharp().run(first)
    assert [note.code for note in first.notes] == ["subject-assumed"] * is_opaque
