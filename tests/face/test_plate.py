import numpy as np
import pytest
from scipy.interpolate import RBFInterpolator

from episodec.face.plate import plate, solved

SEED = np.random.default_rng(3)
SOURCES = SEED.uniform(-1, 1, (60, 2))
TARGETS = 300 + 100 * SOURCES + SEED.normal(size=(60, 2))
POINTS = SEED.uniform(-2, 2, (200, 2))


@pytest.mark.parametrize("smoothing", [0.0, 1e-3, 0.5])
def test_it_is_the_thin_plate_of_other_libraries(smoothing: float) -> None:
    expected = RBFInterpolator(SOURCES, TARGETS, kernel="thin_plate_spline", smoothing=smoothing, degree=1)
    values = plate(SOURCES, TARGETS, np.full(60, smoothing))
    assert np.abs(values.at(POINTS) - expected(POINTS)).max() < 1e-7


def test_it_goes_through_points_without_smoothing_and_keeps_straight_maps() -> None:
    assert np.abs(plate(SOURCES, TARGETS, np.zeros(60)).at(SOURCES) - TARGETS).max() < 1e-9
    straight = 5 + SOURCES * (2, -3)
    assert np.abs(plate(SOURCES, straight, np.full(60, 0.1)).at(POINTS) - (5 + POINTS * (2, -3))).max() < 1e-9


def test_points_that_allow_no_map_are_refused() -> None:
    line = np.stack([np.arange(5.0), np.arange(5.0)], axis=1)
    with pytest.raises(ValueError, match="no thin-plate spline"):
        plate(line, line, np.zeros(5))
    with pytest.raises(ValueError, match="no unique solution"):
        solved(np.zeros((2, 2)), np.zeros((2, 1)))
