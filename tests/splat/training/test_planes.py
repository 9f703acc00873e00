import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from episodec.errors import BackendError
from episodec.splat.deformation import PAIRS
from episodec.splat.rasterise import Threads
from episodec.splat.training import bridge, planes

Floats = NDArray[np.float32]


def random_planes(channels: int = 16, levels: int = 2) -> list[Floats]:
    rng = np.random.default_rng(3)
    actual = []
    for level in range(levels):
        nodes = (6 << level, (6 << level) + 3, (6 << level) + 5, 9)  # Along x, y, z, t.
        actual += [rng.normal(1, 0.3, (nodes[two], nodes[one], channels)).astype(np.float32) for one, two in PAIRS]
    return actual


def random_places(count: int = 400) -> Floats:
    """Some beyond the border."""
    return np.random.default_rng(4).uniform(-1.3, 1.3, (count, 3)).astype(np.float32)


def in_torch(each: list[torch.Tensor], places: torch.Tensor, time: float) -> torch.Tensor:
    points = torch.cat([places, torch.full((len(places), 1), time, dtype=places.dtype)], dim=1)
    levels = []
    for start in range(0, len(each), 6):
        product = torch.ones((), dtype=places.dtype)
        for plane, pair in zip(each[start : start + 6], PAIRS, strict=True):
            grid, stored = points[:, pair].view(1, -1, 1, 2), plane.permute(2, 0, 1)[None]
            actual = torch.nn.functional.grid_sample(stored, grid, "bilinear", "border", align_corners=True)
            product = product * actual[0, :, :, 0].T
        levels.append(product)
    return torch.cat(levels, dim=1)


@pytest.mark.parametrize("time", [-1.0, 0.0, 0.37, 1.0, 1.5])
@pytest.mark.parametrize(("channels", "levels"), [(8, 1), (16, 2), (24, 3)])
def test_features_and_their_derivatives_are_those_of_torch_in_float64(time: float, channels: int, levels: int) -> None:
    each, places = random_planes(channels, levels), random_places()
    variables = [torch.tensor(plane, dtype=torch.float64, requires_grad=True) for plane in each]
    expected = in_torch(variables, torch.tensor(places, dtype=torch.float64), time)
    slope = np.random.default_rng(5).normal(size=expected.shape).astype(np.float32)
    by_planes = torch.autograd.grad((expected * torch.tensor(slope)).sum(), variables)
    np.testing.assert_allclose(planes.sample(each, places, time), expected.detach(), rtol=2e-5, atol=2e-5)
    for actual, want in zip(planes.sample_back(each, places, time, slope), by_planes, strict=True):
        assert np.linalg.norm(actual - want.numpy()) <= 1e-5 * np.linalg.norm(want.numpy())


def test_any_number_of_threads_gives_the_same_bits() -> None:
    each, places = random_planes(), random_places(3000)
    slope, values = np.ones((3000, 32), np.float32), set()
    for threads in (1, 2, 5):
        with Threads(threads) as crew:
            arrays = [planes.sample(each, places, 0.3, crew), *planes.sample_back(each, places, 0.3, slope, crew)]
        values.add(b"".join(array.tobytes() for array in arrays))
    assert len(values) == 1


def test_places_that_are_no_numbers_reach_no_other_memory() -> None:
    each, places = random_planes(), random_places(3)
    places[1, 2] = np.nan
    border = places.copy()
    border[1, 2] = -1
    np.testing.assert_array_equal(planes.sample(each, places, 0.3), planes.sample(each, border, 0.3))
    slope = np.ones((3, 32), np.float32)
    assert all(np.isfinite(found).all() for found in planes.sample_back(each, places, 0.3, slope))


def test_torch_goes_backwards_through_the_planes() -> None:
    each, places = random_planes(), random_places()
    variables = [torch.tensor(plane, requires_grad=True) for plane in each]
    features = bridge.plane_features(variables, torch.from_numpy(places), 0.3)
    actual = torch.autograd.grad(features.sum(), variables)
    values = planes.sample_back(each, places, 0.3, np.ones((400, 32), np.float32))
    assert all(np.array_equal(one.numpy(), two) for one, two in zip(actual, values, strict=True))


def test_channels_that_are_no_multiple_of_8_are_refused() -> None:
    with pytest.raises(BackendError, match="multiple of 8"):
        planes.sample(random_planes(12), random_places(), 0.0)
