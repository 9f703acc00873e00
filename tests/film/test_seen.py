"""Where a point of the world is seen."""

import numpy as np

from episodec.film.pose import look_at
from episodec.film.rows import unpack
from episodec.film.seen import seen_at
from episodec.film.still_rows import still_rows


def test_a_point_is_seen_where_the_camera_projects_it() -> None:
    position = np.array([[0.0, 0.0, 2.0], [0.0, 0.0, -2.0], [0.0, 0.5, 2.0]])
    target = np.array([[0.0, 0.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.5, 0.0]])
    rows = unpack(still_rows((200, 100), look_at(position, target), 90.0, [0.0, 0.5, 1.0]))
    expected = np.array([[100.0, 50.0], [100.0, 50.0], [100.0, 62.5]])
    np.testing.assert_allclose(seen_at(rows, (0.0, 0.0, 0.0)), expected, atol=1e-6)
    right_and_up = seen_at(rows, (0.4, 0.2, 0.0))
    np.testing.assert_allclose(right_and_up[:2], [[110, 45], [90, 45]], atol=1e-6)
    assert np.isnan(seen_at(rows, (0.0, 0.0, 3.0))[0]).all()
