"""Maintains a shared cache: lists, measures, verifies and thins it, and removes everything made from one content.

It needs a server that lists its objects. Contents go last: a kill in between leaves a content without a record, never a
record without its contents.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from episodec.remote.layout import MAIN_BLOBS, OWN_BLOBS, RECORDS, blob_path, blob_paths
from episodec.remote.objects import ObjectFacts, Objects
from episodec.remote.reading import AT_ONCE
from episodec.remote.settings import MAIN
from episodec.remote.signing import verifies
from episodec.remote.wire import (
    MAX_RECORD_BYTES,
    Disbelieved,
    SharedRecord,
    is_sha256,
    parsed_record,
    read_record,
    record_name,
)

YOUNG = timedelta(days=1)  # A content without a record may belong to an upload that is not finished.


@dataclass(frozen=True, slots=True)
class ListedRecord:
    """A record in a shared cache, as listed."""

    path: str
    namespace: str
    changed_at: datetime
    record: SharedRecord | None  # None: it cannot be read.
    fault: str = ""  # Why it is not trusted, or what it lacks.

    def size(self) -> int:
        """The total size of its contents in bytes."""
        return 0 if self.record is None else sum(one.size for one in self.record.outputs.values())


@dataclass(frozen=True, slots=True)
class Usage:
    """The number and size of objects of one kind in a namespace."""

    namespace: str
    records: int
    record_bytes: int
    contents: int
    content_bytes: int


@dataclass(frozen=True, slots=True)
class Removal:
    """Objects that were removed, or would be."""

    records: tuple[ListedRecord, ...]
    contents: tuple[ObjectFacts, ...]

    def size(self) -> int:
        """The total size of the contents in bytes."""
        return sum(one.size for one in self.contents)


def records_of(objects: Objects, trusted: Collection[str], namespace: str | None = None) -> list[ListedRecord]:
    """All records, or those of a namespace, in order of their paths.

    Raises:
        SharedCacheError: the cache does not answer, or cannot list.
    """
    listed = objects.list(RECORDS if namespace is None else f"{RECORDS}/{namespace}")
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(lambda one: _read(objects, trusted, one), sorted(listed, key=lambda one: one.path)))


def usage(objects: Objects) -> list[Usage]:
    """The number and size of the objects in each namespace."""
    counts: Counter[str] = Counter()
    for facts in objects.list(RECORDS):
        name = facts.path.split("/")[1]
        counts.update({f"records {name}": 1, f"record bytes {name}": facts.size})
    for facts, name in _contents(objects):
        counts.update({f"contents {name}": 1, f"content bytes {name}": facts.size})
    names = sorted({key.rpartition(" ")[2] for key in counts}, key=lambda name: (name != MAIN, name))
    kinds = ("records", "record bytes", "contents", "content bytes")
    return [Usage(name, *(counts[f"{kind} {name}"] for kind in kinds)) for name in names]


def faults(objects: Objects, records: Iterable[ListedRecord], *, with_bytes: bool) -> list[ListedRecord]:
    """The records that no reader would trust, or that lack a content; `with_bytes` reads each content, too."""
    checked: dict[str, str] = {}

    def fault(listed: ListedRecord) -> str:
        if listed.record is None or listed.fault:
            return listed.fault
        for blob in listed.record.outputs.values():
            if blob.sha256 not in checked:
                checked[blob.sha256] = _fault_of(
                    objects, listed.namespace, blob.sha256, blob.size, with_bytes=with_bytes
                )
            if checked[blob.sha256]:
                return checked[blob.sha256]
        return ""

    wrong = [(one, fault(one)) for one in records]
    return [ListedRecord(one.path, one.namespace, one.changed_at, one.record, why) for one, why in wrong if why]


def thin(
    objects: Objects,
    namespace: str,
    trusted: Collection[str],
    age: timedelta,
    *,
    now: datetime,
    dry_run: bool,
) -> Removal:
    """Remove the records of a namespace that are older than this, then the older contents that no record names."""
    before = now - age
    records = records_of(objects, trusted)
    going = [one for one in records if one.namespace == namespace and one.changed_at < before]
    latest = min(before, now - YOUNG)
    removal = _removal(objects, namespace, records, going, lambda facts: facts.changed_at < latest)
    if not dry_run:
        remove(objects, removal)
    return removal


def made_of(records: Sequence[ListedRecord], sha256s: Iterable[str]) -> tuple[list[ListedRecord], set[str]]:
    """The records of everything that was made from these contents, directly or not, and the sha256 of their outputs."""
    tainted, going = set(map(str, sha256s)), dict[str, ListedRecord]()
    is_growing = True
    while is_growing:
        is_growing = False
        for listed in records:
            if (
                listed.path not in going
                and listed.record is not None
                and tainted & set(_texts(listed.record.parts["inputs"]))
            ):
                going[listed.path] = listed
                tainted |= {blob.sha256 for blob in listed.record.outputs.values()}
                is_growing = True
    outputs = {str(blob.sha256) for one in going.values() if one.record for blob in one.record.outputs.values()}
    return list(going.values()), outputs


def forgettable(
    objects: Objects, namespace: str, records: Sequence[ListedRecord], going: Sequence[ListedRecord]
) -> Removal:
    """The removal of these records of a namespace, and of their contents unless a record that stays names them."""
    named = {blob.sha256 for one in going if one.record for blob in one.record.outputs.values()}
    return _removal(objects, namespace, records, going, lambda facts: facts.path.rpartition("/")[2] in named)


def remove(objects: Objects, removal: Removal) -> None:
    """Remove records, then contents."""
    for path in [*(one.path for one in removal.records), *(one.path for one in removal.contents)]:
        objects.delete(path)


def _removal(
    objects: Objects,
    namespace: str,
    records: Sequence[ListedRecord],
    going: Sequence[ListedRecord],
    may_go: Callable[[ObjectFacts], bool],
) -> Removal:
    paths = {one.path for one in going}
    staying = [one.record for one in records if one.path not in paths and one.record is not None]
    kept = {blob.sha256 for record in staying for blob in record.outputs.values()}
    listed = objects.list(blob_path(namespace, "").rstrip("/"))
    contents = tuple(one for one in listed if one.path.rpartition("/")[2] not in kept and may_go(one))
    return Removal(tuple(going), contents)


def _read(objects: Objects, trusted: Collection[str], facts: ObjectFacts) -> ListedRecord:
    _, namespace, name = (*facts.path.split("/"), "", "")[:3]
    content = objects.get(facts.path, MAX_RECORD_BYTES)
    record, fault = _record(content or b"", trusted)
    if record is not None and record_name(record.parts) != name:
        fault = "it is stored under another name"
    return ListedRecord(facts.path, namespace, facts.changed_at, record, fault)


def _record(content: bytes, trusted: Collection[str]) -> tuple[SharedRecord | None, str]:
    """The record in these bytes, and why it is not trusted."""
    record = None
    try:
        record, _, _ = read_record(content)
        parsed_record(content, trusted, verifies)
    except Disbelieved as reason:
        return record, str(reason)
    return record, ""


def _contents(objects: Objects) -> Iterable[tuple[ObjectFacts, str]]:
    """Every content with its namespace."""
    yield from ((facts, MAIN) for facts in objects.list(MAIN_BLOBS))
    yield from ((facts, facts.path.split("/")[1]) for facts in objects.list(OWN_BLOBS))


def _fault_of(objects: Objects, namespace: str, sha256: str, size: int, *, with_bytes: bool) -> str:
    for path in blob_paths(namespace, sha256):
        if objects.size(path) == size:
            return _fault_in(objects, path, sha256) if with_bytes else ""
    return f"its content {sha256[:12]} is gone"


def _fault_in(objects: Objects, path: str, sha256: str) -> str:
    chunks = objects.chunks(path)
    state = hashlib.sha256()
    for chunk in chunks or ():
        state.update(chunk)
    return "" if state.hexdigest() == sha256 else f"its content {sha256[:12]} has other bytes"


def _texts(value: Any) -> Iterable[str]:
    """The sha256s anywhere in a value."""
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list | tuple):
        for part in value:
            yield from _texts(part)
    elif is_sha256(value):
        yield value
