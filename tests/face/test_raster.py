import numpy as np
import pytest

from episodec.face.raster import z_buffer

SQUARE = np.array([[1.0, 1.0], [9.0, 1.0], [1.0, 9.0], [9.0, 9.0]])
BOTH = np.array([[0, 1, 2], [1, 3, 2]], np.int32)


def test_a_square_covers_its_pixels_once_and_leaves_none() -> None:
    values = z_buffer(SQUARE, np.zeros(4), BOTH, 10, 10)
    assert (values.triangle >= 0).sum() == 64
    assert (values.triangle[1:9, 1:9] >= 0).all()
    assert np.allclose(values.weights.sum(axis=2), values.triangle >= 0)
    assert np.isneginf(values.nearness[0, 0])


def test_values_between_corners_are_linear() -> None:
    observed = z_buffer(SQUARE, SQUARE[:, 0], BOTH, 10, 10)
    middles = np.arange(1, 9) + 0.5
    assert np.allclose(observed.nearness[4, 1:9], middles)
    assert np.allclose(observed.of(SQUARE, BOTH)[1:9, 4, 1], middles)
    assert observed.of(SQUARE[:, 0], BOTH).shape == (10, 10)


@pytest.mark.parametrize("order", [[0, 1], [1, 0]])
def test_the_nearer_is_seen_whatever_its_place_and_side(order: list[int]) -> None:
    places = np.concatenate([SQUARE, SQUARE + 2])
    triangles = np.array([[0, 1, 2], [4, 6, 5]], np.int32)  # The second from behind.
    values = z_buffer(places, np.repeat([0.0, 1.0], 4), triangles[order], 12, 12)
    assert values.triangle[3, 4] == order.index(1)
    assert values.triangle[1, 2] == order.index(0)


def test_what_lies_outside_or_nowhere_draws_nothing() -> None:
    places = np.array([[-9.0, -9.0], [-1.0, -9.0], [-9.0, -1.0], [np.inf, 0.0], [5.0, 5.0], [5.0, 5.0]])
    triangles = np.array([[0, 1, 2], [3, 4, 0], [4, 5, 0]], np.int32)
    assert (z_buffer(places, np.zeros(6), triangles, 8, 8).triangle < 0).all()


def test_triangles_beyond_the_edges_are_cut_at_them() -> None:
    places = np.array([[-100.0, -100.0], [300.0, -100.0], [-100.0, 300.0]])
    assert (z_buffer(places, np.zeros(3), np.array([[0, 1, 2]], np.int32), 7, 9).triangle == 0).all()
