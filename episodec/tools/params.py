"""Reads the parameters of an order and checks them against their declarations; unknown or out-of-range ones fail."""

from collections.abc import Iterable, Mapping
from typing import Any

from episodec import overrides
from episodec.engine.backend import WorkOrder
from episodec.errors import BackendError
from episodec.overrides import MOST_BYTES, Override, Overrides, Whole


def overrides_of(order: WorkOrder, declared: Overrides, also: Iterable[str] = ()) -> dict[str, Any]:
    """A value for every override declared for the order's stage: the order's, or else the default.

    also: names that are stage parameters, too; these are used where no override is given.

    Raises:
        BackendError: an override is unknown, or a value is out of its range.
    """
    known = {name: kind for name, kind in declared.items() if not kind.stages or order.stage in kind.stages}
    given = overrides.check(order.backend, order.stage, known, order.params)
    for name in also:
        value = order.params.get(name)
        if name not in given and value is not None:
            given[name] = checked(name, value, known[name], f"the backend `{order.backend}`")
    return {name: overrides.taken(kind, given[name]) if name in given else kind.default for name, kind in known.items()}


def wholes(order: WorkOrder, limits: Mapping[str, tuple[int, int]], system: str) -> dict[str, int]:
    """Integer parameters of the stage by name; `limits` holds the minimum and maximum of each.

    Raises:
        BackendError: a parameter is missing or out of its range.
    """
    kinds = {name: Whole(least, most, meaning="") for name, (least, most) in limits.items()}
    return {name: checked(name, order.params.get(name), kind, system) for name, kind in kinds.items()}


def checked(name: str, value: Any, kind: Override, system: str) -> Any:
    """The value, with numbers converted as its kind requires.

    Raises:
        BackendError: it is missing or out of its range.
    """
    if not kind.accepts(value):
        facts = {"parameter": name, "found": value, "wanted": kind.expected()}
        raise BackendError(f"a parameter of {system} is out of its range", facts=facts)
    return overrides.taken(kind, value)


def spoken(order: WorkOrder, name: str, default: str | None, system: str) -> str:
    """A text parameter of the stage that fits on a command line.

    Raises:
        BackendError: it is not a text, or is missing without a default.
    """
    value = order.params.get(name)
    if value is None:
        value = default
    if not isinstance(value, str) or "\0" in value or len(value.encode()) > MOST_BYTES:
        raise BackendError(f"{system} needs a text", facts={"parameter": name, "found": type(value).__name__})
    return value
