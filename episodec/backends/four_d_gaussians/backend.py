"""Backend `4dgaussians`: a moving scene from a dataset, with the `train.py` of 4DGaussians on this machine.

Stage train. Its checkpoints are in the action's scratch folder, so a killed run resumes from there.
"""

import shutil
import socket
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from episodec.backends.four_d_gaussians.config import TrainingOptions, config_text, flags
from episodec.backends.four_d_gaussians.watch import (
    COARSE,
    FINE,
    IterationRow,
    TrainingOutput,
    drop_what_diverged,
    last_checkpoint,
    rows_until,
    stages_from,
)
from episodec.digest import Canonical
from episodec.engine.action import Resources
from episodec.engine.backend import Digester, Fingerprint, Settings, WorkOrder
from episodec.errors import BackendError, SettingsError
from episodec.ownfile import own_file
from episodec.tools.fingerprint import both
from episodec.tools.installed import (
    code_digest,
    device,
    environment,
    installed_version,
    now_ns,
    python_and_repo,
    require_fresh_output,
    sources,
    tool_environment,
)
from episodec.tools.notes import OPACITY, RESIZED
from episodec.tools.params import wholes
from episodec.tools.process import run_tool

SYSTEM = "4DGaussians"
LICENCE = (
    "4DGaussians: code Apache-2.0, but for the parts of Inria and the Max Planck Institute (by file headers, the "
    "rasteriser, simple-knn): for research and evaluation only, no commercial use; it has no weights"
)

SIDE = 800  # Pixels: its reader makes every picture this large.
LEAST_SLICES, MOST_SLICES = 2, 1024
MOST_ITERATIONS = 1_000_000

_CODE = ("train.py", "arguments/__init__.py", "scene/*.py", "gaussian_renderer/*.py", "utils/*.py")
_KERNELS = ("submodules/**/*.cu", "submodules/**/*.h", "submodules/**/*.cpp")
_DRIVER = own_file(__file__, "driver.py")
_PILLOW_LIMIT, _MMCV_LIMIT = 13, 2


class FourDGaussians:
    """Stage train: `dataset.zip`, optionally `initial.ply`, to a scene with slices, the checkpoint, and a report.

    Params `iterations`, `coarse_iterations`, `gaussians`, `sh_degree`, `slices`, `seed`. Settings: `python`, `repo`.
    """

    stages: ClassVar[frozenset[str]] = frozenset({"train"})
    deterministic: ClassVar[bool] = False  # Its rasteriser adds gradients up in any order.
    notes: ClassVar[Mapping[str, str]] = {**OPACITY, **RESIZED}
    is_adapter: ClassVar[bool] = True
    licence: ClassVar[str] = LICENCE

    def resources(self, settings: Settings) -> Resources:
        return Resources(cpus=4, gpus=1, memory_mib=16_384)  # It uses CUDA whatever the settings say.

    def fingerprint(self, settings: Settings, digests: Digester) -> Fingerprint:
        python, repo = python_and_repo(settings, SYSTEM)
        device(settings, ("cuda",))
        packages = {name: _version(python, *spellings) for name, spellings in _PACKAGES.items()}
        _check(packages, python)
        code = sources(repo, _CODE)
        code += sorted(path for pattern in _KERNELS for path in repo.glob(pattern) if path.is_file())
        parts: dict[str, Canonical] = {"code": code_digest(repo, code, digests)}
        return both(environment(python), Fingerprint(parts, tuple(map(str, code))))

    def run(self, order: WorkOrder) -> None:
        import torch

        from episodec.splat.deformation import deformed, read_state
        from episodec.splat.ply import read_ply
        from episodec.splat.scene_file import pieces

        training, slices = training_of(order)
        python, repo = python_and_repo(order.settings, SYSTEM)
        folder = _laid_out(order, training)
        checkpoint = last_checkpoint(folder / "out")
        stages, notes = stages_from(checkpoint, training.coarse_iterations, training.iterations), folder / "rows.jsonl"
        before = rows_until(checkpoint, notes)
        watch = TrainingOutput(stages, notes)
        started = now_ns()
        named = None if checkpoint is None else checkpoint.relative_to(folder)
        asked = flags(training, _free_port(), named)
        command: list[str | Path] = [
            python,
            _DRIVER,
            str(training.seed),
            str(training.gaussians),
            repo / "train.py",
            *asked,
        ]
        try:
            run_tool(command, cwd=folder, env=tool_environment(repo), watch=watch.take)
        except BackendError as error:
            if watch.has_diverged:
                drop_what_diverged(folder / "out", checkpoint)
            # Other endings (a kill, a full GPU, a missing package) do not invalidate its checkpoints.
            elif (kept := last_checkpoint(folder / "out")) is not None:
                error.facts["kept"] = f"{kept}, from which the next build resumes"
            raise
        checkpoint_folder = folder / "out" / "point_cloud" / f"iteration_{training.iterations}"
        cloud = require_fresh_output(checkpoint_folder / "point_cloud.ply", started, SYSTEM).read_bytes()
        field = require_fresh_output(checkpoint_folder / "deformation.pth", started, SYSTEM).read_bytes()
        torch.set_num_threads(order.cpus)
        loaded = read_ply(cloud)
        for note in loaded.notes:
            order.note(*note)
        scene = deformed(loaded.scene, read_state(field), slices)
        _report(order, training, [*before, *watch.rows], scene, loaded.scene)
        with order.outputs["still.scene"].open("wb") as file:
            file.writelines(pieces(scene))
        order.outputs["point_cloud.ply"].write_bytes(cloud)
        order.outputs["deformation.pth"].write_bytes(field)


def training_of(order: WorkOrder) -> tuple[TrainingOptions, int]:
    """The order's training, and the number of time samples of the motion.

    Raises:
        BackendError: a parameter is missing, out of its range or unknown.
    """
    known = {
        "iterations": (1, MOST_ITERATIONS),
        "coarse_iterations": (0, MOST_ITERATIONS),
        "gaussians": (1, 20_000_000),
        "sh_degree": (0, 3),
        "slices": (LEAST_SLICES, MOST_SLICES),
        "seed": (0, (1 << 63) - 1),
    }
    options = wholes(order, known, SYSTEM)
    slices = options.pop("slices")
    return TrainingOptions(**options), slices


def _laid_out(order: WorkOrder, training: TrainingOptions) -> Path:
    """The working folder with `data`, `config.py`, and the `out` of an earlier run.

    Raises:
        BackendError: the dataset is invalid, which would also fail after the training.
    """
    from episodec.splat.dataset_read import read_dataset

    # Noted before the training, not after it.
    height, width = read_dataset(order.input("dataset.zip").read_bytes()).frames.shape[1:3]
    folder = order.scratch / "run"
    shutil.rmtree(folder / "data", ignore_errors=True)
    (folder / "data").mkdir(parents=True)
    if (width, height) != (SIDE, SIDE):
        sentence = f"{SYSTEM} resizes pictures of {width}x{height} to {SIDE}x{SIDE}"
        order.note("pictures-resized", sentence, hint="`quality: production` trains with pictures of this size")
    with zipfile.ZipFile(order.input("dataset.zip")) as archive:
        archive.extractall(folder / "data")
    if "initial.ply" in order.inputs:
        (folder / "data" / "fused.ply").write_bytes(_points(order.input("initial.ply").read_bytes()))
    (folder / "config.py").write_text(config_text(training), "utf-8")
    return folder


def _points(content: bytes) -> bytes:
    """The initial points, from a .ply of coloured points or of Gaussians."""
    import numpy as np

    from episodec.splat.cloud import Cloud, read_cloud, write_cloud
    from episodec.splat.ply import SH0, read_ply, read_vertices

    if "f_dc_0" not in (read_vertices(content).dtype.names or ()):
        return write_cloud(read_cloud(content))
    scene = read_ply(content).scene
    colours = np.clip(np.rint((scene.harmonics[:, 0] * SH0 + 0.5) * 255), 0, 255).astype(np.uint8)
    return write_cloud(Cloud(scene.means, colours))


def _report(
    order: WorkOrder, training: TrainingOptions, measured: Sequence[IterationRow], scene: Any, canonical: Any
) -> None:
    """Write the report as `hybrid` does: iterations count over both stages, PSNR is measured with our rasteriser."""
    from episodec.scenes.training_report import write_report
    from episodec.splat.dataset_read import read_dataset
    from episodec.splat.training.trained import Trained, averaged, nearness
    from episodec.splat.training.trained import TrainingRow as Step

    before = {COARSE: 0, FINE: training.coarse_iterations}
    steps = [Step(before[row.stage] + row.iteration, row.loss, row.psnr_db, row.gaussians) for row in measured]
    if not steps:
        hint = "its progress bar may have a different format: check its version"
        raise BackendError(f"{SYSTEM} reported no training progress", hint=hint)
    dataset = read_dataset(order.input("dataset.zip").read_bytes())
    source = "initial.ply" if "initial.ply" in order.inputs else "cloud"
    near = nearness(scene, dataset, order.cpus)
    trained = Trained(scene, canonical, {}, averaged(steps), near, setbacks=0, source=source)
    write_report(order, f"Training by {SYSTEM}", trained, dataset, training.coarse_iterations)


_PACKAGES = {"torch": ("torch",), "mmcv": ("mmcv", "mmcv_full"), "pillow": ("pillow", "Pillow")}


def _version(python: Path, *spellings: str) -> tuple[str, str]:
    """A package's version and its metadata file, under the first of its names that is installed."""
    for name in spellings[:-1]:
        try:
            return installed_version(python, name)
        except SettingsError:
            continue
    return installed_version(python, spellings[-1])


def _check(packages: dict[str, tuple[str, str]], python: Path) -> None:
    """Refuse versions that it cannot run with, before it is started."""
    reasons = {
        "mmcv": (_MMCV_LIMIT, "mmcv 2 has no `Config`, which reads its configuration", 'pip install "mmcv<2"'),
        "pillow": (_PILLOW_LIMIT, "Pillow 13 does not accept signed bytes as a picture", 'pip install "pillow<11"'),
    }
    for name, (limit, reason, hint) in reasons.items():
        version = packages[name][0]
        if int(version.partition(".")[0] or 0) >= limit:
            facts = {"python": python, "found": f"{name} {version}", "because": reason}
            raise SettingsError(f"{SYSTEM}'s environment holds a package that is too new", facts=facts, hint=hint)


def _free_port() -> int:
    """A free port of this machine: it opens one for a viewer, and stops if it cannot."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
