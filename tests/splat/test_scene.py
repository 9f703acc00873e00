from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from episodec.errors import BackendError
from episodec.splat.scene import Scene, Slices, at, checked, columnar, leads_on, place_of, without_infinite_opacity
from tests.splat.scenes import random_scene, same


@pytest.mark.parametrize("name", ["means", "quaternions", "log_scales", "opacity_logits", "harmonics"])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_number_that_is_not_finite_is_refused_by_its_place(name: str, value: float) -> None:
    scene = random_scene(9)
    array = getattr(scene, name).copy()
    array[(4,) + (1,) * (array.ndim - 1)] = value
    changed: dict[str, Any] = {name: array}
    with pytest.raises(BackendError, match="not finite") as caught:
        checked(replace(scene, **changed))
    assert caught.value.facts["array"] == name
    assert caught.value.facts["at"].startswith("(4,")


def test_big_numbers_whose_sum_overflows_are_finite() -> None:
    scene = replace(random_scene(9), means=np.full((9, 3), 3e38, np.float32))
    assert checked(scene) is scene


@pytest.mark.parametrize(
    ("name", "array"),
    [
        ("means", np.zeros((9, 2), np.float32)),
        ("means", np.zeros((0, 3), np.float32)),
        ("means", np.zeros((9, 3), np.float64)),
        ("quaternions", np.zeros((8, 4), np.float32)),
        ("opacity_logits", np.zeros((9, 1), np.float32)),
        ("harmonics", np.zeros((9, 2, 3), np.float32)),
        ("harmonics", np.zeros((9, 3), np.float32)),
        ("slices", Slices(np.zeros((1, 9, 3), np.float32))),
        ("slices", Slices(np.zeros((2, 8, 3), np.float32))),
        ("slices", Slices(np.zeros((2, 9, 3), np.float32), np.full((2, 9, 4), np.nan, np.float32))),
    ],
)
def test_an_array_of_another_shape_type_or_content_is_refused(name: str, array: Any) -> None:
    with pytest.raises(BackendError):
        checked(replace(random_scene(9), **{name: array}))


def test_infinite_opacity_is_clamped_with_a_note_and_nothing_else_is() -> None:
    logits = np.array([1, np.inf, -np.inf, np.nan], np.float32)
    clamped, ((code, note),) = without_infinite_opacity(logits)
    assert clamped[1] == 16
    assert np.isneginf(clamped[2])
    assert np.isnan(clamped[3])
    assert code == "opacity-clamped"
    assert note.startswith("1 infinite")
    assert without_infinite_opacity(logits[:1])[1] == ()


def test_a_slice_is_given_as_it_is_at_its_time_and_mixed_between() -> None:
    scene = random_scene(5, slices=24)
    assert scene.slices is not None
    assert scene.slices.quaternions is not None
    for k in range(24):
        assert np.array_equal(at(scene, k / 23).means, scene.slices.means[k])
    middle = at(scene, 2.5 / 23)
    assert np.allclose(middle.means, (scene.slices.means[2] + scene.slices.means[3]) / 2, atol=1e-6)
    assert np.array_equal(middle.log_scales, scene.log_scales)
    assert middle.slices is None


def test_opposite_quaternions_of_one_rotation_are_mixed_as_one() -> None:
    scene = random_scene(5)
    turned = Slices(np.stack([scene.means] * 2), np.stack([scene.quaternions, -scene.quaternions]))
    assert np.allclose(at(replace(scene, slices=turned), 0.5).quaternions, scene.quaternions)


def closing(slices: int) -> Scene:
    """One Gaussian that circles, one slice after another."""
    scene = random_scene(1)
    angles = 2 * np.pi * np.arange(slices) / slices
    circle = np.stack([np.cos(angles), np.sin(angles), 0 * angles], axis=1).astype(np.float32)
    return replace(scene, slices=Slices(circle[:, None], closes=True))


@pytest.mark.parametrize("period", [2, 5, 24, 32, 100, 120])
@pytest.mark.parametrize("slices", [8, 24])
def test_a_loop_of_any_period_closes(slices: int, period: int) -> None:
    """No step of the phase is larger than 1.2 times the median, the seam's among them."""
    of = closing(slices).slices
    assert of is not None
    places = [place_of(of, (frame % period) / (period - 1), period) for frame in range(2 * period + 1)]
    steps = np.diff(places) % slices
    assert steps.max() <= 1.2 * np.median(steps)
    assert np.allclose(steps, slices / period)


def test_a_loop_as_long_as_the_slices_shows_slice_after_slice() -> None:
    scene = closing(24)
    assert scene.slices is not None
    for frame in range(48):
        assert np.array_equal(at(scene, (frame % 24) / 23, 24).means, scene.slices.means[frame % 24])


def test_between_the_last_slice_and_the_first_they_are_mixed() -> None:
    scene = closing(24)
    assert scene.slices is not None
    actual = at(scene, 47 / 47, 48).means
    assert np.allclose(actual, (scene.slices.means[23] + scene.slices.means[0]) / 2, atol=1e-6)


def test_slices_that_do_not_close_are_walked_from_the_first_to_the_last() -> None:
    scene = random_scene(5, slices=24)
    assert np.array_equal(at(scene, 0.37, 120).means, at(scene, 0.37).means)


def test_slices_lead_on_where_the_seam_is_no_longer_than_a_step() -> None:
    circle = closing(24).slices
    assert circle is not None
    assert leads_on(circle.means)
    assert not leads_on(circle.means[:20])
    assert not leads_on(circle.means[:2])


@pytest.mark.parametrize("time", [-0.01, 1.01, np.nan])
def test_a_time_outside_of_the_scene_is_refused(time: float) -> None:
    with pytest.raises(BackendError, match="0 to 1"):
        at(random_scene(3, slices=2), time)


def test_columns_hold_the_same_numbers() -> None:
    scene = random_scene(7, slices=3)
    laid = columnar(scene)
    assert same(scene, laid)
    assert laid.means.T.flags.c_contiguous
    assert laid.harmonics.transpose(1, 2, 0).flags.c_contiguous
    assert columnar(laid).harmonics.base is not None
