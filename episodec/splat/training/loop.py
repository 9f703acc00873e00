"""The training loop: a static scene first, then one that moves, step by step from a dataset.

A step depends on the dataset, the settings and its number alone, so a training that was killed and resumed from its
checkpoint ends in the same bytes as an uninterrupted one.
"""

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray

from episodec.errors import BackendError
from episodec.splat.dataset import Dataset
from episodec.splat.scene import Scene
from episodec.splat.training.densify import Growth
from episodec.splat.training.engine import Engine, Picture
from episodec.splat.training.field import Moved, new_field
from episodec.splat.training.initial import Start, start_of
from episodec.splat.training.rates import Rates, set_rates
from episodec.splat.training.rigid import neighbours, stretch
from episodec.splat.training.schedule import Frames, schedule
from episodec.splat.training.settings import Checkpoints, FieldSize, TrainingProgress, TrainSettings
from episodec.splat.training.state import TrainingState, begun, copied, decode, encode
from episodec.splat.view import View

GOOD_EVERY = 10  # Steps between states that can be restored.
SETBACKS = 2  # After more, the training fails.
SMOOTH_EVERY = 4  # Steps: the roughness of the planes changes slowly.

_BACKGROUND, _GROWTH, _NEAR = range(1, 4)  # Purposes of random numbers, each with its own generator.


@dataclass(frozen=True, slots=True, eq=False)
class Job:
    """The constants of a training."""

    dataset: Dataset
    settings: TrainSettings
    rates: Rates
    start: Start
    views: tuple[View, ...]  # Of each frame.
    frames: Frames  # The frame of each step.
    has_alpha: tuple[bool, ...]  # Of each frame.

    @property
    def total(self) -> int:
        """The number of steps."""
        return self.settings.coarse_iterations + self.settings.iterations

    @property
    def size_m(self) -> float:
        """The size of the scene: half of its box's diagonal."""
        return 0.5 * float(np.linalg.norm(self.start.most - self.start.least))

    def growth(self) -> Growth:
        """Densification from early coarse steps to half of the fine ones."""
        every = max(50, self.total // 20)
        return Growth(every, self.settings.coarse_iterations + self.settings.iterations // 2, every)


def job_of(dataset: Dataset, settings: TrainSettings, rates: Rates | None = None, initial: Scene | None = None) -> Job:
    """The constants of a training for this dataset.

    Raises:
        BackendError: the dataset has nothing to learn from.
    """
    return Job(
        dataset,
        settings,
        rates or Rates(),
        start_of(dataset, settings.gaussians, settings.sh_degree, initial),
        tuple(dataset.view(frame) for frame in range(len(dataset.frames))),
        schedule(dataset, settings),
        tuple(bool((frame[..., 3] < 255).any()) for frame in dataset.frames),
    )


def run(
    job: Job, shelf: Checkpoints, engine: Engine, tell: Callable[[TrainingProgress], None], size: FieldSize
) -> TrainingState:
    """The state after the last step.

    Raises:
        BackendError: numbers repeatedly became non-finite.
    """
    with one_thread():
        state = _begun(job, shelf, engine, size)
        good = copied(state)
        while state.steps < job.total:
            _step(job, state, engine)
            is_checked = state.steps % GOOD_EVERY == 0 or state.steps == job.total
            if not math.isfinite(state.history[-1][0]) or (is_checked and not state.is_finite()):
                state = _set_back(good, state)
                continue
            tell(_progress(job, state))
            if is_checked:
                good = copied(state)
                shelf.keep(partial(encode, good))
        return state


def _begun(job: Job, shelf: Checkpoints, engine: Engine, size: FieldSize) -> TrainingState:
    kept = shelf.load()
    if kept is not None:
        return decode(kept, engine.device)
    least, most = (torch.from_numpy(corner) for corner in (job.start.least, job.start.most))
    field = new_field(least, most, size, job.settings.seed).to(engine.device)
    return begun(job.start.scene, field, engine.device)


def _step(job: Job, state: TrainingState, engine: Engine) -> None:
    """One training step on one frame."""
    step = state.steps + 1
    is_fine = step > job.settings.coarse_iterations
    frame = int(job.frames[state.steps])
    set_rates(state, job.rates, job.size_m, _share(job, step))
    for adam in state.adams.values():
        adam.zero_grad(set_to_none=True)
    still: Moved = (state.splats["means"], state.splats["quats"], state.splats["scales"])
    moved = state.moves.moved(still, float(job.dataset.times[frame]), engine.pool) if is_fine else still
    background = _background(job, frame, step)
    target = composed(job.dataset.frames[frame], background)
    extra = _extra(job, state, step, still, moved) if is_fine else None
    learned = engine.learn(state, moved, Picture(job.views[frame], target, background), extra)
    if math.isfinite(learned.loss):
        for adam in state.adams.values():
            adam.step()
        with torch.no_grad():
            state.splats["scales"].clamp_(max=job.start.widest)
    state.history.append((learned.loss, learned.psnr_db, state.count))
    state.steps = step
    if math.isfinite(learned.loss):
        random = np.random.default_rng((job.settings.seed, _GROWTH, step))
        engine.grow(state, step, job.growth(), job.settings.gaussians, job.size_m, random)


def _extra(job: Job, state: TrainingState, step: int, still: Moved, moved: Moved) -> torch.Tensor:
    """The regularisation loss of the field."""
    random = np.random.default_rng((job.settings.seed, _NEAR, step))
    if len(state.nearest) != state.count:
        state.nearest = neighbours(still[0])
    penalty = job.rates.rigid * stretch(still[0], moved[0], state.nearest, random)
    if step % SMOOTH_EVERY == 0:
        space, time = state.moves.roughness()
        penalty = penalty + SMOOTH_EVERY * (job.rates.smooth_space * space + job.rates.smooth_time * time)
    return penalty


def _background(job: Job, frame: int, step: int) -> tuple[float, float, float]:
    """A random background behind a frame with transparency, so that nothing can hide in it; white behind the others."""
    if not job.has_alpha[frame]:
        return (1.0, 1.0, 1.0)
    r, g, b = np.random.default_rng((job.settings.seed, _BACKGROUND, step)).random(3)
    return float(r), float(g), float(b)


def composed(frame: NDArray[np.uint8], background: tuple[float, float, float]) -> torch.Tensor:
    """(h, w, 3) float32: an RGBA picture composited on a colour."""
    colours, alpha = frame[..., :3].astype(np.float32) / 255, frame[..., 3:].astype(np.float32) / 255
    behind = np.array(background, np.float32)
    return torch.from_numpy((behind + alpha * (colours - behind)).astype(np.float32))


def _share(job: Job, step: int) -> float:
    """The completed share of the fine steps; 0 during the coarse ones."""
    return max(0.0, (step - job.settings.coarse_iterations) / max(1, job.settings.iterations))


def _set_back(good: TrainingState, state: TrainingState) -> TrainingState:
    """The last state with finite numbers only, to continue from with smaller steps."""
    restored = copied(good)
    restored.setbacks = state.setbacks + 1
    if restored.setbacks > SETBACKS:
        facts = {"step": state.steps, "loss": state.history[-1][0], "set back": f"{SETBACKS} times"}
        hint = "check the dataset's pictures and cameras, or try another seed"
        raise BackendError("the training does not converge: its numbers are no longer finite", facts=facts, hint=hint)
    return restored


def _progress(job: Job, state: TrainingState) -> TrainingProgress:
    loss, psnr_db, count = state.history[-1]
    stage = "coarse" if state.steps <= job.settings.coarse_iterations else "fine"
    return TrainingProgress(stage, state.steps, job.total, loss, psnr_db, count, state.setbacks)


@contextmanager
def one_thread() -> Iterator[None]:
    """Limit torch to one thread: its sums are then reproducible, and more would compete with the kernels' threads."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
