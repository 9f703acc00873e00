"""Declared overrides: what each kind accepts, and how it is said."""

import math

import pytest

from episodec.errors import BackendError
from episodec.overrides import (
    MOST_BYTES,
    Choice,
    Flag,
    Misfit,
    Number,
    Override,
    Overrides,
    Text,
    Whole,
    check,
    misfits,
    taken,
)

SIDE = Whole(256, 1024, step=16, unit="pixels", meaning="A side.")
SHARE = Number(0, 1, meaning="A share.")
CRF = Number(0, 51, above=True, meaning="A factor.")


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        (SIDE, [256, 272, 1024], [255, 257, 1040, 256.0, "256", True, None]),
        (SHARE, [0, 0.5, 1, 1.0], [-0.1, 1.1, math.nan, math.inf, "0", False, None]),
        (CRF, [0.1, 51], [0, 0.0, 51.5]),
        (Text(meaning="Words."), ["", "rain"], [1, None, True, "a\0b", "я" * MOST_BYTES]),
        (Text(or_none=True, meaning="Words."), ["", None], [0]),
        (Choice(("start", "middle"), meaning="A place."), ["start"], ["end", None, True]),
        (Flag(default=True, meaning="A switch."), [True, False], [0, 1, "yes", None]),
    ],
)
def test_a_kind_accepts_its_values_and_no_others(kind: Override, good: list[object], bad: list[object]) -> None:
    assert [value for value in good if not kind.accepts(value)] == []
    assert [value for value in bad if kind.accepts(value)] == []


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        (SIDE, "a whole number from 256 to 1024 pixels, in steps of 16"),
        (Whole(0, 9, meaning="A number."), "a whole number from 0 to 9"),
        (Number(0.1, 1, meaning="A number."), "a number from 0.1 to 1"),
        (CRF, "a number above 0, at most 51"),
        (Number(1, 9, unit="s", meaning="A time."), "a number from 1 to 9 s"),
        (Text(meaning="Words."), "text"),
        (Text(or_none=True, meaning="Words."), "text or null"),
        (Choice(("a", "b", "c"), meaning="A place."), "a, b or c"),
        (Choice(("a",), meaning="A place."), "a"),
        (Flag(default=True, meaning="A switch."), "true or false"),
    ],
)
def test_what_is_wanted_is_said_with_its_unit(kind: Override, given: str) -> None:
    assert kind.expected() == given


def test_a_number_may_be_bounded_by_a_parameter_of_its_stage() -> None:
    declared: Overrides = {"frame": Whole(0, 1000, below="frames", otherwise="any", meaning="A frame.")}
    assert list(misfits(declared, {"frame": 29}, {"frames": 30})) == []
    (actual,) = misfits(declared, {"frame": 30}, {"frames": 30})
    assert actual.kind is not None
    assert actual.kind.expected() == "a whole number from 0 to 29"
    assert declared["frame"].expected() == "a whole number from 0, less than `frames`"
    assert list(misfits(declared, {"frame": 30}, {})) == [], "who does not know the parameter holds to the rest"


def test_every_misfit_is_told_in_the_order_of_the_spec() -> None:
    declared: Overrides = {"side": SIDE, "share": SHARE}
    output = {"share": 2, "sides": 256, "side": 256}
    assert list(misfits(declared, output, {})) == [Misfit("share", 2, SHARE), Misfit("sides", 256, None)]


def test_whole_numbers_stay_and_other_numbers_are_floats() -> None:
    assert [type(taken(kind, 1)) for kind in (Whole(0, 1, meaning="A number."), SHARE)] == [int, float]


def test_the_first_misfit_is_an_error_with_its_facts() -> None:
    assert check("toy", "render", {"share": SHARE}, {"overrides": {"share": 1}}) == {"share": 1}
    assert check("toy", "render", {"share": SHARE}, {}) == {}
    with pytest.raises(BackendError) as caught:
        check("toy", "render", {"share": SHARE}, {"overrides": {"share": 2}})
    assert caught.value.facts == {
        "stage": "render",
        "parameter": "share",
        "found": "2",
        "wanted": "a number from 0 to 1",
    }
