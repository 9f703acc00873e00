"""The fields in which two plain values differ."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeGuard

from episodec.digest import Canonical, encode


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A changed field of a file, by its dotted name."""

    name: str
    before: Canonical  # None: the field is not given.
    after: Canonical


def field_changes(before: Canonical, after: Canonical, name: str = "") -> Iterator[FieldChange]:
    """The leaves that differ; lists of mappings of equal length are compared by element. A vector is one leaf."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in dict.fromkeys((*before, *after)):
            yield from field_changes(before.get(key), after.get(key), f"{name}.{key}" if name else str(key))
    elif _is_of_mappings(before) and _is_of_mappings(after) and len(before) == len(after):
        for index, (old, new) in enumerate(zip(before, after, strict=True)):
            yield from field_changes(old, new, f"{name}[{index}]")
    elif encode(before) != encode(after):
        yield FieldChange(name, before, after)


def _is_of_mappings(value: Canonical) -> TypeGuard[Sequence[Mapping[str, Canonical]]]:
    return isinstance(value, list | tuple) and all(isinstance(one, Mapping) for one in value)
