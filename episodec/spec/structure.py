"""Plain trees to dataclasses and back, by the dataclasses' own type hints.

Knows nothing of any particular dataclass. A tree is assumed valid: the schema has checked it.
"""

import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, Field, fields, is_dataclass
from functools import cache
from typing import Any, Literal, TypeVar, Union, get_args, get_origin

from episodec.digest import Canonical

T = TypeVar("T")

Convert = Callable[[Any], Any]


def structure(tree: Mapping[str, object], kind: type[T]) -> T:
    """The dataclass that a plain tree describes: lists become tuples, and whole numbers floats for float fields.

    Raises:
        TypeError: the tree does not fit the dataclass: the schema and the dataclass disagree.
    """
    hint: Any = kind
    built: T = _converter(hint)(tree)
    return built


def plain(value: object) -> Canonical:
    """A dataclass as plain data in its full form: every field, defaults and None included, tuples as lists.

    Raises:
        TypeError: something inside is neither a dataclass nor plain data.
    """
    if value is None or isinstance(value, bool | int | float | str | bytes):
        return value
    if is_dataclass(value) and not isinstance(value, type):
        return {name: plain(getattr(value, name)) for name in _names(type(value))}
    if isinstance(value, Mapping):
        return {name: plain(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    raise TypeError(f"a {type(value).__name__} is not plain data")


def section(value: object) -> dict[str, Canonical]:
    """A dataclass as a plain mapping of its fields: `plain` with a narrower type."""
    mapping = plain(value)
    if not isinstance(mapping, dict):
        raise TypeError(f"a {type(value).__name__} is not a dataclass")
    return mapping


@cache
def _names(kind: type) -> tuple[str, ...]:
    return tuple(one.name for one in fields(kind))


@cache
def _converter(hint: Any) -> Convert:
    """The function that turns a plain value into a value of this type."""
    origin = get_origin(hint)
    if hint in _PLAIN:
        return _PLAIN[hint]
    if origin is Literal:
        return _same
    if is_dataclass(hint):
        return _dataclass_converter(hint)
    if isinstance(hint, type) and issubclass(hint, tuple):
        return lambda values: hint(*values)  # A NamedTuple of plain values.
    if origin in _GENERIC:
        return _GENERIC[origin](get_args(hint))
    raise TypeError(f"a plain tree cannot become a {hint}")


def _same(value: Any) -> Any:
    return value


def _to_float(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{type(value).__name__} where a number is expected")
    return float(value)


def _to_int(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float) or value != int(value):
        raise TypeError(f"{type(value).__name__} where a whole number is expected")
    return int(value)  # JSON Schema accepts 900.0 as a whole number.


def _tuple_converter(parts: tuple[Any, ...]) -> Convert:
    if parts[-1] is Ellipsis:
        inner = _converter(parts[0])
        return lambda values: tuple(map(inner, values))
    inners = tuple(map(_converter, parts))
    return lambda values: tuple(inner(value) for inner, value in zip(inners, values, strict=True))


def _mapping_converter(parts: tuple[Any, ...]) -> Convert:
    inner = _converter(parts[1])
    return lambda tree: {name: inner(value) for name, value in tree.items()}


def _union_converter(options: tuple[Any, ...]) -> Convert:
    """A converter for `X | None` and for unions of dataclasses with a distinguishing Literal field."""
    kinds = [option for option in options if option is not types.NoneType]
    if len(kinds) == 1:
        inner = _converter(kinds[0])
        if len(options) == 1:
            return inner
        return lambda value: None if value is None else inner(value)
    name, by_kind = discriminate(kinds)
    converters = {tag: _converter(kind) for tag, kind in by_kind.items()}
    return lambda tree: converters[tree[name]](tree)


def discriminate(kinds: Sequence[Any]) -> tuple[str, dict[Any, Any]]:
    """The name of the Literal field that distinguishes these dataclasses, and the dataclass of each of its values.

    Raises:
        TypeError: they have no such field.
    """
    for member in fields(kinds[0]):
        if get_origin(member.type) is Literal and len(get_args(member.type)) == 1:
            by_kind = {f.default: kind for kind in kinds for f in fields(kind) if f.name == member.name}
            return member.name, by_kind
    raise TypeError(f"no field distinguishes {kinds}")


def _dataclass_converter(kind: Any) -> Convert:
    hints: dict[str, Any] = {one.name: one.type for one in fields(kind)}
    converters = {name: _converter(hint) for name, hint in hints.items()}
    required = [one.name for one in fields(kind) if _is_required(one)]

    def convert(tree: Mapping[str, Any]) -> Any:
        try:
            return kind(**{name: converters[name](value) for name, value in tree.items()})
        except KeyError as error:
            raise TypeError(f"{kind.__name__} has no field {error}, or no such kind; it needs {required}") from error

    return convert


def _is_required(member: Field[Any]) -> bool:
    return member.default is MISSING and member.default_factory is MISSING


_PLAIN: Mapping[Any, Convert] = {float: _to_float, int: _to_int, str: _same, bool: _same, Canonical: _same}
_GENERIC: Mapping[Any, Callable[[tuple[Any, ...]], Convert]] = {
    tuple: _tuple_converter,
    Mapping: _mapping_converter,
    types.UnionType: _union_converter,
    Union: _union_converter,
}
