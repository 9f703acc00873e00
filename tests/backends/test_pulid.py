"""The backend `pulid` against a stand-in that has the real generator's interface, files and failures."""

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from episodec.backends.pulid.backend import PulidBackend
from episodec.contracts.hold import hold
from episodec.engine.backend import WorkOrder
from episodec.errors import BackendError, SettingsError
from tests.standins.checks import calls, check_driver, check_in_fingerprint, fingerprint
from tests.standins.places import pulid
from tests.toys.orders import task

pytestmark = pytest.mark.usefixtures("standins")

FACE = (200, 120, 80)


def png(pixels: NDArray[np.uint8]) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def plain(level: int, alpha: int = 255, side: int = 64) -> NDArray[np.uint8]:
    """(side, side, 4): one grey, its left half of this alpha."""
    rgba = np.full((side, side, 4), 255, np.uint8)
    rgba[..., :3] = level
    rgba[:, : side // 2, 3] = alpha
    return rgba


def order(root: Path, settings: dict[str, str], levels: tuple[int, ...] = (40, 90, 140), **params: Any) -> WorkOrder:
    portrait = np.full((96, 96, 4), 255, np.uint8)
    portrait[..., :3] = FACE
    inputs = {"portrait.png": (png(portrait),), "frame.png": tuple(png(plain(level)) for level in levels)}
    outputs = (*(f"frame_{index:03}.png" for index in range(len(levels))), "drift.json")
    more: dict[str, Any] = {"stage": "refine", "settings": settings, "outputs": outputs}
    output = {"prompt": None, "negative_prompt": None, "strength": 0.5, "seed": 7, "steps": 20, **params}
    return task(root, "pulid", inputs=inputs, params=output, **more).order


def calls_of(root: Path) -> list[dict[str, Any]]:
    return [json.loads(call["program"].partition(" ")[2]) for call in calls(root, "pulid")]


def picture(path: Path) -> NDArray[np.uint8]:
    with Image.open(path) as image:
        return np.asarray(image)


def test_frames_come_nearer_to_the_face_and_keep_what_differs_between_them(tmp_path: Path) -> None:
    first = order(tmp_path, pulid(tmp_path))
    PulidBackend().run(first)
    hold(first)
    frames = [picture(first.outputs[f"frame_00{k}.png"]) for k in range(3)]
    assert {frame.shape for frame in frames} == {(64, 64, 4)}
    for level, frame in zip((40, 90, 140), frames, strict=True):
        assert np.abs(frame[32, 32, :3] - (0.5 * np.array(FACE) + 0.5 * level)).max() < 3
    drift = json.loads(first.outputs["drift.json"].read_text())
    assert drift["mean"]["after"] < drift["mean"]["before"]
    assert len(drift["frames"]) == 3


def test_the_generator_begins_with_the_frame_under_as_much_noise_as_strength_says(tmp_path: Path) -> None:
    PulidBackend().run(order(tmp_path, pulid(tmp_path), strength=0.25, overrides={"start_step": 10}))
    first, second, _ = calls_of(tmp_path)
    assert (first["start"], first["steps"], first["start_step"]) == (0.25, 5, 0)  # The last 5 of 20; 10 is over.
    assert first["seed"] == second["seed"] == 7
    for each, level in ((first, 40), (second, 90)):
        assert each["latent"] == pytest.approx(0.75 * 2 * (level / 127.5 - 1 - 0.5), abs=1e-3)


def test_one_process_makes_all_of_them_in_a_folder_where_its_models_lie(tmp_path: Path) -> None:
    settings = pulid(tmp_path)
    PulidBackend().run(order(tmp_path, settings))
    actual = calls(tmp_path, "pulid")
    assert len({call["cwd"] for call in actual}) == 1
    folder = Path(actual[0]["cwd"])
    assert folder.parent == tmp_path / "tmp"
    assert (folder / "models").resolve() == Path(settings["checkpoints"]).resolve()
    assert actual[0]["env"]["HF_HUB_OFFLINE"] == "1"
    assert actual[0]["env"]["HF_HUB_CACHE"] == settings["hub"]


def test_after_a_kill_only_the_missing_frames_are_made(tmp_path: Path) -> None:
    first = order(tmp_path, pulid(tmp_path))
    PulidBackend().run(first)
    before = first.outputs["frame_001.png"].read_bytes()
    (first.scratch / "frame_001.png").unlink()
    PulidBackend().run(first)
    assert len(calls_of(tmp_path)) == 4
    assert first.outputs["frame_001.png"].read_bytes() == before


def test_alpha_stays_as_it_was(tmp_path: Path) -> None:
    first = order(tmp_path, pulid(tmp_path), levels=(40,))
    first.inputs["frame.png"][0].write_bytes(png(plain(40, alpha=100)))
    PulidBackend().run(first)
    assert picture(first.outputs["frame_000.png"])[..., 3].tolist() == plain(40, alpha=100)[..., 3].tolist()


def test_no_strength_leaves_frames_as_they_are_and_runs_nothing(tmp_path: Path) -> None:
    first = order(tmp_path, pulid(tmp_path), strength=0)
    PulidBackend().run(first)
    assert picture(first.outputs["frame_000.png"]).tolist() == plain(40).tolist()
    assert not calls(tmp_path)


FAILURES = {
    "exit 1": "a program failed",
    "no face": "finds no face in the portrait",
    "empty file": "empty file",
    "wrong size": "wrong size",
}


@pytest.mark.parametrize("failure", FAILURES)
def test_every_failure_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failure: str) -> None:
    monkeypatch.setenv("STANDIN", failure)
    first = order(tmp_path, pulid(tmp_path))
    with pytest.raises(BackendError, match=FAILURES[failure]):
        PulidBackend().run(first)
    assert not any(path.exists() for path in first.outputs.values())
    assert not (first.scratch / "frame_000.png").exists()  # Nothing that another attempt would take for made.


def test_the_frame_at_which_no_face_is_seen_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STANDIN", "no face later")
    with pytest.raises(BackendError, match="finds no face in the portrait") as caught:
        PulidBackend().run(order(tmp_path, pulid(tmp_path)))
    assert caught.value.facts["at frame"] == "frame_002.png"


@pytest.mark.parametrize(
    ("params", "sentence"),
    [
        ({"overrides": {"fps": 3}}, "no such parameter"),
        ({"overrides": {"side": 1000}}, "out of its range"),
        ({"strength": 1}, "nothing of the frames' motion would remain"),
        ({"seed": -1}, "whole number from 0"),
        ({"negative_prompt": "blurred"}, "ignores a negative prompt"),
        ({"prompt": " "}, "needs a prompt"),
    ],
)
def test_an_impossible_order_runs_nothing(tmp_path: Path, params: dict[str, Any], sentence: str) -> None:
    with pytest.raises(BackendError, match=sentence):
        PulidBackend().run(order(tmp_path, pulid(tmp_path), **params))
    assert not calls(tmp_path)


# The dependencies of its results.


@pytest.mark.parametrize(
    "touched",
    [
        "models/flux1-dev.safetensors",
        "models/ae.safetensors",
        "models/pulid_flux_v0.9.1.safetensors",
        "models/antelopev2/glintr100.onnx",
        "hub/models--QuanSun--EVA-CLIP/snapshots/abc123/model.safetensors",
        "PuLID/app_flux.py",
        "PuLID/flux/sampling.py",
    ],
)
def test_another_model_or_code_is_another_fingerprint(tmp_path: Path, touched: str) -> None:
    check_in_fingerprint(PulidBackend(), pulid(tmp_path), tmp_path / touched)


def test_the_fingerprint_tells_models_and_no_place(tmp_path: Path) -> None:
    parts = [fingerprint(PulidBackend(), pulid(tmp_path / name)) for name in "ab"]
    assert parts[0] == parts[1]
    assert str(tmp_path) not in str(parts)


def test_face_models_that_would_be_downloaded_or_lie_too_deep_are_told(tmp_path: Path) -> None:
    settings = pulid(tmp_path)
    (tmp_path / "models" / "antelopev2" / "antelopev2").mkdir()
    with pytest.raises(SettingsError, match="too deep"):
        fingerprint(PulidBackend(), settings)
    (tmp_path / "models" / "antelopev2" / "antelopev2").rmdir()
    next((tmp_path / "env").glob("lib/*/site-packages/facexlib/weights/*")).unlink()
    with pytest.raises(SettingsError, match="face models are missing"):
        fingerprint(PulidBackend(), settings)


def test_its_licence_names_who_may_not_use_it() -> None:
    assert "non-commercial" in PulidBackend.licence


def test_its_driver_runs_on_an_older_python() -> None:
    check_driver("pulid", (3, 9))
