"""The background of a scene: gradients, pictures, and the falloff of light."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from episodec.drawings.background import HEAD, gradient, lit, of_picture, values
from episodec.errors import BackendError
from episodec.splat.rasterise import render
from tests.splat.scenes import random_scene, view

TOP, BOTTOM = values("#404858"), values("#101214")


def test_a_gradient_goes_from_the_first_row_to_the_last() -> None:
    actual = gradient([TOP, BOTTOM], (4, 9))
    assert actual.shape == (9, 4, 3)
    assert np.allclose(actual[0, 0], TOP)
    assert np.allclose(actual[-1, 3], BOTTOM)
    assert np.allclose(actual[4, 2], (np.array(TOP) + BOTTOM) / 2)


def test_several_colours_lie_evenly() -> None:
    actual = gradient([TOP, (1.0, 1.0, 1.0), BOTTOM], (2, 5))
    assert np.allclose(actual[2], 1.0)
    assert np.allclose(actual[1, 0], (np.array(TOP) + 1) / 2)


def test_light_falls_off_from_the_head_to_every_side() -> None:
    size = (200, 100)
    actual = lit(gradient([TOP], size), 0.6)[..., 0]
    row, column = np.unravel_index(int(actual.argmax()), actual.shape)
    assert abs(int(column) - HEAD[0] * size[0]) <= 1
    assert abs(int(row) - HEAD[1] * size[1]) <= 1
    assert (np.diff(actual[row, column:]) <= 0).all()
    assert (np.diff(actual[row:, column]) <= 0).all()
    assert np.sqrt(0.4) < actual.min() / actual.max() < 0.8
    assert (lit(gradient([TOP], size), 0.0) == gradient([TOP], size)).all()


def test_a_picture_fills_the_frame_with_its_middle(tmp_path: Path) -> None:
    pixels = np.zeros((40, 120, 3), np.uint8)
    pixels[:, 40:80] = 200
    Image.fromarray(pixels).save(tmp_path / "wide.png")
    actual = of_picture(tmp_path / "wide.png", (20, 20))
    assert actual.shape == (20, 20, 3)
    assert actual[10, 10, 0] == np.float32(200 / 255)
    assert (actual > 0.7).all()


def test_what_is_no_picture_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"no picture")
    with pytest.raises(BackendError, match="the background picture cannot be read"):
        of_picture(tmp_path / "a.png", (16, 16))


def test_a_background_is_dithered_where_it_shows() -> None:
    """Between two levels each has its share, so that no band ends in a line."""
    level = np.full((128, 128, 3), 40.25 / 255, np.float32)
    away = view(128, 128, distance=-9.0)
    picture = render(random_scene(50), away, background=level)
    assert set(np.unique(picture)) == {40, 41}
    assert abs(float(picture.mean()) - 40.25) < 0.02
    assert (render(random_scene(50), away, background=np.full((128, 128, 3), 32 / 255, np.float32)) == 32).all()


def test_a_picture_of_one_colour_is_that_colour() -> None:
    observed = view(64, 48)
    even = render(random_scene(300), observed, background=(32 / 255, 32 / 255, 40 / 255)).astype(int)
    drawn = render(random_scene(300), observed, background=gradient([(32 / 255, 32 / 255, 40 / 255)], (64, 48)))
    assert abs(even - drawn).max() <= 1
