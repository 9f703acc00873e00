import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from episodec.digest import digest_bytes
from episodec.engine.cache import Blob, Record
from episodec.engine.key import ActionKey
from episodec.errors import StoreError
from episodec.store.cache import DiskCache
from episodec.store.gc import ORPHAN_S, SCRATCH_S, collect
from episodec.store.locks import hold_store
from episodec.store.work import scratch_for
from tests.store.looking import names_in

Key = Callable[[object], ActionKey]


@pytest.fixture
def three(cache: DiskCache, key: Key) -> DiskCache:
    """Results a, b, c of 1000 bytes each, used in this order."""
    for name in "abc":
        cache.record(key(name), Record({"out": cache.put_bytes(name.encode() * 1000)}, 1.0))
    return cache


def _names(cache: DiskCache, key: Key) -> str:
    return "".join(name for name in "abcdef" if cache.lookup(key(name)) is not None)


def _later(seconds: float) -> Callable[[], int]:
    return lambda: time.time_ns() + int(seconds * 1e9)


@pytest.mark.parametrize(
    ("touched", "pinned", "max_bytes", "stay"),
    [
        ("", "", 3000, "abc"),
        ("", "", 2999, "bc"),
        ("", "", 2000, "bc"),
        ("", "", 1999, "c"),
        ("", "", 0, ""),
        ("a", "", 2000, "ac"),
        ("", "a", 2000, "ac"),
        ("", "abc", 0, "abc"),
        ("", "", None, "abc"),
    ],
)
def test_the_least_recently_used_go_first_and_pinned_ones_never(
    three: DiskCache, key: Key, touched: str, pinned: str, max_bytes: int | None, stay: str
) -> None:
    three.touch(map(key, touched))
    keys = {key(name) for name in pinned}
    promised = collect(three, keys, max_bytes, dry_run=True)
    assert _names(three, key) == "abc"
    report = collect(three, keys, max_bytes)
    assert report == promised
    assert _names(three, key) == stay
    gone = 3 - len(stay)
    assert (report.records, report.evicted_bytes, report.kept_bytes) == (gone, gone * 1000, len(stay) * 1000)
    assert report.pinned_bytes == len(pinned) * 1000
    assert sum(len(names) for _, _, names in os.walk(three.layout.blobs)) == len(stay)


def test_a_blob_goes_only_with_the_last_result_that_names_it(cache: DiskCache, key: Key) -> None:
    shared, own = cache.put_bytes(b"s" * 1000), cache.put_bytes(b"o" * 1000)
    cache.record(key("a"), Record({"one": shared, "two": own}, 1.0))
    cache.record(key("b"), Record({"one": shared}, 1.0))
    report = collect(cache, (), 1000)
    assert _names(cache, key) == "b"
    assert (report.evicted_bytes, report.kept_bytes) == (1000, 1000)


def test_a_result_that_frees_nothing_is_not_evicted(cache: DiskCache, key: Key) -> None:
    shared = cache.put_bytes(b"s" * 1000)
    for name in "ab":
        cache.record(key(name), Record({"out": shared}, 1.0))
    collect(cache, {key("b")}, 0)
    assert _names(cache, key) == "ab"


def test_what_lies_elsewhere_takes_no_room_and_is_not_forgotten_for_it(cache: DiskCache, key: Key) -> None:
    here, away = cache.put_bytes(b"h" * 1000), Blob(digest_bytes(b"away"), 5000, "there")
    cache.record(key("away"), Record({"out": away}, 1.0))
    cache.record(key("both"), Record({"out": away, "own": here}, 1.0))
    report = collect(cache, (), 1000)
    assert (report.records, report.kept_bytes) == (0, 1000)
    assert known_elsewhere(cache) == {away.digest}
    report = collect(cache, (), 999)
    assert (report.records, report.evicted_bytes, report.kept_bytes) == (1, 1000, 0)
    assert known_elsewhere(cache) == {away.digest}
    cache.forget(key("away"))
    collect(cache, (), None)
    assert known_elsewhere(cache) == set()


def known_elsewhere(cache: DiskCache) -> set[str]:
    return {digest for (digest,) in cache.index.rows("SELECT digest FROM away")}


def test_what_nobody_can_make_again_goes_last(cache: DiskCache, key: Key) -> None:
    for name in "abc":
        record = Record({"out": cache.put_bytes(name.encode() * 1000)}, 1.0)
        cache.record(key(name), record, deterministic=name != "a")
    collect(cache, (), 1000)
    assert _names(cache, key) == "a"


def test_leftovers_go_when_they_are_old_enough(three: DiskCache, key: Key) -> None:
    orphan = three.put_bytes(b"orphan")
    Path(three.layout.incoming, "half").write_bytes(b"half")
    (scratch_for(three.layout, key("x")) / "step").write_bytes(b"step")
    Path(three.layout.locks, "0" * 32).touch()  # As builds of earlier versions left it.
    assert collect(three, (), None).leftover_bytes == 0
    assert three.blobs.has(orphan.digest, orphan.size)
    assert set(names_in(three.layout.locks)) == {"gc", "index"}
    assert collect(three, (), None, now_ns=_later(ORPHAN_S + 1)).leftover_bytes == len("orphan" + "half")
    assert not three.blobs.has(orphan.digest, orphan.size)
    assert names_in(three.layout.incoming) == []
    assert len(names_in(three.layout.scratch)) == 1
    assert collect(three, (), None, now_ns=_later(SCRATCH_S + 1)).leftover_bytes == len("step")
    assert names_in(three.layout.scratch) == []
    assert _names(three, key) == "abc"


def test_a_scratch_folder_is_as_young_as_what_is_deep_in_it(
    cache: DiskCache, key: Key, settle: Callable[[], None]
) -> None:
    deep = scratch_for(cache.layout, key("x")) / "deep"
    deep.mkdir()
    settle()
    (deep / "checkpoint").write_bytes(b"step")
    then = (deep / "checkpoint").stat().st_ctime_ns + SCRATCH_S * 1_000_000_000
    assert collect(cache, (), None, now_ns=lambda: then).leftover_bytes == 0
    assert collect(cache, (), None, now_ns=lambda: then + 1).leftover_bytes == len("step")


def test_damaged_blobs_go_at_once_and_files_of_others_never(three: DiskCache, damage: Callable[[Path], None]) -> None:
    path = three.blobs.path_of(digest_bytes(b"a" * 1000))
    damage(path)
    assert not three.blobs.has(digest_bytes(b"a" * 1000), 1000)
    foreign = path.parent / "notes.txt"
    foreign.write_text("mine")
    assert collect(three, (), None, now_ns=_later(ORPHAN_S + 1)).leftover_bytes == 1000
    assert names_in(three.layout.damaged) == []
    assert foreign.read_text() == "mine"


def test_nothing_is_removed_while_a_build_runs(three: DiskCache, key: Key) -> None:
    with hold_store(three.layout) or pytest.fail("gc runs"):
        with pytest.raises(StoreError, match="a build is running"):
            collect(three, (), 0)
        assert collect(three, (), 0, dry_run=True).records == 3
    assert _names(three, key) == "abc"
    collect(three, (), 0)
    assert _names(three, key) == ""
