"""The parts of a backend that an episode may override, declared as data: name, values, default, unit and meaning.

A declaration has three readers. `project` checks the `overrides` of a spec against it before anything runs; the backend
takes its values from it; docs/overrides.md is generated from it. A default is the value that the backend uses when the
spec gives none. It is never filled into params: an override that is not given leaves no trace in a key.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from episodec.errors import BackendError

MOST_BYTES = 65_536  # Of a text: half of what Linux accepts as one argument of a program.


@dataclass(frozen=True, slots=True, kw_only=True)
class _Override:
    """The fields that all kinds share."""

    meaning: str  # One line. It is not code: changing it changes no key.
    otherwise: str = ""  # The value when the spec gives none, in words, where no single `default` fits.
    stages: tuple[str, ...] = ()  # Those of the backend's stages that take it; empty: all.


@dataclass(frozen=True, slots=True)
class Whole(_Override):
    """A whole number from `least` to `most`, both included, in steps of `step` from `least` on."""

    least: int
    most: int
    default: int | None = None  # None: see `otherwise`.
    unit: str = ""
    step: int = 1
    below: str = ""  # A parameter of the stage that the number must stay below: `frames`.

    def accepts(self, value: object) -> bool:
        """Whether a value of a spec is such a number."""
        if not isinstance(value, int) or isinstance(value, bool):
            return False
        return self.least <= value <= self.most and not (value - self.least) % self.step

    def expected(self) -> str:
        """The accepted values in words: `a whole number from 64 to 320 kbit/s`."""
        if self.below:
            return f"a whole number from {self.least}, less than `{self.below}`"
        steps = f", in steps of {self.step}" if self.step > 1 else ""
        return f"a whole number from {self.least} to {self.most}{_after(self.unit)}{steps}"


@dataclass(frozen=True, slots=True)
class Number(_Override):
    """A number from `least` to `most`, both included; with `above`, `least` is excluded."""

    least: float
    most: float
    default: float | None = None  # None: see `otherwise`.
    unit: str = ""
    above: bool = False

    def accepts(self, value: object) -> bool:
        """Whether a value of a spec is such a number."""
        if not isinstance(value, int | float) or isinstance(value, bool):
            return False
        return self.least <= value <= self.most and not (self.above and value == self.least)

    def expected(self) -> str:
        """The accepted values in words: `a number from 0.1 to 1`."""
        limits = f"above {self.least:g}, at most" if self.above else f"from {self.least:g} to"
        return f"a number {limits} {self.most:g}{_after(self.unit)}"


@dataclass(frozen=True, slots=True)
class Text(_Override):
    """Any text; with `or_none`, null as well."""

    default: str | None = None  # None: see `otherwise`.
    or_none: bool = False

    def accepts(self, value: object) -> bool:
        """Whether a value of a spec is such a text."""
        if value is None:
            return self.or_none
        return isinstance(value, str) and "\0" not in value and len(value.encode()) <= MOST_BYTES

    def expected(self) -> str:
        """The accepted values in words: `text`."""
        return "text or null" if self.or_none else "text"


@dataclass(frozen=True, slots=True)
class Choice(_Override):
    """One of several words."""

    among: tuple[str, ...]
    default: str | None = None  # None: see `otherwise`.

    def accepts(self, value: object) -> bool:
        """Whether a value of a spec is one of these words."""
        return isinstance(value, str) and value in self.among

    def expected(self) -> str:
        """The accepted values in words: `start or middle`."""
        *most, last = self.among
        return f"{', '.join(most)} or {last}" if most else last


@dataclass(frozen=True, slots=True)
class Flag(_Override):
    """True or false."""

    default: bool

    def accepts(self, value: object) -> bool:
        """Whether a value of a spec is true or false."""
        return isinstance(value, bool)

    def expected(self) -> str:
        """The accepted values in words: `true or false`."""
        return "true or false"


Override = Whole | Number | Text | Choice | Flag

Overrides = Mapping[str, Override]
"""The overrides that a backend accepts, by name: the attribute `overrides` of its class."""


@dataclass(frozen=True, slots=True)
class Misfit:
    """An override that a backend does not take."""

    name: str
    value: object
    kind: Override | None  # None: no override has this name.


def of_stage(backend: object, stage: str) -> dict[str, Override]:
    """The overrides that a backend declares for one of its stages; empty if it declares none."""
    declared: Overrides = getattr(backend, "overrides", {})
    return {name: kind for name, kind in declared.items() if not kind.stages or stage in kind.stages}


def misfits(declared: Overrides, given: Mapping[str, object], params: Mapping[str, object]) -> Iterator[Misfit]:
    """The given overrides that are not declared or not of their kind; `params` are those of the stage."""
    for name, value in given.items():
        kind = declared.get(name)
        kind = None if kind is None else _within(kind, params)
        if kind is None or not kind.accepts(value):
            yield Misfit(name, value, kind)


def check(backend: str, stage: str, declared: Overrides, params: Mapping[str, object]) -> dict[str, Any]:
    """The overrides in a stage's params, all of them declared and of their kinds.

    Raises:
        BackendError: one is not, or they are not a mapping.
    """
    given = params.get("overrides") or {}
    if not isinstance(given, Mapping):
        raise BackendError("overrides must be a mapping of names", facts={"stage": stage, "found": given})
    for misfit in misfits(declared, given, params):
        if misfit.kind is not None:
            facts = {"stage": stage, "parameter": misfit.name, "found": misfit.value, "wanted": misfit.kind.expected()}
            raise BackendError(f"a parameter of the backend `{backend}` is out of its range", facts=facts)
        facts = {"stage": stage, "unknown": misfit.name}
        if not declared:
            hint = f"remove `overrides.{stage}`"
            raise BackendError(f"the backend `{backend}` has nothing to override", facts=facts, hint=hint)
        raise BackendError(
            f"the backend `{backend}` has no such parameter", facts=facts, hint=f"it takes {', '.join(declared)}"
        )
    return dict(given)


def taken(kind: Override, value: Any) -> Any:
    """A value that its kind accepts, in the type that backends get: float unless it is a whole number."""
    return float(value) if isinstance(kind, Number) else value


def _within(kind: Override, params: Mapping[str, object]) -> Override:
    """The kind, its greatest value lowered by the stage's params where `below` says so."""
    if isinstance(kind, Whole) and kind.below:
        limit = params.get(kind.below)
        if isinstance(limit, int):
            return replace(kind, most=min(kind.most, limit - 1), below="")
    return kind


def _after(unit: str) -> str:
    return f" {unit}" if unit else ""
