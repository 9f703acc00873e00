"""The fingerprints of backends, stored in the index as long as the files they were read from are unchanged."""

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
"""The present signature of a file; None if it is missing."""


@dataclass(frozen=True, slots=True)
class Known:
    """A fingerprint and the files it was read from."""

    parts: Mapping[str, Canonical]
    watches: Mapping[str, Signature]
    code: Mapping[str, Signature]
    whole: Digest  # Of all code that decides results.
    absent: tuple[str, ...] = ()  # Files that it looked for and did not find.


@dataclass(frozen=True, slots=True)
class _Row:
    """A row of the index: a fingerprint and the signatures of its files; an empty list for a missing file."""

    parts: Mapping[str, Canonical]
    watches: Mapping[str, list[int]]
    code: Mapping[str, list[int]]
    whole: Digest


def remembered(index: Index, name: str, identity: str, look: Look) -> Known | None:
    """The stored fingerprint of this backend for this identity; None if there is none or a file has changed."""
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
    """Store a fingerprint, unless one of its files changed just now. `watches`: the signatures of all files, None for
    missing ones.
    """
    now = time.time_ns()
    if any(signature.is_racy(one, now) for one in (*known.watches.values(), *known.code.values())):
        return
    by_kind = {"watches": watches, "code": known.code}
    noted = {kind: {path: list(one or ()) for path, one in paths.items()} for kind, paths in by_kind.items()}
    details = json.dumps({**noted, "whole": known.whole})
    parts = seal(canonical_json.dump(known.parts), name, identity, details)  # One seal covers the whole row.
    sql = "INSERT OR REPLACE INTO fingerprints (name, settings, parts, watches) VALUES (?, ?, ?, ?)"
    index.write(sql, (name, identity, parts, details))


def there(paths: Iterable[str], look: Look) -> dict[str, Signature]:
    """The existing ones of these files, with their present signatures."""
    return {path: signature for path in paths if (signature := look(path)) is not None}


def _read(sealed: str, details: str, name: str, identity: str) -> _Row:
    parts = canonical_json.load(unseal(sealed, name, identity, details))
    if not isinstance(parts, Mapping):
        raise ValueError("the parts in a row are not a mapping")  # noqa: TRY004 - `decoded` takes it for damage.
    row = json.loads(details)
    return _Row(parts, row["watches"], row["code"], digest_of(row["whole"]))
