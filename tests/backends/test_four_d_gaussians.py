"""The backend `4dgaussians` against a stand-in that has the real trainer's flags, files and failures."""

import json
import runpy
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from episodec.backends.four_d_gaussians.backend import FourDGaussians
from episodec.backends.four_d_gaussians.config import TrainingOptions, config_text
from episodec.backends.four_d_gaussians.watch import TrainingOutput, last_checkpoint, stages_from
from episodec.contracts.hold import hold
from episodec.engine.backend import WorkOrder
from episodec.errors import BackendError, SettingsError
from episodec.splat.cloud import read_cloud
from episodec.splat.dataset import write_dataset
from episodec.splat.dataset_read import unzipped
from episodec.splat.ply import read_ply, write_ply
from episodec.splat.scene_file import decode_scene
from episodec.tools.process import run_tool
from tests.splat.datasets import little
from tests.splat.scenes import random_scene
from tests.splat.test_deformation import saved, state
from tests.standins.checks import calls, check_driver, check_in_fingerprint, fingerprint
from tests.standins.places import four_d
from tests.toys.orders import task

pytestmark = pytest.mark.usefixtures("standins")

PARAMS = {"iterations": 100, "coarse_iterations": 40, "gaussians": 7, "sh_degree": 2, "slices": 3, "seed": 5}
OUTPUTS = ("still.scene", "point_cloud.ply", "deformation.pth", "training.json", "training.png", "turntable.webp")


def order(root: Path, settings: dict[str, str], initial: bytes | None = None, **params: Any) -> WorkOrder:
    inputs = {"dataset.zip": (write_dataset(*little()),)} | ({"initial.ply": (initial,)} if initial else {})
    more: dict[str, Any] = {"stage": "train", "settings": settings, "outputs": OUTPUTS}
    return task(root, "4dgaussians", inputs=inputs, params={**PARAMS, **params}, **more).order


def settings(root: Path) -> dict[str, str]:
    return four_d(root, saved(state()))


def test_a_dataset_becomes_a_scene_of_slices_a_checkpoint_and_a_report(tmp_path: Path) -> None:
    first = order(tmp_path, settings(tmp_path))
    FourDGaussians().run(first)
    hold(first)
    scene = decode_scene(first.outputs["still.scene"].read_bytes())
    assert scene.slices is not None
    assert (scene.slices.means.shape, scene.degree) == ((3, 7, 3), 2)
    assert read_ply(first.outputs["point_cloud.ply"].read_bytes()).scene.count == 7
    assert first.outputs["deformation.pth"].read_bytes() == saved(state())
    assert [note.code for note in first.notes] == ["pictures-resized"]
    report = json.loads(first.outputs["training.json"].read_text())
    assert report["psnr_db"].keys() == {"train-spatial", "train-temporal", "val-temporal", "test-temporal"}
    assert (report["started_from"], report["gaussians"], report["coarse_iterations"]) == ("cloud", 7, 40)
    assert [row["iteration"] for row in report["history"]] == list(range(10, 141, 10))
    assert report["history"][5] == {"iteration": 60, "loss": 0.045455, "psnr_db": 20.2, "gaussians": 7}
    with Image.open(first.outputs["training.png"]) as chart, Image.open(first.outputs["turntable.webp"]) as turn:
        assert chart.size[0] > 1000
        assert turn.n_frames > 20  # type: ignore[attr-defined]


def test_it_runs_with_our_seed_and_limit_in_a_folder_of_its_own(tmp_path: Path) -> None:
    for name, seed in (("a", 5), ("b", 5), ("c", 6)):
        FourDGaussians().run(order(tmp_path / name, settings(tmp_path / name), seed=seed))
    (first, two, other) = calls(tmp_path, "4dgaussians")
    drawn = [call["program"] for call in calls(tmp_path, "drew")]
    assert drawn[0] == drawn[1] != drawn[2]
    assert first["cwd"] == str(tmp_path / "a" / "scratch" / "one" / "run")
    ports = [call["argv"][call["argv"].index("--port") + 1] for call in (first, two, other)]
    assert "6009" not in ports
    asked = first["argv"]
    assert [asked[asked.index(name) + 1] for name in ("-s", "-m", "--configs")] == ["data", "out", "config.py"]
    assert not any("/" in part for part in asked if "127" not in part)


def test_the_configuration_inherits_nothing_and_keeps_lego_at_its_own_length(tmp_path: Path) -> None:
    (tmp_path / "config.py").write_text(config_text(TrainingOptions(20_000, 3000, 134_000, 3, 0)))
    actual = runpy.run_path(str(tmp_path / "config.py"))
    assert "_base_" not in actual
    learning, field = actual["OptimizationParams"], actual["ModelHiddenParams"]
    assert (learning["iterations"], learning["coarse_iterations"], learning["densify_until_iter"]) == (
        20_000,
        3000,
        15_000,
    )
    assert (learning["densify_from_iter"], learning["position_lr_max_steps"]) == (500, 20_000)
    assert (field["multires"], field["kplanes_config"]["resolution"]) == ([1, 2], [64, 64, 64, 25])
    assert (field["no_do"], field["no_dshs"], field["no_dx"]) == (True, True, False)
    assert actual["ModelParams"]["white_background"] is True


FAILURES = {
    "exit 1": "a program failed",
    "diverges": "not a number",
    "restarts silently": "not a number",
    "no file": "without writing its file",
    "old file": "older file",
    "empty field": "empty file",
    "cut short": "cut short",
}


@pytest.mark.parametrize("failure", FAILURES)
def test_every_failure_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failure: str) -> None:
    monkeypatch.setenv("STANDIN", failure)
    first = order(tmp_path, settings(tmp_path))
    with pytest.raises(BackendError, match=FAILURES[failure]):
        FourDGaussians().run(first)
    assert not any(path.exists() for path in first.outputs.values())
    assert len(calls(tmp_path, "4dgaussians")) == 1


def test_a_killed_run_goes_on_from_its_last_whole_checkpoint(tmp_path: Path) -> None:
    first, out = order(tmp_path, settings(tmp_path)), tmp_path / "scratch" / "one" / "run" / "out"
    FourDGaussians().run(first)
    whole = json.loads(first.outputs["training.json"].read_text())
    notes = out.with_name("rows.jsonl")
    lines = notes.read_text().splitlines(keepends=True)
    notes.write_text("".join(lines[:-3]) + lines[-1][:20])
    whole_file = (out / "chkpnt_fine_80.pth").read_bytes()
    (out / "chkpnt_fine_80.pth").write_bytes(whole_file[:40])  # As a kill leaves it.
    (out / "chkpnt_fine_60.pth").write_bytes(whole_file.replace(bytes(1000), bytes(999) + b"x"))  # As a bad disk does.
    FourDGaussians().run(first)
    asked = calls(tmp_path, "4dgaussians")[-1]["argv"]
    assert asked[asked.index("--start_checkpoint") + 1] == "out/chkpnt_fine_40.pth"
    again = json.loads(first.outputs["training.json"].read_text())
    for report in (whole, again):
        for row in report["history"]:
            del row["gaussians"]  # Which the stand-in does not keep.
    assert again["history"] == whole["history"]


def started_from(root: Path) -> str | None:
    """The checkpoint that the last run went on from."""
    asked = calls(root, "4dgaussians")[-1]["argv"]
    return asked[asked.index("--start_checkpoint") + 1] if "--start_checkpoint" in asked else None


def test_what_diverged_goes_back_by_one_checkpoint_each_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It diverges at iteration 30 of 40; checkpoints before are those of 8, 16, 20 and 24."""
    first = order(tmp_path, settings(tmp_path))
    monkeypatch.setenv("STANDIN", "diverges")
    for before in (None, *(f"out/chkpnt_coarse_{iteration}.pth" for iteration in (20, 16, 8)), None):
        with pytest.raises(BackendError, match="not a number"):
            FourDGaussians().run(first)
        assert started_from(tmp_path) == before
    monkeypatch.setenv("STANDIN", "")
    FourDGaussians().run(first)


def test_a_failure_that_has_nothing_to_do_with_its_checkpoints_leaves_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = order(tmp_path, settings(tmp_path))
    for failure in ("killed", "exit 1", "exit 1"):
        monkeypatch.setenv("STANDIN", failure)
        with pytest.raises(BackendError, match="a program failed"):
            FourDGaussians().run(first)
    monkeypatch.setenv("STANDIN", "")
    FourDGaussians().run(first)
    assert started_from(tmp_path) == "out/chkpnt_fine_40.pth"


def test_a_trainer_that_was_killed_goes_on_from_what_it_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When a build is killed, its tools may end before the worker that waits for them."""
    first = order(tmp_path, settings(tmp_path))
    monkeypatch.setenv("STANDIN", "killed")
    with pytest.raises(BackendError, match="a program failed"):
        FourDGaussians().run(first)
    monkeypatch.setenv("STANDIN", "")
    FourDGaussians().run(first)
    assert "--start_checkpoint" in calls(tmp_path, "4dgaussians")[-1]["argv"]


def test_measurements_of_a_failed_run_are_in_no_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The lines of its progress bar come by the clock: two runs tell of different iterations."""
    first = order(tmp_path, settings(tmp_path))
    monkeypatch.setenv("STANDIN", "diverges")
    with pytest.raises(BackendError):
        FourDGaussians().run(first)
    notes = tmp_path / "scratch" / "one" / "run" / "rows.jsonl"
    notes.write_text(notes.read_text().replace('"iteration": 20,', '"iteration": 23,'))
    assert '"iteration": 23,' in notes.read_text()
    monkeypatch.setenv("STANDIN", "killed")
    with pytest.raises(BackendError):
        FourDGaussians().run(first)
    monkeypatch.setenv("STANDIN", "")
    FourDGaussians().run(first)
    history = json.loads(first.outputs["training.json"].read_text())["history"]
    assert "--start_checkpoint" in calls(tmp_path, "4dgaussians")[-1]["argv"]
    assert [row["iteration"] for row in history][:3] == [10, 30, 40]  # It went on from 20.


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("fused.ply", None, "no initial points"),
        ("test/temporal_002.png", None, "lacks a picture"),
        ("train/spatial_001.png", b"no picture", "cannot be read"),
    ],
)
def test_a_broken_dataset_is_told_before_the_training(
    tmp_path: Path, name: str, content: bytes | None, sentence: str
) -> None:
    first = order(tmp_path, settings(tmp_path))
    members = unzipped(first.input("dataset.zip").read_bytes())
    with zipfile.ZipFile(first.input("dataset.zip"), "w") as archive:
        for member, whole in members.items():
            if member != name or content is not None:
                archive.writestr(member, whole if member != name or content is None else content)
    with pytest.raises(BackendError, match=sentence):
        FourDGaussians().run(first)
    assert not calls(tmp_path)


@pytest.mark.parametrize("kind", ["points", "Gaussians"])
def test_an_authors_own_points_are_what_it_starts_from(tmp_path: Path, kind: str) -> None:
    from episodec.splat.cloud import Cloud, write_cloud

    scene = random_scene(4)
    grey = np.full((4, 3), 9, np.uint8)
    initial = write_ply(scene) if kind == "Gaussians" else write_cloud(Cloud(np.ascontiguousarray(scene.means), grey))
    FourDGaussians().run(order(tmp_path, settings(tmp_path), initial))
    data = tmp_path / "scratch" / "one" / "run" / "data"
    actual = read_cloud((data / "fused.ply").read_bytes())
    assert np.array_equal(actual.means, scene.means)
    assert (kind == "points") == (actual.colours == 9).all()


@pytest.mark.parametrize(
    ("params", "sentence"),
    [
        ({"iterations": 0}, "out of its range"),
        ({"slices": 1}, "out of its range"),
        ({"seed": None}, "out of its range"),
    ],
)
def test_an_impossible_order_runs_nothing(tmp_path: Path, params: dict[str, Any], sentence: str) -> None:
    with pytest.raises(BackendError, match=sentence):
        FourDGaussians().run(order(tmp_path, settings(tmp_path), **params))
    assert not calls(tmp_path)


# What it says.


def bar(done: int, total: int, given: str = "Loss=0.1000000, psnr=20.00, point=9") -> bytes:
    return f"Training progress:  10%|█  | {done}/{total} [00:01<00:02, 26.1it/s, {given}]\r".encode()


def test_progress_that_goes_back_is_a_new_beginning() -> None:
    for second in (bar(0, 100), bar(10, 40), b"Optimizing out\n"):
        watch = TrainingOutput(stages_from(None, 40, 100))
        for piece in (b"Optimizing out\n", bar(0, 40), bar(40, 40), bar(0, 100), bar(50, 100)):
            watch.take(piece)
        with pytest.raises(BackendError, match="has restarted"):
            watch.take(second)


def test_measurements_are_read_from_pieces_of_any_length() -> None:
    output = (
        bar(0, 40)
        + bar(10, 40)
        + bar(10, 40, "Loss=0.5, psnr=21.00, point=9")
        + bar(20, 40, "Loss=nan, psnr=1, point=9")
    )
    for step in (1, 7, len(output)):
        watch = TrainingOutput(stages_from(None, 40, 100))
        for start in range(0, len(output), step):
            watch.take(output[start : start + step])
        assert [(row.iteration, row.loss) for row in watch.rows] == [(10, 0.1)]


def test_the_words_of_tqdm_itself_are_understood(tmp_path: Path) -> None:
    program = """
from tqdm import tqdm
import sys
def stage(first, last):
    bar = tqdm(range(first, last), desc="Training progress", mininterval=0)
    for iteration in range(first + 1, last + 1):
        if iteration % 10 == 0:
            said = {"Loss": f"{1 / iteration:.7f}", "psnr": f"{20 + iteration / 100:.2f}", "point": f"{iteration}"}
            bar.set_postfix(said)
            bar.update(10)
    return bar
kept = [stage(20, 60), stage(0, 200)]
del kept[0]
"""
    watch = TrainingOutput(stages_from(Path("chkpnt_coarse_20.pth"), 60, 200))
    run_tool([sys.executable, "-c", program], log=tmp_path / "log", watch=watch.take)
    rows = [(row.stage, row.iteration, row.gaussians) for row in watch.rows]
    assert rows == [("coarse", n, n) for n in range(30, 61, 10)] + [("fine", n, n) for n in range(10, 201, 10)]
    # From a checkpoint between two tens its bar counts from it, and is moved at each ten: it ends behind its end.
    watch = TrainingOutput(stages_from(Path("chkpnt_fine_48.pth"), 20, 60))
    command = program.replace("[stage(20, 60), stage(0, 200)]", "[stage(48, 60)]")
    run_tool([sys.executable, "-c", command], log=tmp_path / "log", watch=watch.take)
    assert [(row.stage, row.iteration, row.gaussians) for row in watch.rows] == [("fine", 50, 50), ("fine", 60, 60)]


def test_the_furthest_checkpoint_is_taken_by_stage_then_iteration(tmp_path: Path) -> None:
    import zipfile

    assert last_checkpoint(tmp_path / "nowhere") is None
    for name in ("chkpnt_coarse_3000.pth", "chkpnt_fine_400.pth", "chkpnt_fine_1200.pth", "chkpnt_late_9.pth"):
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            archive.writestr("a", "b")
    actual = last_checkpoint(tmp_path)
    assert actual is not None
    assert actual.name == "chkpnt_fine_1200.pth"
    assert [(s.name, s.first, s.last) for s in stages_from(actual, 3000, 20_000)] == [("fine", 1200, 20_000)]


# The dependencies of its results.


@pytest.mark.parametrize(
    "touched", ["train.py", "scene/gaussian_model.py", "utils/general_utils.py", "arguments/__init__.py"]
)
def test_every_file_of_it_is_in_the_fingerprint_and_watched(tmp_path: Path, touched: str) -> None:
    check_in_fingerprint(FourDGaussians(), settings(tmp_path), tmp_path / "4DGaussians" / touched)


def test_the_fingerprint_tells_versions_and_no_place(tmp_path: Path) -> None:
    parts = [fingerprint(FourDGaussians(), settings(tmp_path / name)) for name in "ab"]
    assert parts[0] == parts[1]
    named = {"Pillow-11.3.0.dist-info", "mmcv-1.7.2.dist-info", "torch-2.7.1.dist-info"}
    assert named <= set(parts[0]["environment"])
    assert str(tmp_path) not in str(parts)


@pytest.mark.parametrize(("package", "version"), [("mmcv", "2.1.0"), ("Pillow", "13.0.0")])
def test_packages_that_are_too_new_for_it_are_told_before_it_is_started(
    tmp_path: Path, package: str, version: str
) -> None:
    actual = settings(tmp_path)
    (metadata,) = (tmp_path / "env").glob(f"lib/*/site-packages/{package}-*/METADATA")
    metadata.write_text(f"Name: {package}\nVersion: {version}\n")
    with pytest.raises(SettingsError, match="too new"):
        fingerprint(FourDGaussians(), actual)


def test_its_licence_names_who_may_not_use_it() -> None:
    assert "no commercial use" in FourDGaussians.licence


def test_its_driver_runs_on_the_python_that_it_asks_for() -> None:
    check_driver("four_d_gaussians", (3, 7))
