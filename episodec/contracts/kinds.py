"""Kinds of values of a stage's params: their description, and whether a value is of the kind."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from episodec.digest import Canonical


class ValueKind(Protocol):
    """A kind of value."""

    @property
    def words(self) -> str:
        """Describe such a value to people."""
        ...

    def accepts(self, value: Canonical) -> bool:
        """Whether the value is of this kind."""
        ...


@dataclass(frozen=True, slots=True)
class OfTypes:
    """Values of some Python types."""

    words: str
    types: tuple[type, ...]  # A bool only counts if `bool` itself is listed.

    def accepts(self, value: Canonical) -> bool:
        """Whether the value is of one of the types."""
        return isinstance(value, self.types) and (bool in self.types or not isinstance(value, bool))


TEXT = OfTypes("text", (str,))  # May be empty.
NUMBER = OfTypes("number", (int, float))
FLAG = OfTypes("`true` or `false`", (bool,))
ANYTHING = OfTypes("anything", (object, bool))


@dataclass(frozen=True, slots=True)
class Integer:
    """An integer."""

    least: int | None = None

    @property
    def words(self) -> str:
        """Describe it, with the minimum if there is one."""
        return "whole number" if self.least is None else f"whole number, at least {self.least}"

    def accepts(self, value: Canonical) -> bool:
        """Whether the value is an integer of at least `least`."""
        if not isinstance(value, int) or isinstance(value, bool):
            return False
        return self.least is None or value >= self.least


@dataclass(frozen=True, slots=True)
class Among:
    """One of some texts or numbers."""

    names: tuple[str | int, ...]

    @property
    def words(self) -> str:
        """List all of them."""
        *most, last = (f"`{name}`" for name in self.names)
        return f"{', '.join(most)} or {last}" if most else last

    def accepts(self, value: Canonical) -> bool:
        """Whether the value is one of them."""
        return value in self.names


@dataclass(frozen=True, slots=True)
class Maybe:
    """A value of another kind, or `null`."""

    kind: ValueKind

    @property
    def words(self) -> str:
        """Describe the other kind."""
        return f"{self.kind.words}, or none"

    def accepts(self, value: Canonical) -> bool:
        """Whether the value is None or of the other kind."""
        return value is None or self.kind.accepts(value)


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list whose members are of one kind."""

    words: str
    kind: ValueKind
    length: int | None = None

    def accepts(self, value: Canonical) -> bool:
        """Whether the value is such a list, with valid members."""
        if not isinstance(value, Sequence) or isinstance(value, str | bytes):
            return False
        return self.length in (None, len(value)) and all(map(self.kind.accepts, value))


@dataclass(frozen=True, slots=True)
class Table:
    """A mapping with these names, each with its kind; `rest` is the kind of other names, None if there are none."""

    fields: Mapping[str, ValueKind]
    rest: ValueKind | None = None

    @property
    def words(self) -> str:
        """Describe its fields."""
        fields = [f"`{name}` ({kind.words})" for name, kind in self.fields.items()]
        others = [] if self.rest is None else [f"{'other ' if fields else ''}names ({self.rest.words})"]
        return f"mapping of {', '.join([*fields, *others])}"

    def accepts(self, value: Canonical) -> bool:
        """Whether the value is a mapping with all the names, and with no others if `rest` is None."""
        if not isinstance(value, Mapping) or not self.fields.keys() <= value.keys():
            return False
        kinds = ((self.fields.get(name, self.rest), one) for name, one in value.items())
        return all(kind is not None and kind.accepts(one) for kind, one in kinds)
