"""Backend `hybrid`: trains a moving scene on views of a character and its moving pictures, without other tools.

Stage train; inputs `dataset.zip` and optionally `initial.ply`. Setting `device`: `cpu` (default) or `cuda`, which needs
a GPU and the extra `cuda`; if these are missing it fails instead of using the CPU.
"""

import time
from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from episodec.engine.action import Resources
from episodec.engine.backend import Digester, Fingerprint, Settings, WorkOrder
from episodec.errors import SettingsError
from episodec.text import count_text
from episodec.tools.fingerprint import needed
from episodec.tools.installed import device
from episodec.tools.notes import OPACITY
from episodec.tools.params import wholes


class Hybrid:
    """Stage train: `dataset.zip` to the scene, the two files in 4DGaussians' layout, and a report."""

    stages: ClassVar[frozenset[str]] = frozenset({"train"})
    # Equal bytes on one machine with any number of threads; the last bits of torch's sums differ between processors.
    deterministic: ClassVar[bool] = False
    notes: ClassVar[Mapping[str, str]] = {
        **OPACITY,
        "cloud-unlike-views": "Most of the given points are outside the silhouettes and are not used.",
        "training-setback": "Numbers were no longer finite: training went back and continued with smaller steps.",
    }

    def resources(self, settings: Settings) -> Resources:
        """One processor: most of a step is torch on one thread, for equal bytes, so a second one saves no time. A GPU
        with `device: cuda`.
        """
        return Resources(gpus=1 if _device(settings) == "cuda" else 0, memory_mib=3072)

    def fingerprint(self, settings: Settings, digests: Digester) -> Fingerprint:
        asked = _device(settings)
        if asked == "cuda":
            needed("gsplat")
            _check_kernels()
        return Fingerprint({"device": asked})

    def run(self, order: WorkOrder) -> None:
        from episodec.scenes.training_report import write_report
        from episodec.splat.dataset_read import read_dataset
        from episodec.splat.ply import read_ply, write_ply
        from episodec.splat.scene_file import pieces
        from episodec.splat.training.field import write_state
        from episodec.splat.training.train import train
        from episodec.tools.checkpoints import FolderCheckpoints

        settings = _settings(order)
        dataset = read_dataset(order.input("dataset.zip").read_bytes())
        initial = None
        if "initial.ply" in order.inputs:
            loaded = read_ply(order.input("initial.ply").read_bytes())
            initial = loaded.scene
            for note in loaded.notes:
                order.note(*note)
        shelf, log = FolderCheckpoints(order.scratch), _Log()
        trained = train(
            dataset, settings, shelf, log.tell, device=_device(order.settings), threads=order.cpus, initial=initial
        )
        near = ", ".join(f"{name} {value:.2f} dB" for name, value in trained.psnr_db.items())
        print(f"trained from the {trained.source}: {trained.scene.count} Gaussians; {near}", flush=True)  # noqa: T201
        if trained.source == "hull":
            order.note("cloud-unlike-views", "most points of the cloud are outside the silhouettes: it is not used")
        if trained.setbacks:
            sentence = f"numbers were no longer finite {count_text(trained.setbacks, 'time')}: the training went back"
            order.note("training-setback", f"{sentence}, then took smaller steps", facts={"setbacks": trained.setbacks})
        with order.outputs["still.scene"].open("wb") as file:
            file.writelines(pieces(trained.scene))
        order.outputs["point_cloud.ply"].write_bytes(write_ply(trained.canonical))
        order.outputs["deformation.pth"].write_bytes(write_state(trained.deformation))
        write_report(order, "Training", trained, dataset, settings.coarse_iterations)


def _check_kernels() -> None:
    """Raises SettingsError: gsplat has no kernels and cannot compile them."""
    from importlib.util import find_spec

    if find_spec("gsplat") is not None:
        from episodec.tools.gsplat_kernels import NO_TOOLKIT, can_compile

        if not can_compile():
            raise SettingsError("the training cannot run on a GPU here", facts={"because": NO_TOOLKIT})


class _Log:
    """Writes progress to the action's log, about once per second."""

    def __init__(self) -> None:
        self._started_s = self._last_s = time.monotonic()
        self._first: int | None = None  # Earlier steps were done by a previous run.
        self._setbacks = 0

    def tell(self, progress: Any) -> None:
        now_s = time.monotonic()
        if self._first is None:
            self._first, self._started_s = progress.iteration - 1, now_s
        if progress.setbacks > self._setbacks:
            self._setbacks = progress.setbacks
            line = f"setback {self._setbacks}: numbers not finite; resuming from step {progress.iteration}, slower"
            print(line, flush=True)  # noqa: T201
        if now_s - self._last_s < 1 and progress.iteration < progress.total:
            return
        self._last_s = now_s
        done = progress.iteration - self._first
        left_s = (now_s - self._started_s) / done * (progress.total - progress.iteration)
        line = (
            f"{progress.stage} {progress.iteration}/{progress.total}  loss {progress.loss:.4f}  "
            f"PSNR {progress.psnr_db:.1f} dB  {progress.gaussians} Gaussians  {left_s:.0f} s left"
        )
        print(line, flush=True)  # noqa: T201


def _device(settings: Settings) -> Literal["cpu", "cuda"]:
    """The device in the settings.

    Raises:
        SettingsError: it is not a known device.
    """
    return "cuda" if device({"device": "cpu", **settings}, ("cpu", "cuda")) == "cuda" else "cpu"


def _settings(order: WorkOrder) -> Any:
    """The trainer's settings from an order's params."""
    from episodec.splat.training.settings import LIMITS, TrainSettings

    return TrainSettings(**wholes(order, LIMITS, "the training"))
