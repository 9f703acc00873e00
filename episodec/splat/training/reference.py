"""The slow, readable twin of the differentiable rasteriser: `splat.reference` in torch, for its automatic derivatives.

Formulas and constants are explained in `splat.reference`.
"""

import math

import torch

from episodec.splat import reference
from episodec.splat.view import View

Tensor = torch.Tensor


def render(parts: tuple[Tensor, ...], view: View, background: tuple[float, float, float]) -> tuple[Tensor, Tensor]:
    """The picture (h, w, 3) and its alpha (h, w), for tensors of any float type.

    The parts are means (N, 3), quaternions (N, 4), log scales (N, 3), opacity logits (N,) and harmonics (N, K, 3), as
    in `Scene`. Every pixel evaluates every Gaussian: memory is N times the picture's.
    """
    means, conics, opacities, colours, depths = _projected(parts, view)
    order = torch.argsort(depths.detach().float(), stable=True)
    means, conics, opacities, colours = means[order], conics[order], opacities[order], colours[order]
    width, height = view.size
    y, x = torch.meshgrid(torch.arange(height).to(means), torch.arange(width).to(means), indexing="ij")
    dx, dy = x - means[:, 0, None, None], y - means[:, 1, None, None]
    xx, xy, yy = (conics[:, part, None, None] for part in range(3))
    power = -0.5 * (xx * dx * dx + yy * dy * dy) - xy * dx * dy
    alpha = (opacities[:, None, None] * power.clamp(max=0).exp()).clamp(max=reference.MOST_ALPHA)
    alpha = torch.where(alpha >= reference.LEAST_ALPHA, alpha, 0)
    after = torch.cumprod(1 - alpha, dim=0)
    alpha = torch.where(after >= reference.LEAST_TRANSMITTANCE, alpha, 0)  # Transmittance never increases.
    after = torch.cumprod(1 - alpha, dim=0)
    before = torch.cat([torch.ones_like(after[:1]), after[:-1]])
    left = after[-1] if len(after) else torch.ones_like(x)
    picture = torch.einsum("nhw,nc->hwc", alpha * before, colours)
    return picture + left[..., None] * torch.tensor(background).to(means), 1 - left


def _projected(parts: tuple[Tensor, ...], view: View) -> tuple[Tensor, ...]:
    """Means, conics, opacities, colours and depths of the Gaussians beyond the near plane."""
    means = parts[0]
    matrix = torch.from_numpy(view.world_to_camera()).to(means)
    eye = torch.from_numpy(view.camera_to_world[:3, 3].copy()).to(means)
    is_near = (means @ matrix[2, :3] + matrix[2, 3]).detach() > reference.NEAR
    means, quaternions, log_scales, logits, harmonics = (part[is_near] for part in parts)
    in_camera = means @ matrix[:3, :3].T + matrix[:3, 3]
    depths = in_camera[:, 2]
    fx, fy, cx, cy = view.intrinsics
    u, v = in_camera[:, 0] / depths, in_camera[:, 1] / depths
    left, right, top, bottom = view.slope_limits()
    rows = [fx / depths, 0 * u, -fx * u.clamp(left, right) / depths, 0 * v, fy / depths]
    jacobians = torch.stack([*rows, -fy * v.clamp(top, bottom) / depths], dim=1).view(-1, 2, 3)
    scales = log_scales.clamp(-reference.MAX_LOG_SCALE, reference.MAX_LOG_SCALE).exp()
    spread = jacobians @ matrix[:3, :3] @ rotations(quaternions) * scales[:, None, :]
    covariances = spread @ spread.transpose(1, 2) + reference.BLUR * torch.eye(2).to(means)
    areas = torch.linalg.cross(spread[:, 0], spread[:, 1]).square().sum(1)
    determinants = areas + reference.BLUR * spread.square().sum((1, 2)) + reference.BLUR**2
    conics = torch.stack([covariances[:, 1, 1], -covariances[:, 0, 1], covariances[:, 0, 0]], 1) / determinants[:, None]
    directions = torch.nn.functional.normalize(means - eye, dim=1)
    basis = harmonic_basis(directions, harmonics.shape[1])
    colours = (torch.einsum("nk,nkc->nc", basis, harmonics) + 0.5).clamp(min=0)
    opacities = logits.clamp(-40, 40).sigmoid()
    return torch.stack([fx * u + cx - 0.5, fy * v + cy - 0.5], 1), conics, opacities, colours, depths


def rotations(quaternions: Tensor) -> Tensor:
    """(M, 3, 3) of quaternions (M, 4) wxyz of any length but 0."""
    w, x, y, z = torch.nn.functional.normalize(quaternions, dim=1).unbind(1)
    rows = [
        *(1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)),
        *(2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)),
        *(2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)),
    ]
    return torch.stack(rows, dim=1).view(-1, 3, 3)


def harmonic_basis(directions: Tensor, count: int) -> Tensor:
    """(M, count) values of the first real spherical harmonics at unit directions (M, 3)."""
    x, y, z = directions.unbind(1)
    values = [torch.full_like(x, 0.5 / math.sqrt(math.pi))]
    if count > 1:
        c1 = math.sqrt(3 / (4 * math.pi))
        values += [-c1 * y, c1 * z, -c1 * x]
    if count > 4:
        two = 0.5 * math.sqrt(15 / math.pi)
        zonal = math.sqrt(5 / math.pi) / 4 * (2 * z * z - x * x - y * y)
        values += [two * x * y, -two * y * z, zonal, -two * x * z, two / 2 * (x * x - y * y)]
    if count > 9:
        a, b = math.sqrt(35 / (2 * math.pi)) / 4, math.sqrt(105 / math.pi) / 2
        c, d = math.sqrt(21 / (2 * math.pi)) / 4, math.sqrt(7 / math.pi) / 4
        values += [-a * y * (3 * x * x - y * y), b * x * y * z, -c * y * (4 * z * z - x * x - y * y)]
        values += [d * z * (2 * z * z - 3 * x * x - 3 * y * y), -c * x * (4 * z * z - x * x - y * y)]
        values += [b / 2 * z * (x * x - y * y), -a * x * (x * x - 3 * y * y)]
    return torch.stack(values, dim=1)
