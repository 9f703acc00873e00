"""Cut-outs against what they stand for: two pictures, over black and over white."""

import numpy as np
import pytest
from numpy.typing import NDArray

from episodec.splat.cutout import FAINTEST, cut_out
from episodec.splat.rasterise import render_covered, render_floats
from tests.splat.scenes import random_scene, view

BLACK, WHITE = (0.0, 0.0, 0.0), (1.0, 1.0, 1.0)


def out_of_two() -> NDArray[np.float64]:
    """(h, w, 4), 0 to 1, straight alpha: how much less of a white ground than of a black one comes through."""
    dark, light = (
        render_floats(random_scene(300), view(distance=5.0), background=ground).astype(float)
        for ground in (BLACK, WHITE)
    )
    alpha = np.clip(1 - (light - dark).mean(axis=2, keepdims=True), 0, 1)
    colour = np.where(alpha > FAINTEST, dark / np.maximum(alpha, FAINTEST), 1)
    return np.concatenate([np.clip(colour, 0, 1), alpha], axis=2)


def test_a_cut_out_is_what_two_grounds_tell_of_a_scene() -> None:
    actual, expected = cut_out(random_scene(300), view(distance=5.0)), out_of_two() * 255
    assert np.abs(actual[..., 3] - expected[..., 3]).max() <= 0.51
    observed = expected[..., 3] > 8
    assert np.abs(actual[observed] - expected[observed]).max() <= 0.51
    assert 0.1 < observed.mean() < 0.9


@pytest.mark.parametrize("background", [BLACK, WHITE])
def test_a_covered_picture_is_the_same_picture(background: tuple[float, float, float]) -> None:
    scene, observed = random_scene(300), view(distance=5.0)
    picture, alpha = render_covered(scene, observed, background=background)
    assert (picture == render_floats(scene, observed, background=background)).all()
    assert alpha.shape == picture.shape[:2]
    assert alpha.min() >= 0
    assert alpha.max() <= 1


def test_coverage_is_the_same_at_any_number_of_threads() -> None:
    first, three = (render_covered(random_scene(300), view(distance=5.0), threads=threads)[1] for threads in (1, 3))
    assert first.tobytes() == three.tobytes()
