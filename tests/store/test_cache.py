"""Properties of the cache on disk alone: what it remembers, and what it reads."""

from collections.abc import Callable
from pathlib import Path

from episodec.engine.cache import Record
from episodec.engine.key import ActionKey
from episodec.store.cache import DiskCache, open_cache
from episodec.store.layout import open_layout
from episodec.store.signature import of

Key = Callable[[object], ActionKey]


def test_another_process_finds_what_was_recorded(cache: DiskCache, key: Key) -> None:
    record = Record({"out": cache.put_bytes(b"content")}, 2.5)
    cache.record(key("a"), record)
    again = open_cache(open_layout(cache.layout.root))
    assert again.lookup(key("a")) == record
    again.index.close()


def test_a_blob_is_read_once_and_then_known_by_its_signature(
    cache: DiskCache, key: Key, settle: Callable[[], None], damage: Callable[[Path], None]
) -> None:
    record = Record({"out": cache.put_bytes(b"content")}, 1.0)
    cache.record(key("a"), record)
    blob = record.outputs["out"]
    path = cache.blobs.path_of(blob.digest)
    settle()
    cache.lookup(key("a"))
    assert [tuple(row) for row in cache.index.rows("SELECT * FROM blobs")] == [(blob.digest, *of(path))]
    again = open_cache(open_layout(cache.layout.root))
    assert again.lookup(key("a")) == record
    damage(path)  # Same size and mtime: ctime tells.
    assert again.lookup(key("a")) is None
    again.index.close()


def test_a_touched_blob_is_read_again_and_stays_a_hit(cache: DiskCache, key: Key, settle: Callable[[], None]) -> None:
    record = Record({"out": cache.put_bytes(b"content")}, 1.0)
    cache.record(key("a"), record)
    settle()
    assert cache.lookup(key("a")) == record
    cache.blobs.path_of(record.outputs["out"].digest).touch()
    settle()
    assert cache.lookup(key("a")) == record


def test_many_keys_are_looked_up_at_once(cache: DiskCache, key: Key) -> None:
    blob = cache.put_bytes(b"content")
    with cache.batch():
        for n in range(3000):
            cache.record(key(n), Record({"out": blob}, float(n)))
    actual = cache.lookup_many(key(n) for n in range(4000))
    assert len(actual) == 3000
    assert actual[key(2999)].seconds == 2999.0


def test_a_touched_result_was_used_last(cache: DiskCache, key: Key) -> None:
    for name in "ab":
        cache.record(key(name), Record({"out": cache.put_bytes(name.encode())}, 1.0))
    cache.touch([key("a"), key("unknown")])
    order = [row[0] for row in cache.index.rows("SELECT key FROM records ORDER BY used_at_ns")]
    assert order == [key("b"), key("a")]
