"""Densification on the CPU, equivalent to gsplat's DefaultStrategy: Gaussians are added where the view-space gradient
is large.

At intervals, nearly transparent Gaussians are pruned; of those with a large mean gradient of means2d, small ones are
cloned and large ones split, largest gradient first, up to a maximum total. Kerbl et al. 2023, section 5; constants are
gsplat 1.5.3's. Opacities are never reset: schedules here are too short for it.
"""

import math
from dataclasses import dataclass

import numpy as np
import torch

from episodec.splat.training.reference import rotations
from episodec.splat.training.state import Tensors, TrainingState, rearranged

PULL = 2e-4  # Mean gradient of the loss by means2d, for a picture 2 wide.
LEAST_OPACITY = 0.005
SMALL = 0.01  # Of the scene's size: Gaussians no larger are cloned, not split.
SHRINK = 1.6


@dataclass(frozen=True, slots=True)
class Growth:
    """The densification schedule: a half-open range of steps, and the interval."""

    start: int
    stop: int
    every: int

    def is_due(self, step: int) -> bool:
        """Whether to densify after this step, counted from 1."""
        return self.start <= step < self.stop and step % self.every == 0


def note_pull(state: TrainingState, screen: torch.Tensor, is_seen: torch.Tensor) -> None:
    """Accumulate one picture's gradients: their lengths (N,) by means2d, and which Gaussians are visible."""
    state.gradients += screen
    state.seen_counts += is_seen


def grow(state: TrainingState, most: int, size_m: float, random: np.random.Generator) -> None:
    """Prune, clone and split Gaussians, up to `most` of them unless there were more before."""
    with torch.no_grad():
        splats = state.splats
        is_kept = splats["opacities"] >= math.log(LEAST_OPACITY / (1 - LEAST_OPACITY))
        pull = torch.where(is_kept, state.gradients / state.seen_counts.clamp(min=1), 0.0)
        room = max(0, most - int(is_kept.sum()))
        pulled = torch.argsort(pull, descending=True, stable=True)[:room]
        pulled = pulled[pull[pulled] > PULL]
        is_small = splats["scales"][pulled].exp().amax(dim=1) <= SMALL * size_m
        doubled, split = pulled[is_small], pulled[~is_small]
        is_kept[split] = False
        pieces = [_split(splats, split, random) for _ in range(2)]
        added = {
            name: torch.cat([tensor[doubled], *(piece[name] for piece in pieces)]) for name, tensor in splats.items()
        }
        rearranged(state, torch.nonzero(is_kept)[:, 0], added)


def _split(splats: Tensors, which: torch.Tensor, random: np.random.Generator) -> Tensors:
    """One smaller Gaussian sampled inside each of these."""
    children = {name: tensor.detach()[which].clone() for name, tensor in splats.items()}
    drawn = torch.from_numpy(random.standard_normal((len(which), 3)).astype(np.float32)).to(children["means"])
    away = (rotations(children["quats"]) @ (drawn * children["scales"].exp())[:, :, None])[:, :, 0]
    children["means"] += away
    children["scales"] -= math.log(SHRINK)
    return children
