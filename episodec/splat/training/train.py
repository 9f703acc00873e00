"""Trains a scene from a dataset."""

from collections.abc import Callable

from episodec.errors import BackendError
from episodec.splat.dataset import Dataset
from episodec.splat.scene import Scene
from episodec.splat.training.engine import CpuEngine, Engine
from episodec.splat.training.loop import job_of, run
from episodec.splat.training.settings import Checkpoints, Device, TrainingProgress, TrainSettings, field_size
from episodec.splat.training.trained import Trained, trained


def train(  # noqa: PLR0913  # What, how, where it is kept, who is told; and the machine.
    dataset: Dataset,
    settings: TrainSettings,
    shelf: Checkpoints,
    tell: Callable[[TrainingProgress], None],
    *,
    threads: int = 1,
    device: Device = "cpu",
    initial: Scene | None = None,
) -> Trained:
    """A scene that reproduces the dataset's frames; on the CPU the same bytes at any number of threads.

    The shelf stores checkpoints to resume from. `tell` is called after each step.

    Raises:
        BackendError: the dataset has nothing to learn from or to start from, numbers repeatedly become non-finite, or
            `cuda` is requested on a machine without it.
    """
    engine = _engine(device, threads)
    job = job_of(dataset, settings, initial=initial)
    state = run(job, shelf, engine, tell, field_size(settings.gaussians))
    return trained(job, state, threads)


def _engine(device: Device, threads: int) -> Engine:
    if device == "cpu":
        return CpuEngine(threads)
    from episodec.splat.cuda import missing
    from episodec.splat.training.cuda_engine import CudaEngine

    if (reason := missing()) is not None:
        hint = "train with `device: cpu`"
        raise BackendError("a scene cannot be trained with CUDA here", facts={"reason": reason}, hint=hint)
    return CudaEngine()
