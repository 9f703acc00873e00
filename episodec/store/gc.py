"""Frees disk space: the least recently used results, never pinned ones, and leftovers of killed builds. Knows no specs.

Order matters. A record goes before its blobs, so that a kill between leaves blobs without a record (removed next time),
never a record without blobs. A blob goes only when no remaining record names it.
"""

import os
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass

from episodec.digest import ALGORITHM, Digest, is_digest
from episodec.engine.key import ActionKey
from episodec.errors import StoreError
from episodec.store import locks, work
from episodec.store.cache import DiskCache, outputs_of
from episodec.store.layout import StoreLayout, unusable
from episodec.store.sealed import decoded

ORPHAN_S = 3600  # A blob without a record may belong to a worker whose build is about to record it.
SCRATCH_S = 7 * 24 * 3600  # A long action is resumed within days or not at all.
LOGS_S = 30 * 24 * 3600  # Of actions: failures are investigated within weeks.


@dataclass(frozen=True, slots=True)
class Report:
    """Everything a collection removed, or would remove, and what stays. Sizes in bytes."""

    records: int  # Results evicted.
    evicted_bytes: int  # Their blobs that no other result names.
    leftover_bytes: int  # Blobs without a record, damaged ones, old scratch and logs, copies.
    kept_bytes: int
    pinned_bytes: int  # The part of `kept_bytes` that no size can evict.
    kernel_bytes: int = 0  # Compiled kernels in the user's cache folder: see `store.kernels`.


@dataclass(frozen=True, slots=True)
class _Stored:
    """The parts of a record that gc needs."""

    key: ActionKey
    sizes: dict[Digest, int]  # Of its blobs, without remote ones, which take no room here.
    names: frozenset[Digest]  # All its blobs.


@dataclass(frozen=True, slots=True)
class _Entry:
    """A path on disk that may be removed."""

    path: str
    size: int
    changed_at_ns: int


def collect(
    cache: DiskCache,
    pinned: Collection[ActionKey],
    max_bytes: int | None,
    *,
    dry_run: bool = False,
    locked: Collection[Digest] = (),
    now_ns: Callable[[], int] = time.time_ns,
) -> Report:
    """Remove leftovers, and results until the rest takes at most `max_bytes`; None evicts nothing.

    Results of backends that are not deterministic go last: they cannot be made again. Pinned results stay, even when
    they alone take more than `max_bytes`; so do `locked` contents, which approved takes name.

    Raises:
        StoreError: a build is running, or something cannot be removed.
    """
    layout = cache.layout
    with ExitStack() as held:
        if not dry_run:
            held.enter_context(_claim(layout))
        blobs = _blobs(layout)
        stored = _stored(cache, blobs)
        evicted = _choose(stored, pinned, max_bytes)
        kept = _sizes(one for one in stored if one.key not in evicted)
        kept |= {name: blobs[name].size for name in locked if name in blobs}
        doomed = _sizes(one for one in stored if one.key in evicted).keys() - kept.keys()
        leftovers = [
            *(one for name, one in blobs.items() if name not in kept and name not in doomed and _is_old(one, now_ns())),
            *(one for one in _entries(layout.incoming) if _is_old(one, now_ns())),
            *_entries(layout.damaged),
            *_entries(layout.listen),
            *(one for one in _entries(layout.scratch) if _is_old(one, now_ns(), SCRATCH_S)),
            *(one for one in _entries(layout.logs) if _is_old(one, now_ns(), LOGS_S)),
        ]
        evictions = [blobs[name] for name in doomed if name in blobs]
        if not dry_run:
            _forget(cache, evicted, blobs.keys() - kept.keys())
            _forget_away(cache, {name for one in stored if one.key not in evicted for name in one.names})
            for entry in [*evictions, *leftovers]:
                work.remove(entry.path)
            work.remove_dead_work(layout)
            locks.remove_dead_locks(layout)
    return Report(
        records=len(evicted),
        evicted_bytes=sum(one.size for one in evictions),
        leftover_bytes=sum(one.size for one in leftovers),
        kept_bytes=sum(kept.values()),
        pinned_bytes=sum(_sizes(one for one in stored if one.key in pinned).values()),
    )


def _claim(layout: StoreLayout) -> locks.Lock:
    lock = locks.claim_store(layout)
    if lock is None:
        raise StoreError(
            "a build is running, so nothing was removed",
            facts={"cache": layout.root},
            hint="run `episodec gc` again when it has finished",
        )
    return lock


def _stored(cache: DiskCache, here: Collection[Digest]) -> list[_Stored]:
    """Every record, in order of eviction; `here`: the blobs on disk."""
    elsewhere = {Digest(digest) for (digest,) in cache.index.rows("SELECT digest FROM away")}.difference(here)
    sql = "SELECT key, outputs FROM records ORDER BY deterministic DESC, used_at_ns, key"
    return [
        _Stored(
            ActionKey(key),
            {blob.digest: blob.size for blob in outputs.values() if blob.digest not in elsewhere},
            frozenset(blob.digest for blob in outputs.values()),
        )
        for key, outputs in decoded(cache.index, sql, (), lambda key, text: (key, outputs_of(text, key)))
    ]


def _choose(stored: list[_Stored], pinned: Collection[ActionKey], max_bytes: int | None) -> set[ActionKey]:
    """The records to evict: in order, as long as the blobs named by records take more than `max_bytes`."""
    users = Counter(digest for one in stored for digest in one.sizes)
    safe = _sizes(one for one in stored if one.key in pinned)
    total = sum(_sizes(stored).values())
    evicted: set[ActionKey] = set()
    for record in stored:
        if max_bytes is None or total <= max_bytes:
            break
        if record.key in pinned or record.sizes.keys() <= safe.keys():  # Evicting the second kind would free nothing.
            continue
        evicted.add(record.key)
        users.subtract(record.sizes.keys())
        total -= sum(size for digest, size in record.sizes.items() if not users[digest])
    return evicted


def _sizes(records: Iterable[_Stored]) -> dict[Digest, int]:
    """The size of every blob that these records name, each blob once."""
    return {digest: size for one in records for digest, size in one.sizes.items()}


def _forget(cache: DiskCache, evicted: Iterable[ActionKey], gone: Iterable[Digest]) -> None:
    with cache.index.transaction():
        cache.index.write_many("DELETE FROM records WHERE key = ?", [(key,) for key in evicted])
        cache.index.write("DELETE FROM adapted WHERE key NOT IN (SELECT key FROM records)")
        cache.index.write_many("DELETE FROM blobs WHERE digest = ?", [(digest,) for digest in gone])


def _forget_away(cache: DiskCache, named: Collection[Digest]) -> None:
    """Forget the places of blobs that no result names any more. Their fate there is up to that place."""
    rows = cache.index.rows("SELECT digest FROM away")
    cache.index.write_many("DELETE FROM away WHERE digest = ?", [(one,) for (one,) in rows if one not in named])


def _blobs(layout: StoreLayout) -> dict[Digest, _Entry]:
    """Every blob on disk; files with other names are not ours to remove."""
    blobs = {}
    for folder in _scan(layout.blobs):
        if folder.is_dir(follow_symlinks=False):
            for entry in _entries(folder.path):
                digest = f"{ALGORITHM}:{folder.name}{os.path.basename(entry.path)}"
                if is_digest(digest):
                    blobs[Digest(digest)] = entry
    return blobs


def _entries(folder: str) -> Iterator[_Entry]:
    """The entries of a folder; a subfolder counts with everything below, and is as young as its youngest part."""
    for entry in _scan(folder):
        status = entry.stat(follow_symlinks=False)
        size, changed_at_ns = status.st_size, status.st_ctime_ns
        if entry.is_dir(follow_symlinks=False):
            inner = list(_entries(entry.path))
            size = sum(one.size for one in inner)
            changed_at_ns = max([changed_at_ns, *(one.changed_at_ns for one in inner)])
        yield _Entry(entry.path, size, changed_at_ns)


def _scan(folder: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        raise unusable(error, folder) from error


def _is_old(entry: _Entry, now_ns: int, age_s: int = ORPHAN_S) -> bool:
    return entry.changed_at_ns < now_ns - age_s * 1_000_000_000
