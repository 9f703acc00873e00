"""What an order asks for: whole numbers in their ranges, and overrides where there are none."""

from pathlib import Path
from typing import Any

import pytest

from episodec.engine.protocols import WorkOrder
from episodec.errors import BackendError
from episodec.tools.params import no_overrides, overridden, wholes
from tests.toys.orders import task

LIMITS = {"steps": (1, 1_000_000), "seed": (0, 2**63 - 1)}


def order(root: Path, **params: Any) -> WorkOrder:
    return task(root, "toy", stage="train", params=params).order


def test_whole_numbers_come_by_name(tmp_path: Path) -> None:
    found = wholes(order(tmp_path, steps=1, seed=2**63 - 1, colour="red"), LIMITS, "Toy")
    assert found == {"steps": 1, "seed": 2**63 - 1}


@pytest.mark.parametrize(
    ("params", "parameter", "wanted"),
    [
        ({"steps": 0, "seed": 0}, "steps", "a whole number from 1 to 1000000"),
        ({"steps": 1.0, "seed": 0}, "steps", "a whole number from 1 to 1000000"),
        ({"steps": True, "seed": 0}, "steps", "a whole number from 1 to 1000000"),
        ({"steps": 1}, "seed", "a whole number from 0 to 9223372036854775807"),
        ({"steps": 1, "seed": 2**63}, "seed", "a whole number from 0 to 9223372036854775807"),
    ],
)
def test_another_number_or_none_is_told_with_its_range(
    tmp_path: Path, params: dict[str, Any], parameter: str, wanted: str
) -> None:
    with pytest.raises(BackendError, match="a parameter of Toy is out of its range") as caught:
        wholes(order(tmp_path, **params), LIMITS, "Toy")
    assert (caught.value.facts["parameter"], caught.value.facts["wanted"]) == (parameter, wanted)


def test_overrides_that_a_backend_does_not_take_are_told_with_where_they_stand(tmp_path: Path) -> None:
    no_overrides(order(tmp_path, overrides={}))
    no_overrides(order(tmp_path))
    with pytest.raises(BackendError, match="the backend `toy` has nothing to override") as caught:
        no_overrides(order(tmp_path, overrides={"speed": 3}))
    assert "speed" in caught.value.facts["found"]
    assert caught.value.hint == "remove `overrides.train`"


@pytest.mark.parametrize("overrides", [{"speed": 3}, "speed"])
def test_an_unknown_override_is_told_with_those_there_are(tmp_path: Path, overrides: Any) -> None:
    assert overridden(order(tmp_path, overrides={"steps": 3}), "Toy", LIMITS) == {"steps": 3}
    with pytest.raises(BackendError, match="Toy has no such parameter") as caught:
        overridden(order(tmp_path, overrides=overrides), "Toy", LIMITS)
    assert caught.value.facts == {"unknown": "speed"}
    assert caught.value.hint == "it takes steps, seed"
