"""The settings and the progress of a training, as plain values: nothing here imports numpy."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

Device = Literal["cpu", "cuda"]


@dataclass(frozen=True, slots=True)
class TrainSettings:
    """The parameters of a trained scene, besides the dataset.

    Attributes:
        iterations: steps with the deformation field, after the coarse ones.
        coarse_iterations: steps of the static scene.
        gaussians: the maximum number.
        sh_degree: of the colours, 0 to 3.
        slices: samples of the movement that the scene keeps.
        seed: of all random numbers.
    """

    iterations: int = 1000
    coarse_iterations: int = 400
    gaussians: int = 10_000
    sh_degree: int = 0
    slices: int = 24
    seed: int = 0


@dataclass(frozen=True, slots=True)
class FieldSize:
    """The resolution of the deformation field; the settings are in 4DGaussians' `kplanes_config`."""

    channels: int = 16
    side: int = 32  # Nodes along a spatial axis in the first level; each level has twice as many as the one before.
    time_nodes: int = 13  # In use: files have 2 * 13 - 1 rows of time, see `field`.
    levels: int = 2
    width: int = 64  # Of the network.


@dataclass(frozen=True, slots=True)
class TrainingProgress:
    """The progress of a training. Clocks are for observers, not for files."""

    stage: str  # `coarse`, then `fine`.
    iteration: int  # Of all steps, 1 for the first.
    total: int
    loss: float
    psnr_db: float  # Of the frames since the last report, over the subject and its background.
    gaussians: int
    setbacks: int = 0  # How often numbers became non-finite and an earlier state was restored.


class Checkpoints(Protocol):
    """The checkpoint of an interrupted training: one value, stored completely or not at all."""

    def load(self) -> bytes | None:
        """The last checkpoint, or None."""
        ...

    def keep(self, content: Callable[[], bytes]) -> None:
        """Replace the checkpoint atomically: a kill leaves the old or the new one.

        `content` is called before this returns, or not at all if no checkpoint is due.
        """
        ...


LIMITS = {
    "iterations": (1, 1_000_000),
    "coarse_iterations": (0, 1_000_000),
    "gaussians": (100, 5_000_000),
    "sh_degree": (0, 3),
    "slices": (2, 1024),
    "seed": (0, 2**63 - 1),
}
"""The least and the greatest value of each field of `TrainSettings`."""


def field_size(gaussians: int) -> FieldSize:
    """4DGaussians' own resolution for its synthetic scenes if there are many Gaussians; half of it for few."""
    return FieldSize(channels=32, side=64) if gaussians >= 50_000 else FieldSize()
