import math

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from episodec.splat.rasterise import Threads
from episodec.splat.training import bridge
from episodec.splat.training.engine import psnr_db
from episodec.splat.training.loss import picture_loss

Doubles = NDArray[np.float64]


def in_torch(picture: torch.Tensor, target: torch.Tensor, weight: float) -> tuple[torch.Tensor, torch.Tensor]:
    """The loss and the SSIM as published, for float64."""
    line = torch.exp(-0.5 * ((torch.arange(11, dtype=torch.float64) - 5) / 1.5) ** 2)
    line /= line.sum()
    kernel = (line[:, None] * line).expand(3, 1, 11, 11)

    def mean(each: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.conv2d(each, kernel, padding=5, groups=3)

    x, y = picture.permute(2, 0, 1)[None], target.permute(2, 0, 1)[None]
    m, n = mean(x), mean(y)
    s, t, c = mean(x * x) - m * m, mean(y * y) - n * n, mean(x * y) - m * n
    ssim = ((2 * m * n + 1e-4) * (2 * c + 9e-4) / ((m * m + n * n + 1e-4) * (s + t + 9e-4))).mean()
    return (1 - weight) * (picture - target).abs().mean() + weight * (1 - ssim), ssim


def pictures(height: int, width: int, contrast: float = 1.0) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    rng = np.random.default_rng(height)
    target = rng.random((height, width, 3))
    values = np.clip(target + rng.normal(0, 0.1, target.shape), 0, 1.5)
    return tuple((0.9 + contrast * (each - 0.9)).astype(np.float32) for each in (values, target))  # type: ignore[return-value]


@pytest.mark.parametrize("size", [(1, 1), (5, 3), (37, 19), (16, 16), (120, 150)])
@pytest.mark.parametrize("weight", [0.0, 0.2, 1.0])
def test_the_loss_and_its_derivatives_are_those_of_torch_in_float64(size: tuple[int, int], weight: float) -> None:
    picture, target = pictures(*size)
    variable = torch.tensor(picture, dtype=torch.float64, requires_grad=True)
    expected, ssim = in_torch(variable, torch.tensor(target, dtype=torch.float64), weight)
    actual = picture_loss(picture, target, weight)
    assert actual.value == pytest.approx(expected.item(), rel=1e-6, abs=1e-7)
    assert actual.ssim == pytest.approx(ssim.item(), rel=1e-6)
    (slope,) = torch.autograd.grad(expected, variable)
    assert np.linalg.norm(actual.d_picture - slope.numpy()) <= 1e-6 * np.linalg.norm(slope.numpy())


def test_flat_pictures_have_derivatives_too() -> None:
    picture, target = pictures(40, 40, contrast=0.01)
    variable = torch.tensor(picture, dtype=torch.float64, requires_grad=True)
    expected, _ = in_torch(variable, torch.tensor(target, dtype=torch.float64), 0.2)
    slope = torch.autograd.grad(expected, variable)[0].numpy()
    actual = picture_loss(picture, target).d_picture
    # Variances of 1e-5 are differences of numbers near 1 in float32.
    assert np.linalg.norm(actual - slope) <= 1e-3 * np.linalg.norm(slope)


def test_equal_pictures_cost_nothing() -> None:
    picture, _ = pictures(30, 20)
    actual = picture_loss(picture, picture)
    assert actual.value == pytest.approx(0, abs=1e-6)
    assert actual.l1 == 0
    assert np.abs(actual.d_picture).max() < 1e-7


def test_the_signal_to_noise_ratio_is_of_the_mean_squared_distance() -> None:
    picture, target = pictures(30, 20)
    square = float(((picture.astype(np.float64).clip(0, 1) - target) ** 2).mean())
    values = psnr_db(torch.from_numpy(picture), torch.from_numpy(target))
    assert values == pytest.approx(-10 * math.log10(square), rel=1e-5)


def test_any_number_of_threads_gives_the_same_bits() -> None:
    picture, target = pictures(300, 90)
    observed = set()
    for threads in (1, 2, 5):
        with Threads(threads) as crew:
            actual = picture_loss(picture, target, pool=crew)
        observed.add((actual.value, actual.ssim, actual.d_picture.tobytes()))
    assert len(observed) == 1


def test_torch_goes_backwards_through_the_loss() -> None:
    picture, target = pictures(30, 20)
    variable = torch.tensor(picture, requires_grad=True)
    (slope,) = torch.autograd.grad(3 * bridge.picture_loss(variable, torch.from_numpy(target)), variable)
    np.testing.assert_allclose(slope.numpy(), 3 * picture_loss(picture, target).d_picture, rtol=1e-6)
