"""The rigidity loss: how much a movement stretches the distances between neighbours.

One camera cannot see how far away a moving thing is, but rigid matter constrains it: a cheek that moves sideways on a
turning head must also come nearer (Sorkine and Alexa 2007; Luiten et al. 2024 for Gaussians).
"""

import numpy as np
import scipy.spatial
import torch

NEIGHBOURS = 6
SHARE = 4096  # The greatest number of Gaussians sampled per step.


def neighbours(means: torch.Tensor) -> torch.Tensor:
    """(N, NEIGHBOURS) int32: each Gaussian's nearest neighbours."""
    places = means.detach().cpu().numpy()
    _, indices = scipy.spatial.cKDTree(places).query(places, k=min(NEIGHBOURS + 1, len(places)))
    return torch.from_numpy(indices[:, 1:].astype(np.int32)).to(means.device)


def stretch(
    still: torch.Tensor, moved: torch.Tensor, nearest: torch.Tensor, random: np.random.Generator
) -> torch.Tensor:
    """Mean square of the relative change of distances, for Gaussians (N, 3) sampled at random."""
    count = len(nearest)
    some = torch.from_numpy(random.integers(count, size=min(SHARE, count))).to(nearest.device)
    near = nearest[some].long()
    before = (still.detach()[near] - still.detach()[some, None]).norm(dim=2)
    after = (moved[near] - moved[some, None]).norm(dim=2)
    penalty: torch.Tensor = ((after - before) / (before + 1e-3)).square().mean()
    return penalty
