"""A portrait as the first frame's camera sees it: the same place in the picture as in a film of the scene."""

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from episodec.errors import BackendError
from episodec.faces.framing import (
    default_box,
    framed,
    off_white,
    opaque,
    read_rows,
    resized,
    seen_box,
)
from episodec.film.pose import intrinsics
from episodec.film.rows import Rows, pack, unpack
from episodec.splat.relief import DISTANCE_M, FOV_Y_DEG, HEIGHT_M
from episodec.splat.white import on_white

Rgba = NDArray[np.uint8]


def rows(size: int = 40, fov_deg: float = FOV_Y_DEG, wide: int | None = None) -> Rows:
    side = (wide or size, size)
    return unpack(pack(side, np.eye(4)[None], intrinsics(np.array([fov_deg]), side), np.array([0.5])))


def dot(width: int, height: int, x: int, y: int, half: int = 6) -> Rgba:
    """A black square on nothing, around a place."""
    values = np.zeros((height, width, 4), np.uint8)
    values[y - half : y + half, x - half : x + half, 3] = 255
    return values


def middle_of_dark(rgb: Rgba) -> tuple[float, float]:
    weight = 255.0 - rgb[..., 0]
    y, x = np.mgrid[: rgb.shape[0], : rgb.shape[1]] + 0.5
    return float((x * weight).sum() / weight.sum()), float((y * weight).sum() / weight.sum())


@pytest.mark.parametrize(("width", "height"), [(200, 200), (150, 200), (300, 200)])
def test_the_usual_camera_sees_the_portrait_as_it_is(width: int, height: int) -> None:
    assert seen_box(rows(), (0, 0, DISTANCE_M), width, height) == pytest.approx(default_box(width, height))


@given(
    front=st.tuples(st.floats(-0.2, 0.2), st.floats(-0.2, 0.2), st.floats(1.5, 4.0)),
    fov=st.floats(25, 60),
    width=st.integers(150, 260),
    at=st.tuples(st.integers(-25, 25), st.integers(-25, 25)),
)
def test_a_place_on_the_portrait_comes_where_the_camera_projects_it(
    front: tuple[float, float, float], fov: float, width: int, at: tuple[int, int]
) -> None:
    lens, height, side = rows(fov_deg=fov), 200, 160
    x, y = width // 2 + at[0], height // 2 + at[1]
    actual = framed(dot(width, height, x, y), seen_box(lens, front, width, height), side)
    metres = HEIGHT_M / height
    focal = 0.5 * side / math.tan(math.radians(fov) / 2)
    u = side / 2 + focal * ((x - width / 2) * metres - front[0]) / front[2]
    v = side / 2 - focal * ((height / 2 - y) * metres - front[1]) / front[2]
    size = 6 * metres * focal / front[2]
    if size < min(u, v) and max(u, v) < side - size:
        assert middle_of_dark(actual) == pytest.approx((u, v), abs=0.35)


def test_what_lies_beside_a_narrow_portrait_is_white_and_nothing_is_stretched() -> None:
    values = framed(np.full((200, 100, 4), (10, 20, 30, 255), np.uint8), default_box(100, 200), 64)
    assert values.shape == (64, 64, 3)
    assert (values[:, :13] == 255).all()
    assert (values[:, 51:] == 255).all()
    assert (values[:, 20:44] == (10, 20, 30)).all()
    assert (values[:, 17:47] < 60).all()


def test_a_huge_portrait_from_far_away_takes_no_more_memory_than_needed() -> None:
    actual = framed(dot(1600, 1600, 800, 800, 160), seen_box(rows(), (0, 0, 20.0), 1600, 1600), 64)
    assert middle_of_dark(actual) == pytest.approx((32, 32), abs=0.1)


@pytest.mark.parametrize("front", [(0, 0, -2.6), (0, 0, 60.0), (9, 0, 2.6), (0, 9, 2.6)])
def test_a_camera_that_hardly_sees_the_portrait_is_refused(front: tuple[float, float, float]) -> None:
    with pytest.raises(BackendError, match="hardly sees the portrait"):
        seen_box(rows(), front, 200, 200)


def test_colours_under_alpha_look_on_white_as_they_were_painted() -> None:
    drawn = np.random.default_rng(3)
    alpha = drawn.integers(0, 256, (40, 40), np.uint8)
    light = np.clip(drawn.integers(0, 256, (40, 40, 3)), 255 - alpha[..., None], 255).astype(np.uint8)
    built = off_white(light, alpha)
    assert (built[..., 3] == alpha).all()
    assert np.abs(on_white(built).astype(int) - light).max() <= 1
    assert (off_white(light, np.zeros((40, 40), np.uint8))[..., :3] == 255).all()
    assert (off_white(light, np.full((40, 40), 255, np.uint8))[..., :3] == light).all()


def test_an_opaque_picture_stays_what_it_is() -> None:
    picture = np.random.default_rng(3).integers(0, 256, (12, 12, 3), np.uint8)
    assert (on_white(opaque(picture)) == picture).all()
    assert resized(picture, 12) is picture
    assert resized(picture, 30).shape == (30, 30, 3)


def test_cameras_are_read_or_what_is_wrong_is_said(tmp_path: Path) -> None:
    file = tmp_path / "cameras.rows"
    lens = intrinsics(np.full(2, 35.0), (40, 40))
    file.write_bytes(pack((40, 40), np.stack([np.eye(4)] * 2), lens, np.array([0.0, 1.0])))
    assert read_rows(file).order.tolist() == [0, 1]
    file.write_bytes(pack((50, 40), np.stack([np.eye(4)] * 2), lens, np.array([0.0, 1.0])))
    with pytest.raises(BackendError, match="must be square"):
        read_rows(file)
    file.write_bytes(b"rows")
    with pytest.raises(BackendError, match="cannot be read"):
        read_rows(file)
