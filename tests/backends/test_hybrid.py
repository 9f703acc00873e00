"""The backend `hybrid`, on a dataset that is learned in seconds."""

import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from episodec.backends.hybrid import Hybrid
from episodec.contracts.hold import hold
from episodec.engine.backend import WorkOrder
from episodec.errors import BackendError, SettingsError
from episodec.scenes.training_report import TURNS
from episodec.splat.cloud import Cloud
from episodec.splat.dataset import Dataset, Shot, write_dataset
from episodec.splat.deformation import deformed, read_state
from episodec.splat.ply import read_ply, write_ply
from episodec.splat.scene_file import decode_scene, encode_scene
from tests.splat.training.moving import ball, dataset
from tests.toys.orders import task

OUTPUTS = ("still.scene", "point_cloud.ply", "deformation.pth", "training.json", "training.png", "turntable.webp")
PARAMS = {"iterations": 20, "coarse_iterations": 20, "gaussians": 300, "sh_degree": 0, "slices": 6, "seed": 0}


def zipped(data: Dataset) -> bytes:
    each = range(len(data.times))
    shots = [Shot(data.splits[i], data.kinds[i], i, float(data.times[i]), data.camera_to_world[i]) for i in each]
    return write_dataset(shots, list(data.frames), data.intrinsics, data.cloud)


def order(root: Path, *, name: str = "one", settings: dict[str, str] | None = None, **params: Any) -> WorkOrder:
    inputs = {"dataset.zip": (zipped(dataset(side=32)),)}
    if params.pop("initial", False):
        inputs["initial.ply"] = (write_ply(ball(200)),)
    more: dict[str, Any] = {"stage": "train", "settings": settings or {}, "outputs": OUTPUTS, "cpus": 2}
    actual = task(root, "hybrid", name, inputs=inputs, params=PARAMS | params, **more).order
    actual.scratch.mkdir(parents=True)
    return actual


def test_a_dataset_becomes_a_scene_its_two_files_and_how_it_went(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    done = order(tmp_path)
    Hybrid().run(done)
    hold(done)
    scene = decode_scene(done.outputs["still.scene"].read_bytes())
    assert scene.slices is not None
    assert scene.slices.means.shape[0] == 6
    # What 4DGaussians' two files say is the same scene.
    still = read_ply(done.outputs["point_cloud.ply"].read_bytes()).scene
    again = deformed(still, read_state(done.outputs["deformation.pth"].read_bytes()), 6)
    assert again.slices is not None
    assert np.abs(again.slices.means - scene.slices.means).max() < 1e-5
    report = json.loads(done.outputs["training.json"].read_text())
    assert report["started_from"] == "cloud"
    assert done.notes == []
    assert set(report["psnr_db"]) == {"train-spatial", "train-temporal", "test-temporal"}
    assert [row["iteration"] for row in report["history"]] == list(range(1, 41))
    assert report["history"][-1]["gaussians"] == report["gaussians"] == scene.count
    with Image.open(done.outputs["training.png"]) as chart:
        assert chart.size[0] == 1600
    with Image.open(done.outputs["turntable.webp"]) as turn:
        assert (turn.size, getattr(turn, "n_frames", 1)) == ((32, 32), TURNS)
    log = capsys.readouterr().out
    assert "fine 40/40" in log
    assert "300 Gaussians" in log or f"{scene.count} Gaussians" in log
    assert "0 s left" in log


def test_two_runs_give_the_same_bytes(tmp_path: Path) -> None:
    runs = [order(tmp_path, name="one"), dataclasses.replace(order(tmp_path, name="two"), cpus=1)]
    for run in runs:
        Hybrid().run(run)
    for name in OUTPUTS:
        assert runs[0].outputs[name].read_bytes() == runs[1].outputs[name].read_bytes(), name


def test_a_given_scene_is_where_it_starts(tmp_path: Path) -> None:
    done = order(tmp_path, initial=True, iterations=2, coarse_iterations=0)
    Hybrid().run(done)
    report = json.loads(done.outputs["training.json"].read_text())
    assert (report["started_from"], report["gaussians"]) == ("scene", 200)
    assert encode_scene(decode_scene(done.outputs["still.scene"].read_bytes()))


@pytest.mark.parametrize(
    ("params", "fact"),
    [
        ({"iterations": 0}, "iterations"),
        ({"gaussians": 1.5}, "gaussians"),
        ({"seed": -1}, "seed"),
        ({"sh_degree": 4}, "sh_degree"),
        ({"slices": True}, "slices"),
    ],
)
def test_parameters_that_it_does_not_understand_are_refused(params: dict[str, Any], fact: str, tmp_path: Path) -> None:
    with pytest.raises(BackendError) as caught:
        Hybrid().run(order(tmp_path, **params))
    assert fact in caught.value.facts.values() or fact in str(caught.value)


def test_the_device_is_part_of_what_its_bytes_hang_on() -> None:
    class Digests:
        def of(self, path: str) -> Any:
            raise AssertionError(path)

        of_tree = of

    assert Hybrid().fingerprint({}, Digests()).parts["device"] == "cpu"
    assert Hybrid().resources({}).gpus == 0
    assert Hybrid().resources({"device": "cuda"}).gpus == 1
    for unknown in ("tpu", "mps"):
        with pytest.raises(SettingsError, match="device"):
            Hybrid().resources({"device": unknown})


def test_cuda_is_never_replaced_by_the_cpu(tmp_path: Path) -> None:
    from episodec.splat.cuda import missing

    if missing() is None:
        pytest.skip("this machine can train with CUDA")
    with pytest.raises(BackendError, match="CUDA"):
        Hybrid().run(order(tmp_path, settings={"device": "cuda"}))


def test_points_that_are_not_used_are_told(tmp_path: Path) -> None:
    data = dataset(side=32)
    anywhere = np.random.default_rng(3).uniform(-1.3, 1.3, (5000, 3)).astype(np.float32)
    done = order(tmp_path, iterations=2, coarse_iterations=0)
    path = done.input("dataset.zip")
    path.unlink()
    path.write_bytes(zipped(dataclasses.replace(data, cloud=Cloud(anywhere, np.zeros((5000, 3), np.uint8)))))
    Hybrid().run(done)
    assert [note.code for note in done.notes] == ["cloud-unlike-views"]
