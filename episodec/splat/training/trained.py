"""The result of a training: the scene with its movement sampled, the parts of its files, its history and its
fidelity.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from episodec.splat.dataset import SPLITS, Dataset, Kind
from episodec.splat.deformation import State as Deformation
from episodec.splat.deformation import deformed
from episodec.splat.rasterise import WHITE, render
from episodec.splat.scene import Scene
from episodec.splat.training.loop import Job, one_thread
from episodec.splat.training.state import TrainingState
from episodec.splat.training.unseen import LEAST, kept, pixels_shown

ROWS = 200  # Of the written history: each row averages an equal number of steps.


@dataclass(frozen=True, slots=True)
class TrainingRow:
    """Several steps of a training: the last one's number, means of loss and PSNR, and the Gaussians at the end."""

    iteration: int
    loss: float
    psnr_db: float
    gaussians: int


@dataclass(frozen=True, slots=True, eq=False)
class Trained:
    """A trained scene.

    Attributes:
        scene: with slices.
        canonical: the same Gaussians, undeformed.
        deformation: the field, by the names of a deformation.pth.
        history: in the order of steps.
        psnr_db: mean over frames on white, by `train-spatial`, `train-temporal`, `val-temporal`, ….
        setbacks: how often numbers became non-finite.
        source: the training's initial points: `cloud`, `hull` or `scene`.
        unseen: the number of Gaussians removed at the end, because no picture showed them.
    """

    scene: Scene
    canonical: Scene
    deformation: Deformation
    history: tuple[TrainingRow, ...]
    psnr_db: Mapping[str, float]
    setbacks: int
    source: str
    unseen: int = 0


def trained(job: Job, state: TrainingState, threads: int = 1) -> Trained:
    """The result of the last state."""
    canonical = state.scene()
    deformation = {name: tensor.cpu() for name, tensor in state.moves.state().items()}
    with one_thread():
        scene = deformed(canonical, deformation, job.settings.slices)
    is_shown = pixels_shown(scene, job.dataset, threads) > LEAST
    if not is_shown.any():  # Nothing is visible in any picture, but a scene needs at least one Gaussian.
        is_shown[:] = True
    scene, canonical = kept(scene, is_shown), kept(canonical, is_shown)
    return Trained(
        scene,
        canonical,
        deformation,
        averaged([TrainingRow(number, *step) for number, step in enumerate(state.history, 1)]),
        nearness(scene, job.dataset, threads),
        state.setbacks,
        job.start.source,
        int((~is_shown).sum()),
    )


def nearness(scene: Scene, dataset: Dataset, threads: int = 1) -> dict[str, float]:
    """Mean PSNR in dB by split and kind, where there are frames."""
    by_kind: dict[str, list[float]] = {}
    kinds: tuple[Kind, ...] = ("spatial", "temporal")
    for split, kind in product(SPLITS, kinds):
        for frame in dataset.where(split, kind):
            time = float(dataset.times[frame])
            drawn = render(scene, dataset.view(frame), time=time, background=WHITE, threads=threads)
            alpha = dataset.frames[frame, ..., 3:] / 255.0
            true = dataset.frames[frame, ..., :3] * alpha + 255 * (1 - alpha)
            wrong = float(np.square(drawn - true).mean())
            by_kind.setdefault(f"{split}-{kind}", []).append(10 * math.log10(255**2 / max(wrong, 1e-6)))
    return {name: sum(values) / len(values) for name, values in by_kind.items()}


def averaged(rows: Sequence[TrainingRow]) -> tuple[TrainingRow, ...]:
    """At most `ROWS` rows: each averages an equal number of steps and has the last one's number."""
    each = max(1, math.ceil(len(rows) / ROWS))
    averages = []
    for first in range(0, len(rows), each):
        some = rows[first : first + each]
        loss, psnr_db = (sum(values) / len(some) for values in zip(*((r.loss, r.psnr_db) for r in some), strict=True))
        averages.append(TrainingRow(some[-1].iteration, loss, psnr_db, some[-1].gaussians))
    return tuple(averages)


def report(trained: Trained, coarse_iterations: int) -> str:
    """The training's history as JSON, without clocks, hosts or durations."""
    table = {
        "started_from": trained.source,
        "coarse_iterations": coarse_iterations,
        "gaussians": trained.scene.count,
        "unseen": trained.unseen,
        "setbacks": trained.setbacks,
        "psnr_db": {name: round(value, 3) for name, value in trained.psnr_db.items()},
        "history": [
            {
                "iteration": row.iteration,
                "loss": round(row.loss, 6),
                "psnr_db": round(row.psnr_db, 3),
                "gaussians": row.gaussians,
            }
            for row in trained.history
        ],
    }
    return json.dumps(table, indent=1, allow_nan=False) + "\n"
