"""What a training is asked for and what it tells while it runs, as plain values: nothing here imports numbers."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

Device = Literal["cpu", "cuda"]


@dataclass(frozen=True, slots=True)
class TrainSettings:
    """What decides a trained scene, besides the dataset.

    Attributes:
        iterations: steps with the deformation field, after the coarse ones.
        coarse_iterations: steps of the scene standing still.
        gaussians: at most.
        sh_degree: of the colours, 0 to 3.
        slices: samples of the movement that the scene keeps.
        seed: of all that is drawn.
    """

    iterations: int = 1000
    coarse_iterations: int = 400
    gaussians: int = 10_000
    sh_degree: int = 0
    slices: int = 24
    seed: int = 0


@dataclass(frozen=True, slots=True)
class FieldSize:
    """How fine the deformation field is; as 4DGaussians' own settings name it in its `kplanes_config`."""

    channels: int = 16
    side: int = 32  # Nodes along an axis of space, of the first level; each level has twice as many as the one before.
    time_nodes: int = 13  # That are used: files have 2 * 13 - 1 rows of time, see `field`.
    levels: int = 2
    width: int = 64  # Of the network.


@dataclass(frozen=True, slots=True)
class Progress:
    """How a training stands. Clocks are for whoever is told, not for files."""

    stage: str  # `coarse`, then `fine`.
    iteration: int  # Of all, 1 for the first.
    total: int
    loss: float
    psnr_db: float  # Of the frames since the last time, over what is seen of the subject and its background.
    gaussians: int
    setbacks: int = 0  # How often numbers stopped being finite, and the training went back.


class Shelf(Protocol):
    """Where an interrupted training goes on from: one value, kept whole or not at all."""

    def load(self) -> bytes | None:
        """What was kept last, or None."""
        ...

    def keep(self, content: Callable[[], bytes]) -> None:
        """Put this in the place of what was kept before, at once: a kill leaves one or the other.

        It is called before this returns, or never, where nothing is due.
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
"""Of each field of `TrainSettings`, the least and the most."""


def field_size(gaussians: int) -> FieldSize:
    """As fine as 4DGaussians' own for its synthetic scenes where there are many Gaussians; half of that for few."""
    return FieldSize(channels=32, side=64) if gaussians >= 50_000 else FieldSize()
