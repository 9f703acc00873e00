"""The parameters of an order: whole numbers in their ranges, and overrides as they are declared."""

from pathlib import Path
from typing import Any

import pytest

from episodec.engine.backend import WorkOrder
from episodec.errors import BackendError
from episodec.overrides import Flag, Number, Overrides, Whole
from episodec.tools.params import overrides_of, wholes
from tests.toys.orders import task

LIMITS = {"steps": (1, 1_000_000), "seed": (0, 2**63 - 1)}


def order(root: Path, **params: Any) -> WorkOrder:
    return task(root, "toy", stage="train", params=params).order


def test_whole_numbers_come_by_name(tmp_path: Path) -> None:
    actual = wholes(order(tmp_path, steps=1, seed=2**63 - 1, colour="red"), LIMITS, "Toy")
    assert actual == {"steps": 1, "seed": 2**63 - 1}


@pytest.mark.parametrize(
    ("params", "parameter", "expected"),
    [
        ({"steps": 0, "seed": 0}, "steps", "a whole number from 1 to 1000000"),
        ({"steps": 1.0, "seed": 0}, "steps", "a whole number from 1 to 1000000"),
        ({"steps": True, "seed": 0}, "steps", "a whole number from 1 to 1000000"),
        ({"steps": 1}, "seed", "a whole number from 0 to 9223372036854775807"),
        ({"steps": 1, "seed": 2**63}, "seed", "a whole number from 0 to 9223372036854775807"),
    ],
)
def test_another_number_or_none_is_told_with_its_range(
    tmp_path: Path, params: dict[str, Any], parameter: str, expected: str
) -> None:
    with pytest.raises(BackendError, match="a parameter of Toy is out of its range") as caught:
        wholes(order(tmp_path, **params), LIMITS, "Toy")
    assert (caught.value.facts["parameter"], caught.value.facts["wanted"]) == (parameter, expected)


DECLARED: Overrides = {
    "steps": Whole(1, 100, default=20, meaning="Steps."),
    "scale": Number(0, 50, default=7.0, meaning="Scale."),
    "wild": Flag(default=False, stages=("scene",), meaning="Wildness."),
}


def test_what_is_not_said_is_the_declared_default(tmp_path: Path) -> None:
    assert overrides_of(order(tmp_path), DECLARED) == {"steps": 20, "scale": 7.0}
    assert overrides_of(order(tmp_path, overrides={}), DECLARED) == {"steps": 20, "scale": 7.0}
    actual = overrides_of(order(tmp_path, overrides={"scale": 3}), DECLARED)
    assert actual == {"steps": 20, "scale": 3.0}
    assert type(actual["scale"]) is float


def test_a_parameter_of_the_stage_stands_between_the_override_and_the_default(tmp_path: Path) -> None:
    assert overrides_of(order(tmp_path, steps=5), DECLARED)["steps"] == 20
    assert overrides_of(order(tmp_path, steps=5), DECLARED, ("steps",))["steps"] == 5
    assert overrides_of(order(tmp_path, steps=None), DECLARED, ("steps",))["steps"] == 20
    assert overrides_of(order(tmp_path, steps=5, overrides={"steps": 6}), DECLARED, ("steps",))["steps"] == 6
    with pytest.raises(BackendError, match="a parameter of the backend `toy` is out of its range"):
        overrides_of(order(tmp_path, steps=0), DECLARED, ("steps",))


def test_an_override_that_nobody_declared_is_told_with_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(BackendError, match="the backend `toy` has no such parameter") as caught:
        overrides_of(order(tmp_path, overrides={"wild": True}), DECLARED)
    assert caught.value.facts == {"stage": "train", "unknown": "wild"}
    assert caught.value.hint == "it takes steps, scale"


def test_an_override_of_a_backend_that_takes_none_is_told_with_where_it_stands(tmp_path: Path) -> None:
    assert overrides_of(order(tmp_path, overrides={}), {}) == {}
    with pytest.raises(BackendError, match="the backend `toy` has nothing to override") as caught:
        overrides_of(order(tmp_path, overrides={"speed": 3}), {})
    assert caught.value.hint == "remove `overrides.train`"


def test_overrides_are_a_mapping(tmp_path: Path) -> None:
    with pytest.raises(BackendError, match="overrides must be a mapping of names"):
        overrides_of(order(tmp_path, overrides="steps"), DECLARED)
