"""Canonical values to JSON text and back, exactly: a value survives the round trip, tuples and bytes included.

The store keeps values in this form and orders travel in it: a backend gets the same values in this process and in a
worker.
"""

import json
from collections.abc import Mapping

from episodec.digest import Canonical

# JSON has no bytes and no tuples: each is an object with a marker key, which is escaped where a mapping uses it itself.
_BYTES, _TUPLE, _ESCAPE = "!bytes", "!tuple", "!"


def dump(value: Canonical) -> str:
    """The value as JSON text."""
    return json.dumps(_marked(value), ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def load(text: str) -> Canonical:
    """The value that `dump` wrote."""
    return _unmarked(json.loads(text))


def _marked(value: Canonical) -> object:
    if isinstance(value, bytes):
        return {_BYTES: value.hex()}
    if isinstance(value, tuple):
        return {_TUPLE: [_marked(one) for one in value]}
    if isinstance(value, list):
        return [_marked(one) for one in value]
    if isinstance(value, Mapping):
        return {_ESCAPE + name if name.startswith(_ESCAPE) else name: _marked(one) for name, one in value.items()}
    return value


def _unmarked(value: Canonical) -> Canonical:
    if isinstance(value, list):
        return [_unmarked(one) for one in value]
    if isinstance(value, dict):
        match value:
            case {"!bytes": str(digits)}:
                return bytes.fromhex(digits)
            case {"!tuple": list(parts)}:
                return tuple(_unmarked(one) for one in parts)
            case _:
                return {name.removeprefix(_ESCAPE): _unmarked(one) for name, one in value.items()}
    return value
