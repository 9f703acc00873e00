"""The backends of a training step: compiled CPU kernels here, or gsplat on a GPU (`cuda`). The loop knows neither."""

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch

from episodec.splat.rasterise import Threads
from episodec.splat.training import bridge
from episodec.splat.training.densify import Growth, grow, note_pull
from episodec.splat.training.field import Moved
from episodec.splat.training.raster import Forward, Gradients
from episodec.splat.training.state import TrainingState
from episodec.splat.view import View


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A training view and its target."""

    view: View
    target: torch.Tensor  # (h, w, 3) float32.
    background: tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Learned:
    """The quality of the picture before the step."""

    loss: float
    psnr_db: float


class Engine(Protocol):
    """Renders pictures, computes their gradients, and densifies."""

    device: str

    @property
    def pool(self) -> Threads | None:
        """The threads of the CPU kernels; None on a GPU."""
        ...

    def learn(self, state: TrainingState, moved: Moved, picture: Picture, extra: torch.Tensor | None) -> Learned:
        """Render the moved Gaussians and leave gradients in everything trained, those of the extra loss included."""
        ...

    def grow(  # Plain numbers of one step.
        self, state: TrainingState, step: int, growth: Growth, most: int, size_m: float, random: np.random.Generator
    ) -> None:
        """After a step: densify, if it is due."""
        ...


def look(state: TrainingState) -> tuple[torch.Tensor, torch.Tensor]:
    """Opacity logits (N,) and harmonics (N, K, 3), which do not change over time."""
    splats = state.splats
    harmonics = torch.cat([splats["sh0"], splats["shN"]], dim=1) if "shN" in splats else splats["sh0"]
    return splats["opacities"], harmonics


def psnr_db(picture: torch.Tensor, target: torch.Tensor) -> float:
    """The PSNR in dB of values clamped to 0 to 1."""
    wrong = float((picture.detach().clamp(0, 1) - target).square().mean())
    return -10 * math.log10(max(wrong, 1e-10)) if math.isfinite(wrong) else math.nan


class CpuEngine:
    """Compiled kernels on several threads; the bytes are the same at any number."""

    device = "cpu"

    def __init__(self, threads: int) -> None:
        self._pool = Threads(threads)

    @property
    def pool(self) -> Threads:
        return self._pool

    def learn(self, state: TrainingState, moved: Moved, picture: Picture, extra: torch.Tensor | None) -> Learned:
        parts = (*moved, *look(state))
        if not all(bool(torch.isfinite(part.detach().sum())) for part in parts):
            return Learned(math.nan, math.nan)

        def watch(_: Forward, gradients: Gradients) -> None:
            note_pull(state, torch.from_numpy(gradients.screen), torch.from_numpy(gradients.is_seen))

        drawn, _ = bridge.rasterise(parts, picture.view, picture.background, self.pool, watch)
        loss = bridge.picture_loss(drawn, picture.target, pool=self.pool)
        torch.autograd.backward(loss if extra is None else loss + extra)
        return Learned(float(loss.detach()), psnr_db(drawn, picture.target))

    def grow(  # The protocol's arguments.
        self, state: TrainingState, step: int, growth: Growth, most: int, size_m: float, random: np.random.Generator
    ) -> None:
        if growth.is_due(step):
            grow(state, most, size_m, random)
