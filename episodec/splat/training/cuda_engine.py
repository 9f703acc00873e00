"""Training steps on an NVIDIA GPU: gsplat's rasteriser and its own densification strategy (extra `cuda`).

Written for gsplat 1.5.3's interface. Sums are in the GPU's order, so bytes differ from run to run.
"""

from typing import Any

import numpy as np
import torch

from episodec.splat.cuda import NEAR
from episodec.splat.training.densify import Growth
from episodec.splat.training.engine import Learned, Picture, look, psnr_db
from episodec.splat.training.field import Moved
from episodec.splat.training.loss import WEIGHT
from episodec.splat.training.state import TrainingState, forget

SPARING = (
    0.01  # The regularisation weight of opacities and sizes, as in Kheradmand et al. 2024, whose densification this is.
)


class CudaEngine:
    """Densification is gsplat's MCMC strategy, the one of its two that respects a maximum number of Gaussians."""

    device = "cuda"
    pool = None

    def __init__(self) -> None:
        self._strategy: Any = None
        self._strategy_state: Any = None

    def learn(self, state: TrainingState, moved: Moved, picture: Picture, extra: torch.Tensor | None) -> Learned:
        import gsplat

        means, quaternions, log_scales = moved
        logits, harmonics = look(state)
        width, height = picture.view.size
        fx, fy, cx, cy = picture.view.intrinsics
        lens = torch.tensor([[[fx, 0, cx], [0, fy, cy], [0, 0, 1]]], dtype=torch.float32, device="cuda")
        matrix = torch.from_numpy(picture.view.world_to_camera()).float().cuda()[None]
        rendered, _, _ = gsplat.rasterization(
            means,
            quaternions,
            log_scales.clamp(-40, 40).exp(),
            logits.sigmoid(),
            harmonics,
            matrix,
            lens,
            width,
            height,
            near_plane=NEAR,
            sh_degree={1: 0, 4: 1, 9: 2, 16: 3}[harmonics.shape[1]],
            packed=False,
            backgrounds=torch.tensor([picture.background], device="cuda"),
        )
        target = picture.target.cuda()
        loss = (1 - WEIGHT) * (rendered[0] - target).abs().mean() + WEIGHT * dssim(rendered[0], target)
        # Not part of the reported loss, to match the CPU's.
        whole = loss + SPARING * (logits.sigmoid().mean() + log_scales.exp().mean())
        torch.autograd.backward(whole if extra is None else whole + extra)
        return Learned(float(loss.detach()), psnr_db(rendered[0], target))

    def grow(  # The protocol's arguments.
        self, state: TrainingState, step: int, growth: Growth, most: int, size_m: float, random: np.random.Generator
    ) -> None:
        if self._strategy is None:
            from gsplat import MCMCStrategy

            self._strategy = MCMCStrategy(
                cap_max=most,
                refine_start_iter=growth.start,
                refine_stop_iter=growth.stop,
                refine_every=growth.every,
            )
            self._strategy_state = self._strategy.initialize_state()
        adams = {name: adam for name, adam in state.adams.items() if name != "field"}
        torch.manual_seed(int(random.integers(2**62)))  # gsplat uses torch's global random generator.
        rate = adams["means"].param_groups[0]["lr"]
        self._strategy.step_post_backward(state.splats, adams, self._strategy_state, step, {}, lr=rate)
        if growth.is_due(step):  # Some may have been relocated, too.
            forget(state)


def dssim(rendered: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
    """1 - SSIM of pictures (h, w, 3), Wang et al. 2004: a Gaussian window of 11 pixels, sigma 1.5, zeros outside."""
    place = torch.arange(11, device=rendered.device) - 5.0
    line = torch.exp(-place.square() / (2 * 1.5**2))
    line = line / line.sum()
    window = (line[:, None] * line[None])[None, None].expand(3, 1, 11, 11)
    x, y = (picture.permute(2, 0, 1)[None] for picture in (rendered, other))

    def mean(values: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.conv2d(values, window, padding=5, groups=3)

    mx, my = mean(x), mean(y)
    xx, yy, xy = mean(x * x) - mx * mx, mean(y * y) - my * my, mean(x * y) - mx * my
    c1, c2 = 0.01**2, 0.03**2
    similar = (2 * mx * my + c1) * (2 * xy + c2) / ((mx * mx + my * my + c1) * (xx + yy + c2))
    return 1 - similar.mean()
