"""Backends' fingerprints, remembered in the index for as long as the files stand that they were read from."""

import json
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from episodec import canonical_json
from episodec.digest import Canonical, Digest
from episodec.store import signature
from episodec.store.index import Index
from episodec.store.sealed import decoded, digest_of, seal, unseal
from episodec.store.signature import Signature

Look = Callable[[str], Signature | None]
"""How a file looks now; None when it is not there."""


@dataclass(frozen=True, slots=True)
class Known:
    """A fingerprint and what it was read from."""

    parts: Mapping[str, Canonical]
    watches: Mapping[str, Signature]
    code: Mapping[str, Signature]
    whole: Digest  # Of all code that decides results.
    absent: tuple[str, ...] = ()  # Files that it looked for and that are not there.


@dataclass(frozen=True, slots=True)
class _Row:
    """What the index says: a fingerprint and how its files looked, with an empty list for one that was not there."""

    parts: Mapping[str, Canonical]
    watches: Mapping[str, list[int]]
    code: Mapping[str, list[int]]
    whole: Digest


def remembered(index: Index, name: str, identity: str, look: Look) -> Known | None:
    """The fingerprint of this backend that was kept for this identity; None when there is none or a file has moved."""
    sql = "SELECT parts, watches FROM fingerprints WHERE name = ? AND settings = ?"
    rows = decoded(index, sql, (name, identity), lambda parts, told: _read(parts, told, name, identity))
    if not rows:
        return None
    (row,) = rows
    if any(list(look(path) or ()) != noted for path, noted in (*row.code.items(), *row.watches.items())):
        return None
    absent = tuple(path for path in row.watches if look(path) is None)
    return Known(row.parts, there(row.watches, look), there(row.code, look), row.whole, absent)


def keep(index: Index, name: str, identity: str, known: Known, watches: Mapping[str, Signature | None]) -> None:
    """Remember a fingerprint, unless a file of it changed just now. `watches`: how all files looked, those that are
    not there among them.
    """
    now = time.time_ns()
    if any(signature.is_racy(one, now) for one in (*known.watches.values(), *known.code.values())):
        return
    seen = {"watches": watches, "code": known.code}
    noted = {kind: {path: list(one or ()) for path, one in paths.items()} for kind, paths in seen.items()}
    told = json.dumps({**noted, "whole": known.whole})
    parts = seal(canonical_json.dump(known.parts), name, identity, told)  # One seal holds the whole row.
    sql = "INSERT OR REPLACE INTO fingerprints (name, settings, parts, watches) VALUES (?, ?, ?, ?)"
    index.write(sql, (name, identity, parts, told))


def there(paths: Iterable[str], look: Look) -> dict[str, Signature]:
    """Those of these files that are there, as they look."""
    return {path: seen for path in paths if (seen := look(path)) is not None}


def _read(sealed: str, told: str, name: str, identity: str) -> _Row:
    parts = canonical_json.load(unseal(sealed, name, identity, told))
    if not isinstance(parts, Mapping):
        raise ValueError("a row has no mapping where one belongs")  # noqa: TRY004 - `decoded` takes it for damage.
    row = json.loads(told)
    return _Row(parts, row["watches"], row["code"], digest_of(row["whole"]))
