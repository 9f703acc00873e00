"""Which Gaussians the pictures of a training show, and that what none shows is taken out."""

from dataclasses import replace

import numpy as np

from episodec.splat.scene import Scene, columnar
from episodec.splat.training import raster
from episodec.splat.training.settings import TrainSettings
from episodec.splat.training.train import train
from episodec.splat.training.unseen import LEAST, kept, pixels_shown, weights
from tests.splat.scenes import random_scene, view
from tests.splat.training.moving import Memory, ball, dataset


def both(scene: Scene, other: Scene) -> Scene:
    return Scene(
        np.concatenate([scene.means, other.means]),
        np.concatenate([scene.quaternions, other.quaternions]),
        np.concatenate([scene.log_scales, other.log_scales]),
        np.concatenate([scene.opacity_logits, other.opacity_logits]),
        np.concatenate([scene.harmonics, other.harmonics]),
    )


def test_the_shares_of_all_gaussians_in_a_picture_are_what_it_covers() -> None:
    scene = random_scene(80, degree=0)
    black = replace(scene, harmonics=np.full_like(scene.harmonics, -9))  # Whose colours are clamped.
    alpha = raster.forward(scene, view(), (0, 0, 0)).alpha
    for first in (scene, black):
        assert np.isclose(weights(first, view()).sum(), alpha.sum(), rtol=1e-3)


def test_what_is_inside_behind_or_out_of_the_pictures_is_not_shown() -> None:
    hidden, beside = replace(ball(40), means=ball(40).means * 0.5), replace(ball(40), means=ball(40).means + 9)
    much = pixels_shown(both(both(ball(2000), hidden), beside), dataset())
    assert (much[:2000] > LEAST).mean() > 0.8
    assert (much[2000:] < LEAST).all()


def test_only_what_is_shown_is_kept_with_its_movement() -> None:
    scene = columnar(random_scene(30, slices=3))
    is_kept = np.arange(30) % 3 == 0
    actual = kept(scene, is_kept)
    assert actual.count == 10
    assert actual.slices is not None
    assert scene.slices is not None
    assert scene.slices.quaternions is not None
    assert actual.slices.quaternions is not None
    assert np.array_equal(actual.slices.means, scene.slices.means[:, ::3])
    assert np.array_equal(actual.slices.quaternions, scene.slices.quaternions[:, ::3])
    assert np.array_equal(actual.harmonics, scene.harmonics[::3])


def test_a_trained_scene_holds_nothing_that_its_pictures_do_not_show() -> None:
    settings = TrainSettings(iterations=30, coarse_iterations=60, gaussians=500, slices=3)
    actual = train(dataset(), settings, Memory(), lambda _: None)
    assert actual.scene.count == actual.canonical.count == actual.history[-1].gaussians - actual.unseen
    assert pixels_shown(actual.scene, dataset()).min() > 0.5 * LEAST
