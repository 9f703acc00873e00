import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.interpolate import PchipInterpolator

from episodec.film.curve import Curve, through

VALUES = st.floats(-5, 5).map(lambda value: round(value, 3))


@st.composite
def curves(draw: st.DrawFn) -> Curve:
    knots = sorted(draw(st.sets(st.integers(0, 60), min_size=1, max_size=7)))
    values = [[draw(VALUES), draw(VALUES)] for _ in knots]
    rests = {"rests_first": draw(st.booleans()), "rests_last": draw(st.booleans())}
    return through(np.array(knots, float), np.array(values), **rests)


@given(curves())
def test_every_key_is_passed_exactly(curve: Curve) -> None:
    assert (curve.at(curve.knots) == curve.values).all()


@given(curves())
def test_the_speed_is_continuous_at_every_key(curve: Curve) -> None:
    step = 1e-5
    inner = curve.knots[1:-1]
    here = curve.at(inner)
    before, after = (here - curve.at(inner - step)) / step, (curve.at(inner + step) - here) / step
    assert np.abs(after - before).max(initial=0) < 1e-2
    assert np.abs(before - curve.slopes[1:-1]).max(initial=0) < 1e-2


@given(curves(), st.lists(st.floats(-10, 70), min_size=1, max_size=50))
def test_it_never_leaves_the_range_of_two_neighbouring_keys_and_rests_outside_them(
    curve: Curve, frames: list[float]
) -> None:
    for frame, actual in zip(frames, curve.at(np.array(frames)), strict=True):
        after = int(np.searchsorted(curve.knots, frame, side="right"))
        around = curve.values[max(after - 1, 0) : after + 1]
        assert (around.min(axis=0) <= actual).all()
        assert (actual <= around.max(axis=0)).all()


@given(st.integers(3, 9), st.data())
def test_it_is_scipys_pchip_where_no_end_rests(count: int, data: st.DataObject) -> None:
    knots = np.cumsum(data.draw(st.lists(st.integers(1, 9), min_size=count, max_size=count))).astype(float)
    values = np.array(data.draw(st.lists(VALUES, min_size=count, max_size=count)))
    at = np.linspace(knots[0], knots[-1], 101)
    actual = through(knots, values[:, None], rests_first=False, rests_last=False).at(at)[:, 0]
    assert actual == pytest.approx(PchipInterpolator(knots, values)(at), abs=1e-9)
