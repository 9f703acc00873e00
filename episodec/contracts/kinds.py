"""Kinds of values that a stage's params have: what they are in words, and whether a value is one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from episodec.digest import Canonical


class ValueKind(Protocol):
    """A kind of value."""

    @property
    def words(self) -> str:
        """What such a value is, for people."""
        ...

    def accepts(self, value: Canonical) -> bool:
        """Whether the value is of this kind."""
        ...


@dataclass(frozen=True, slots=True)
class OfTypes:
    """Values of some types of Python."""

    words: str
    types: tuple[type, ...]  # None of a bool's, which is no number here, but `bool` itself.

    def accepts(self, value: Canonical) -> bool:
        """Whether it is of one of the types."""
        return isinstance(value, self.types) and (bool in self.types or not isinstance(value, bool))


TEXT = OfTypes("text", (str,))  # The empty one, too.
NUMBER = OfTypes("number", (int, float))
FLAG = OfTypes("`true` or `false`", (bool,))
ANYTHING = OfTypes("anything", (object, bool))


@dataclass(frozen=True, slots=True)
class Integer:
    """A whole number."""

    least: int | None = None

    @property
    def words(self) -> str:
        """With its least value, where it has one."""
        return "whole number" if self.least is None else f"whole number, at least {self.least}"

    def accepts(self, value: Canonical) -> bool:
        """Whether it is a whole number, and not too small."""
        if not isinstance(value, int) or isinstance(value, bool):
            return False
        return self.least is None or value >= self.least


@dataclass(frozen=True, slots=True)
class Among:
    """One of some texts or numbers."""

    names: tuple[str | int, ...]

    @property
    def words(self) -> str:
        """All of them."""
        *most, last = (f"`{name}`" for name in self.names)
        return f"{', '.join(most)} or {last}" if most else last

    def accepts(self, value: Canonical) -> bool:
        """Whether it is one of them."""
        return value in self.names


@dataclass(frozen=True, slots=True)
class Maybe:
    """A value of another kind, or none (`null`)."""

    kind: ValueKind

    @property
    def words(self) -> str:
        """What the other kind is."""
        return f"{self.kind.words}, or none"

    def accepts(self, value: Canonical) -> bool:
        """Whether it is none, or of the other kind."""
        return value is None or self.kind.accepts(value)


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list whose members are of one kind."""

    words: str
    kind: ValueKind
    length: int | None = None

    def accepts(self, value: Canonical) -> bool:
        """Whether it is such a list, all of its members too."""
        if not isinstance(value, Sequence) or isinstance(value, str | bytes):
            return False
        return self.length in (None, len(value)) and all(map(self.kind.accepts, value))


@dataclass(frozen=True, slots=True)
class Table:
    """A mapping with these names, each with its kind; `rest` is the kind of all others, None where there are none."""

    fields: Mapping[str, ValueKind]
    rest: ValueKind | None = None

    @property
    def words(self) -> str:
        """Its fields and what they are."""
        fields = [f"`{name}` ({kind.words})" for name, kind in self.fields.items()]
        others = [] if self.rest is None else [f"{'other ' if fields else ''}names ({self.rest.words})"]
        return f"mapping of {', '.join([*fields, *others])}"

    def accepts(self, value: Canonical) -> bool:
        """Whether it is a mapping that has all the names, and no other where there is no `rest`."""
        if not isinstance(value, Mapping) or not self.fields.keys() <= value.keys():
            return False
        kinds = ((self.fields.get(name, self.rest), one) for name, one in value.items())
        return all(kind is not None and kind.accepts(one) for kind, one in kinds)
