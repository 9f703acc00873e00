import dataclasses

import numpy as np
import pytest

from episodec.errors import BackendError
from episodec.splat.cloud import Cloud
from episodec.splat.ply import SH0
from episodec.splat.training.initial import scene_of, start_of, thinned
from tests.splat.scenes import random_scene
from tests.splat.training.moving import RADIUS_M, ball, dataset


def plane(side: int = 20, step_m: float = 0.1) -> Cloud:
    x, y = np.meshgrid(np.arange(side) * step_m, np.arange(side) * step_m)
    means = np.stack([x.ravel(), y.ravel(), 0 * x.ravel()], axis=1)
    return Cloud(means.astype(np.float32), np.tile(np.array([255, 128, 0], np.uint8), (side * side, 1)))


def test_gaussians_are_as_wide_as_their_points_are_apart_and_flat_along_them() -> None:
    scene = scene_of(plane(), 1000, 0)
    middle = 10 * 20 + 10
    assert np.allclose(np.exp(scene.log_scales[middle, :2]), 0.1, rtol=1e-3)
    assert np.exp(scene.log_scales[middle, 2]) < 0.05
    w, x, y, z = scene.quaternions[middle]
    normal = np.array([2 * (x * z + w * y), 2 * (y * z - w * x), 1 - 2 * (x * x + y * y)])
    assert abs(normal[2]) > 0.999
    assert np.allclose(scene.harmonics[:, 0] * SH0 + 0.5, np.array([255, 128, 0]) / 255, atol=1e-5)


def test_thinning_keeps_to_the_limit_and_covers_everything() -> None:
    cloud = plane(60, 0.01)
    means, colours = thinned(cloud, 250)
    assert 150 <= len(means) <= 250
    assert len(colours) == len(means)
    gaps = np.linalg.norm(cloud.means[:, None] - means[None], axis=2).min(axis=1)
    assert gaps.max() < 0.05


def test_few_points_are_kept_as_they_are() -> None:
    means, _ = thinned(plane(), 400)
    assert np.array_equal(means, plane().means.astype(np.float64))


def test_points_far_outside_of_the_silhouettes_only_make_the_box_roomy() -> None:
    good = dataset().cloud
    corners = np.array([[-1, -1, -1], [1, 1, 1]], np.float32)
    cloud = Cloud(np.concatenate([good.means, corners]), np.concatenate([good.colours, np.zeros((2, 3), np.uint8)]))
    actual = start_of(dataset(cloud=cloud), 1000, 0)
    assert (actual.source, actual.scene.count) == ("cloud", len(good.means))
    assert (actual.least.tolist(), actual.most.tolist()) == ([-1, -1, -1], [1, 1, 1])


def test_a_random_cloud_gives_way_to_the_hull_of_the_silhouettes() -> None:
    random = np.random.default_rng(0)
    cloud = Cloud(random.uniform(-1.3, 1.3, (2000, 3)).astype(np.float32), np.zeros((2000, 3), np.uint8))
    actual = start_of(dataset(side=64, cloud=cloud), 500, 0)
    assert actual.source == "hull"
    away = np.hypot(actual.scene.means[:, 0], actual.scene.means[:, 2])
    assert 300 <= actual.scene.count <= 500
    assert away.max() < 1.35 * RADIUS_M  # Six silhouettes of a ball leave a prism.
    assert (actual.least < actual.scene.means.min(axis=0)).all()
    # Its colours are the ball's, as the nearest of its own Gaussians has them.
    true = ball()
    nearest = np.linalg.norm(actual.scene.means[:, None] - true.means[None], axis=2).argmin(axis=1)
    wrong = np.abs(actual.scene.harmonics[:, 0] - true.harmonics[nearest, 0]) * SH0
    assert np.median(wrong) < 0.1


def test_without_points_and_silhouettes_there_is_nothing_to_start_from() -> None:
    random = np.random.default_rng(0)
    few = dataset(cloud=Cloud(random.uniform(-9, 9, (50, 3)).astype(np.float32), np.zeros((50, 3), np.uint8)))
    frames = few.frames.copy()
    frames[..., 3] = 255
    with pytest.raises(BackendError, match="nothing to initialise"):
        start_of(dataclasses.replace(few, frames=frames), 500, 0)


def test_a_given_scene_is_thinned_to_its_most_visible_gaussians() -> None:
    given = random_scene(300, degree=3, slices=4)
    actual = start_of(dataset(), 200, 1, given)
    assert (actual.source, actual.scene.count, actual.scene.degree) == ("scene", 200, 1)
    assert actual.scene.opacity_logits.mean() > given.opacity_logits.mean()
    assert (actual.least <= actual.scene.means.min(axis=0)).all()
