"""What an order asks a system for, by a table of what it knows: anything else, or out of range, is refused."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from episodec.engine.protocols import WorkOrder
from episodec.errors import BackendError


@dataclass(frozen=True, slots=True)
class Number:
    """A parameter: what it is when nobody says, and from where to where it may be, both ends included."""

    default: float | None  # None: what the system itself takes.
    least: float
    most: float
    is_whole: bool = False
    step: int = 1  # Of whole ones: `least` and every so many after it.


@dataclass(frozen=True, slots=True)
class Choice:
    """A parameter that is one of some words."""

    default: str
    among: tuple[str, ...]


Known = Mapping[str, "Number | Choice"]


def asked(order: WorkOrder, system: str, known: Known, stage: Iterable[str] = ()) -> dict[str, Any]:
    """A value for every known name: by the order's `overrides`, else by its stage's parameter, else the default.

    stage: which of the names are parameters of the stage, too.

    Raises:
        BackendError: an override is unknown, or a value is out of its range.
    """
    overrides = overridden(order, system, known)
    said = {name: order.params[name] for name in stage if order.params.get(name) is not None} | overrides
    return {
        name: checked(name, said[name], kind, system) if name in said else kind.default for name, kind in known.items()
    }


def overridden(order: WorkOrder, system: str, known: Iterable[str]) -> dict[str, Any]:
    """The order's `overrides`, whose values are still to be checked.

    Raises:
        BackendError: one of them is unknown, or they are no mapping.
    """
    names, found = list(known), order.params.get("overrides") or {}
    if not isinstance(found, Mapping) or (unknown := set(found) - set(names)):
        facts = {"unknown": ", ".join(sorted(unknown)) if isinstance(found, Mapping) else found}
        raise BackendError(f"{system} has no such parameter", facts=facts, hint=f"it takes {', '.join(names)}")
    return dict(found)


def wholes(order: WorkOrder, limits: Mapping[str, tuple[int, int]], system: str) -> dict[str, int]:
    """Whole numbers among the stage's parameters, by name; the least and the most of each are in `limits`.

    Raises:
        BackendError: one is missing or out of its range.
    """
    kinds = {name: Number(None, least, most, is_whole=True) for name, (least, most) in limits.items()}
    return {name: checked(name, order.params.get(name), kind, system) for name, kind in kinds.items()}


def no_overrides(order: WorkOrder, hint: str | None = None) -> None:
    """Nothing, where the order overrides nothing: for backends, and stages of backends, that take no overrides.

    Raises:
        BackendError: it does.
    """
    if found := order.params.get("overrides"):
        facts = {"stage": order.stage, "found": found}
        hint = hint or f"remove `overrides.{order.stage}`"
        raise BackendError(f"the backend `{order.backend}` has nothing to override", facts=facts, hint=hint)


def checked(name: str, value: Any, kind: Number | Choice, system: str) -> Any:
    """The value, a number as its kind has them.

    Raises:
        BackendError: it is none, or out of its range.
    """
    if isinstance(kind, Choice):
        if value in kind.among:
            return value
        wanted = ", ".join(kind.among)
    else:
        is_number = isinstance(value, int if kind.is_whole else int | float) and not isinstance(value, bool)
        if (
            is_number
            and kind.least <= value <= kind.most
            and (not kind.is_whole or not (value - kind.least) % kind.step)
        ):
            return value if kind.is_whole else float(value)
        steps = f" in steps of {kind.step}" if kind.step > 1 else ""
        least, most = (f"{bound}" if kind.is_whole else f"{bound:g}" for bound in (kind.least, kind.most))
        wanted = f"a {'whole ' if kind.is_whole else ''}number from {least} to {most}{steps}"
    facts = {"parameter": name, "found": value, "wanted": wanted}
    raise BackendError(f"a parameter of {system} is out of its range", facts=facts)


def spoken(order: WorkOrder, name: str, default: str | None, system: str) -> str:
    """A text parameter of the stage that a command line can carry.

    Raises:
        BackendError: it is no text, or there is none and no default.
    """
    value = order.params.get(name)
    if value is None:
        value = default
    if not isinstance(value, str) or "\0" in value or len(value.encode()) > _MOST_BYTES:
        raise BackendError(f"{system} needs words", facts={"parameter": name, "found": type(value).__name__})
    return value


_MOST_BYTES = 65_536  # Of one argument, half of what Linux takes.
