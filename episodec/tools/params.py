"""What an order asks a system for, held to what is declared of it: anything else, or out of range, is refused."""

from collections.abc import Iterable, Mapping
from typing import Any

from episodec import overrides
from episodec.engine.backend import WorkOrder
from episodec.errors import BackendError
from episodec.overrides import MOST_BYTES, Override, Overrides, Whole


def overrides_of(order: WorkOrder, declared: Overrides, also: Iterable[str] = ()) -> dict[str, Any]:
    """A value for every override that is declared for the order's stage: what the order says, else the default.

    also: names that are parameters of the stage, too. They are taken where no override says otherwise.

    Raises:
        BackendError: an override is unknown, or a value is out of its range.
    """
    known = {name: kind for name, kind in declared.items() if not kind.stages or order.stage in kind.stages}
    said = overrides.check(order.backend, order.stage, known, order.params)
    for name in also:
        value = order.params.get(name)
        if name not in said and value is not None:
            said[name] = checked(name, value, known[name], f"the backend `{order.backend}`")
    return {name: overrides.taken(kind, said[name]) if name in said else kind.default for name, kind in known.items()}


def wholes(order: WorkOrder, limits: Mapping[str, tuple[int, int]], system: str) -> dict[str, int]:
    """Whole numbers among the stage's parameters, by name; the least and the most of each are in `limits`.

    Raises:
        BackendError: one is missing or out of its range.
    """
    kinds = {name: Whole(least, most, meaning="") for name, (least, most) in limits.items()}
    return {name: checked(name, order.params.get(name), kind, system) for name, kind in kinds.items()}


def checked(name: str, value: Any, kind: Override, system: str) -> Any:
    """The value, a number as its kind has them.

    Raises:
        BackendError: it is none, or out of its range.
    """
    if not kind.accepts(value):
        facts = {"parameter": name, "found": value, "wanted": kind.wanted()}
        raise BackendError(f"a parameter of {system} is out of its range", facts=facts)
    return overrides.taken(kind, value)


def spoken(order: WorkOrder, name: str, default: str | None, system: str) -> str:
    """A text parameter of the stage that a command line can carry.

    Raises:
        BackendError: it is no text, or there is none and no default.
    """
    value = order.params.get(name)
    if value is None:
        value = default
    if not isinstance(value, str) or "\0" in value or len(value.encode()) > MOST_BYTES:
        raise BackendError(f"{system} needs words", facts={"parameter": name, "found": type(value).__name__})
    return value
