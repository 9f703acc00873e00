import hashlib
import math
import os
import subprocess
import sys
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from episodec.errors import BackendError
from episodec.splat.rasterise import Threads, render_floats
from episodec.splat.reference import render_reference
from episodec.splat.scene import Scene, columnar
from episodec.splat.training import bridge, planes, raster, reference
from episodec.splat.training.loss import picture_loss
from episodec.splat.training.raster import Gradients
from episodec.splat.view import View
from tests.splat.scenes import random_scene, view
from tests.splat.training.test_planes import random_places, random_planes

BACKGROUND = (0.2, 0.5, 1.0)
PARTS = ("means", "quaternions", "log_scales", "opacity_logits", "harmonics")

Floats = NDArray[np.float32]


def slopes(view: View, seed: int = 5) -> tuple[Floats, Floats]:
    """Derivatives of some loss by the picture and by alpha."""
    rng = np.random.default_rng(seed)
    width, height = view.size
    return rng.normal(size=(height, width, 3)).astype(np.float32), rng.normal(size=(height, width)).astype(np.float32)


def tensors(scene: Scene, kind: torch.dtype) -> tuple[torch.Tensor, ...]:
    return tuple(torch.tensor(np.array(getattr(scene, part)), dtype=kind, requires_grad=True) for part in PARTS)


def check(scene: Scene, view: View, bound: float = 1e-5) -> Gradients:
    """Picture and derivatives are those of the reference, differentiated by torch in float64."""
    parts = tensors(scene, torch.float64)
    picture, alpha = reference.render(parts, view, BACKGROUND)
    by_picture, by_alpha = slopes(view)
    loss = (picture * torch.tensor(by_picture)).sum() + (alpha * torch.tensor(by_alpha)).sum()
    expected = torch.autograd.grad(loss, parts)
    done = raster.forward(scene, view, BACKGROUND)
    np.testing.assert_allclose(done.picture, picture.detach(), atol=1e-4)
    np.testing.assert_allclose(done.alpha, alpha.detach(), atol=1e-4)
    actual = raster.backward(done, by_picture, by_alpha)
    for part, want in zip(PARTS, expected, strict=True):
        assert np.linalg.norm(getattr(actual, part) - want.numpy()) <= bound * np.linalg.norm(want.numpy()), part
    return actual


@pytest.mark.parametrize("degree", [0, 1, 2, 3])
@pytest.mark.parametrize("turn_rad", [0.0, 1.0, 3.0])
def test_derivatives_are_those_of_the_reference(degree: int, turn_rad: float) -> None:
    actual = check(random_scene(300, seed=degree, degree=degree), view(turn_rad=turn_rad))
    assert actual.is_seen.sum() > 200


@pytest.mark.parametrize("size", [(1, 1), (15, 17), (16, 16), (97, 3)])
def test_odd_sizes_are_differentiated_whole(size: tuple[int, int]) -> None:
    check(random_scene(60), view(*size))


def test_a_picture_with_its_principal_point_aside_has_the_reference_derivatives() -> None:
    check(random_scene(200), replace(view(), intrinsics=(70.0, 40.0, 3.0, 38.5)))


def test_gaussians_beside_and_behind_the_camera_have_the_reference_derivatives() -> None:
    # From amidst the cloud, where projections are no longer linearised at the mean, and many means are behind.
    actual = check(random_scene(200, degree=1), view(distance=0.3))
    assert 0 < actual.is_seen.sum() < 200


@pytest.mark.parametrize("log_scale", [-30.0, -45.0, 2.0, 5.0, 45.0])
def test_huge_and_tiny_gaussians_have_the_reference_derivatives(log_scale: float) -> None:
    scene = random_scene(40)
    scene.log_scales[::4] = log_scale
    scene.log_scales[1::4, 0] = log_scale  # A needle, or a disk.
    check(scene, view(), bound=1e-4)


def test_dense_scenes_stop_where_the_reference_stops() -> None:
    scene = random_scene(900)
    scene.opacity_logits[:] += 4.0
    scene.log_scales[:] += 0.5
    check(scene, view(), bound=1e-4)


def test_derivatives_are_slopes_of_the_picture() -> None:
    """By finite differences of the rasteriser's other twin, which knows no torch."""
    scene, observed = random_scene(60, degree=3), view(24, 20)
    by_picture, _ = slopes(observed)
    actual = raster.backward(raster.forward(scene, observed, BACKGROUND), by_picture)
    rng = np.random.default_rng(1)
    for part in PARTS:
        array = getattr(scene, part)
        for place in rng.choice(np.flatnonzero(np.abs(getattr(actual, part)) > 0.05), 4):
            index = np.unravel_index(place, array.shape)
            values = []
            for step in (1e-6, -1e-6):  # So small that hardly a pixel crosses 1/255, where pictures jump.
                moved = array.astype(np.float64)
                moved[index] += step
                picture = render_reference(replace(scene, **{part: moved}), observed, BACKGROUND).picture
                values.append((picture * by_picture).sum())
            slope = (values[0] - values[1]) / 2e-6
            assert getattr(actual, part)[index] == pytest.approx(slope, rel=1e-3), (part, index)


def test_the_screen_derivative_is_by_the_place_in_the_picture() -> None:
    scene, observed = random_scene(1), view()
    by_picture, _ = slopes(observed)

    def loss(aside: float, below: float) -> float:
        fx, fy, cx, cy = observed.intrinsics
        moved = replace(observed, intrinsics=(fx, fy, cx + aside, cy + below))
        return float((render_reference(scene, moved, BACKGROUND).picture * by_picture).sum())

    across, down = (loss(1e-5, 0) - loss(-1e-5, 0)) / 2e-5, (loss(0, 1e-5) - loss(0, -1e-5)) / 2e-5
    actual = raster.backward(raster.forward(scene, observed, BACKGROUND), by_picture)
    assert actual.screen[0] == pytest.approx(math.hypot(across * 24, down * 20), rel=1e-3)


def test_the_picture_is_the_rasterisers_own() -> None:
    scene, observed = random_scene(800), view(90, 70)
    done = raster.forward(scene, observed, BACKGROUND)
    assert done.picture.tobytes() == render_floats(scene, observed, background=BACKGROUND).tobytes()
    assert raster.backward(done, *slopes(observed)).is_seen.sum() > 700


def test_any_number_of_threads_gives_the_same_bits() -> None:
    scene, observed = random_scene(3000), view(200, 150)
    built = set()
    for threads in (1, 2, 3, 7):
        with Threads(threads) as crew:
            done = raster.forward(scene, observed, BACKGROUND, crew)
            actual = raster.backward(done, *slopes(observed), crew)
        arrays = (
            done.picture,
            done.alpha,
            actual.screen,
            actual.is_seen,
            *(getattr(actual, p) for p in PARTS),
        )
        built.add(b"".join(array.tobytes() for array in arrays))
    assert len(built) == 1


def digest_of_everything() -> str:
    """Of what each kernel of training makes, the rasteriser's own among them."""
    done = raster.forward(random_scene(700), view(), BACKGROUND)
    actual = raster.backward(done, *slopes(view()))
    features = planes.sample(random_planes(), random_places(), 0.3)
    arrays = [render_floats(random_scene(700), view()), done.picture, done.alpha]
    arrays += [*(getattr(actual, part) for part in PARTS), actual.screen, features]
    arrays += [picture_loss(done.picture, slopes(view())[0]).d_picture]
    arrays += planes.sample_back(random_planes(), random_places(), 0.3, features)
    return hashlib.sha256(b"".join(array.tobytes() for array in arrays)).hexdigest()


def test_other_processors_give_the_same_bits() -> None:
    """Code is made for another processor: other vectors, another order of instructions, the same bits."""
    # Without features numba would still add those of this machine.
    environment = {**os.environ, "NUMBA_CPU_NAME": "x86-64-v3", "NUMBA_CPU_FEATURES": ""}
    program = "from tests.splat.training.test_raster import digest_of_everything; print(digest_of_everything())"
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == digest_of_everything()


def test_layout_changes_no_bit() -> None:
    scene, observed = random_scene(300), view()
    by_picture, _ = slopes(observed)
    first, two = (
        raster.backward(raster.forward(s, observed, BACKGROUND), by_picture) for s in (scene, columnar(scene))
    )
    assert all(np.array_equal(getattr(first, part), getattr(two, part)) for part in PARTS)


def test_nothing_in_the_picture_has_no_derivatives() -> None:
    scene, away = random_scene(300), view(distance=-9.0)
    done = raster.forward(scene, away, BACKGROUND)
    assert np.array_equal(done.picture, np.broadcast_to(np.array(BACKGROUND, np.float32), done.picture.shape))
    assert not done.alpha.any()
    actual = raster.backward(done, *slopes(away))
    assert not actual.is_seen.any()
    assert not any(getattr(actual, part).any() for part in (*PARTS, "screen"))


def test_a_quaternion_of_length_0_is_no_rotation_and_has_no_derivative() -> None:
    scene = random_scene(20)
    scene.quaternions[3] = 0
    observed = view()
    actual = raster.backward(raster.forward(scene, observed, BACKGROUND), *slopes(observed))
    assert not actual.quaternions[3].any()
    assert all(np.isfinite(getattr(actual, part)).all() for part in PARTS)


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_number_that_is_not_finite_is_refused(part: str, value: float) -> None:
    scene = random_scene(20)
    getattr(scene, part).flat[7] = value
    with pytest.raises(BackendError, match="not finite"):
        raster.forward(scene, view(), BACKGROUND)


@pytest.mark.parametrize("wrong", [{"camera_to_world": np.zeros((4, 4))}, {"size": (0, 9)}])
def test_an_impossible_view_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(BackendError):
        raster.forward(random_scene(3), replace(view(), **wrong), BACKGROUND)


@pytest.mark.parametrize("is_alpha_used", [True, False])
def test_torch_goes_backwards_through_the_rasteriser(is_alpha_used: bool) -> None:  # noqa: FBT001
    scene, observed = random_scene(100), view()
    by_picture, by_alpha = slopes(observed)
    watched: list[Gradients] = []
    parts = tensors(scene, torch.float32)
    picture, alpha = bridge.rasterise(parts, observed, BACKGROUND, watch=lambda _, found: watched.append(found))
    loss = (picture * torch.from_numpy(by_picture)).sum()
    loss = loss + (alpha * torch.from_numpy(by_alpha)).sum() if is_alpha_used else loss
    actual = torch.autograd.grad(loss, parts)
    expected = raster.backward(
        raster.forward(scene, observed, BACKGROUND), by_picture, by_alpha if is_alpha_used else None
    )
    for part, got in zip(PARTS, actual, strict=True):
        assert np.array_equal(got.numpy(), getattr(expected, part))
    assert np.array_equal(watched[0].screen, expected.screen)


def test_torch_goes_backwards_through_the_loss_the_rasteriser_and_what_moved_the_parts() -> None:
    scene, observed = random_scene(100), view()
    target, parts = slopes(observed)[0], tensors(scene, torch.float32)
    drawn, _ = bridge.rasterise((parts[0] * 2, *parts[1:]), observed, BACKGROUND)
    loss = bridge.picture_loss(drawn, torch.from_numpy(target))
    moved = raster.forward(replace(scene, means=scene.means * 2), observed, BACKGROUND)
    expected = picture_loss(moved.picture, target)
    assert loss.item() == pytest.approx(expected.value)
    gradients = raster.backward(moved, expected.d_picture)
    for part, actual in zip(PARTS, torch.autograd.grad(loss, parts), strict=True):
        assert np.array_equal(actual.numpy(), getattr(gradients, part) * (2 if part == "means" else 1))
