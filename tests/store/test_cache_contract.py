"""The promises of every cache, for the one on disk and its in-memory twin."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from episodec.digest import Canonical, Digest, digest_bytes
from episodec.engine.action import ActionId
from episodec.engine.cache import Blob, Cache, Fetch, Record
from episodec.engine.key import ActionKey
from episodec.engine.notes import Note
from episodec.errors import CorruptBlob, StoreError
from episodec.store.cache import DiskCache, open_cache
from episodec.store.layout import open_layout
from episodec.store.memory import MemoryCache

Key = Callable[[object], ActionKey]
Damage = Callable[[Path], None]
AnyCache = DiskCache | MemoryCache
PARTS: dict[str, Canonical] = {"stage": "voice", "backend": "espeak", "params": {"text": "a", "n": (1, 2.0, b"\0")}}


@pytest.fixture(params=["disk", "memory"])
def opener(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[Fetch | None], AnyCache]]:
    """Makes caches, each of its own store."""
    with ExitStack() as opened:

        def make(fetch: Fetch | None = None) -> AnyCache:
            if request.param == "memory":
                return MemoryCache(tmp_path / "twin", fetch)
            cache = open_cache(open_layout(tmp_path / "cache"), fetch=fetch)
            opened.callback(cache.index.close)
            return cache

        yield make


@pytest.fixture
def each(opener: Callable[[Fetch | None], AnyCache]) -> AnyCache:
    return opener(None)


class Elsewhere:
    """Contents of another machine."""

    def __init__(self) -> None:
        self.contents: dict[Digest, bytes] = {}
        self.asked: list[Blob] = []

    def keep(self, content: bytes) -> Blob:
        self.contents[digest_bytes(content)] = content
        return Blob(digest_bytes(content), len(content), "there")

    def fetch(self, blob: Blob, target: Path) -> None:
        self.asked.append(blob)
        target.write_bytes(self.contents[blob.digest])


def _record(cache: Cache, *contents: bytes, seconds: float = 1.0) -> Record:
    return Record({f"out{n}": cache.put_bytes(content) for n, content in enumerate(contents)}, seconds)


def test_a_key_that_was_never_recorded_is_a_miss(each: AnyCache, key: Key) -> None:
    assert each.lookup(key("new")) is None


def test_a_recorded_result_is_found(each: AnyCache, key: Key) -> None:
    record = _record(each, b"one", b"two")
    assert each.record(key("a"), record) == record
    assert each.lookup(key("a")) == record
    assert each.lookup_many([key("a"), key("b"), key("a")]) == {key("a"): record}


def test_what_was_told_of_a_result_is_kept_with_it(each: AnyCache, key: Key) -> None:
    notes = (Note("toy-loud", "«Hey!»\u2028 is loud", {"n": [1, 2.5, None, "é"]}, "softly"), Note("toy-quiet", "hush"))
    first, second = _record(each, b"one"), _record(each, b"one")
    first = Record(first.outputs, first.seconds, notes)
    assert each.record(key("a"), first) == first
    assert each.record(key("a"), second) == first
    assert each.lookup(key("a")) == first
    assert each.lookup_many([key("a")])[key("a")].notes == notes
    assert each.record(key("a"), second, replace=True) == second
    assert each.lookup(key("a")) == second


def test_the_first_writer_wins(each: AnyCache, key: Key) -> None:
    first, second = _record(each, b"first"), _record(each, b"second")
    assert each.record(key("a"), first) == first
    assert each.record(key("a"), second) == first
    assert each.lookup(key("a")) == first


def test_a_first_result_that_lost_a_blob_gives_way_to_the_next(each: AnyCache, key: Key, damage: Damage) -> None:
    first, second = _record(each, b"first"), _record(each, b"second")
    each.record(key("a"), first)
    damage(each.blobs.path_of(first.outputs["out0"].digest))
    assert each.record(key("a"), second) == second
    assert each.lookup(key("a")) == second


def test_a_record_cannot_name_a_blob_that_is_not_there(each: AnyCache, key: Key) -> None:
    with pytest.raises(StoreError, match="not in the store"):
        each.record(key("a"), Record({"out": Blob(digest_bytes(b"nowhere"), 7)}, 1.0))
    with pytest.raises(StoreError, match="not in the store"):
        each.record(key("a"), Record({"out": Blob(each.put_bytes(b"here").digest, 5)}, 1.0))
    assert each.lookup(key("a")) is None


Opener = Callable[[Fetch | None], AnyCache]


def test_a_result_that_lies_elsewhere_is_found_and_fetched_when_it_is_read(opener: Opener, key: Key) -> None:
    there = Elsewhere()
    cache = opener(there.fetch)
    blob, own = there.keep(b"content"), cache.put_bytes(b"own")
    cache.record(key("a"), Record({"out": blob, "own": own}, 1.0, (Note("toy-quiet", "hush"),)))
    actual = cache.lookup(key("a"))
    assert actual is not None
    assert (actual.outputs, actual.notes) == ({"out": blob, "own": own}, (Note("toy-quiet", "hush"),))
    assert (actual.outputs["out"].place, actual.outputs["own"].place) == ("there", None)
    assert there.asked == []
    assert cache.open_blob(blob.digest).read_bytes() == b"content"
    assert cache.open_blob(blob.digest).read_bytes() == b"content"
    assert [(one, one.place) for one in there.asked] == [(blob, "there")]
    here = cache.lookup(key("a"))
    assert here is not None
    assert here.outputs["out"].place is None


def test_a_result_that_lies_elsewhere_is_published_from_there(opener: Opener, key: Key, tmp_path: Path) -> None:
    there = Elsewhere()
    cache = opener(there.fetch)
    blob = there.keep(b"content")
    cache.record(key("a"), Record({"out": blob}, 1.0))
    cache.blobs.copy_out(blob.digest, tmp_path / "delivered")
    assert (tmp_path / "delivered").read_bytes() == b"content"


def test_without_a_way_there_a_result_that_lies_elsewhere_is_a_miss(opener: Opener, key: Key) -> None:
    cache = opener(None)
    blob = Elsewhere().keep(b"content")
    cache.record(key("a"), Record({"out": blob}, 1.0))
    assert cache.lookup(key("a")) is None
    with pytest.raises(CorruptBlob, match="missing"):
        cache.open_blob(blob.digest)


@pytest.mark.parametrize("how", ["gone", "refused", "other bytes", "half", "nothing"])
def test_what_cannot_be_fetched_is_said_to_be_and_is_a_miss_from_then_on(opener: Opener, key: Key, how: str) -> None:
    there = Elsewhere()

    def fetch(_: Blob, target: Path) -> None:
        match how:
            case "gone":
                raise FileNotFoundError("not there")
            case "refused":
                raise StoreError("the place refuses")
            case "other bytes":
                target.write_bytes(b"CONTENT")
            case "half":
                target.write_bytes(b"cont")
            case _:
                pass

    cache = opener(fetch)
    blob = there.keep(b"content")
    cache.record(key("a"), Record({"out": blob}, 1.0))
    assert cache.lookup(key("a")) is not None
    with pytest.raises(CorruptBlob, match="cannot be fetched") as error:
        cache.open_blob(blob.digest)
    assert (error.value.facts["digest"], error.value.facts["place"]) == (blob.digest, "there")
    assert cache.lookup(key("a")) is None
    assert list(Path(cache.layout.incoming).iterdir()) == []
    again = Record({"out": cache.put_bytes(b"content")}, 1.0)
    assert cache.record(key("a"), again) == again


def test_a_copy_that_is_damaged_here_is_fetched_again(opener: Opener, key: Key, damage: Damage) -> None:
    there = Elsewhere()
    cache = opener(there.fetch)
    blob = there.keep(b"content")
    cache.record(key("a"), Record({"out": blob}, 1.0))
    damage(cache.open_blob(blob.digest))
    assert cache.open_blob(blob.digest).read_bytes() == b"content"
    assert len(there.asked) == 2


def test_what_is_doubted_is_a_miss_unless_it_is_here(opener: Opener, key: Key) -> None:
    there = Elsewhere()
    cache = opener(there.fetch)
    away, here = there.keep(b"away"), cache.put_bytes(b"here")
    cache.record(key("away"), Record({"out": away}, 1.0))
    cache.record(key("here"), Record({"out": here}, 1.0))
    cache.invalidate(away.digest)
    cache.invalidate(here.digest)
    assert cache.lookup(key("away")) is None
    assert cache.lookup(key("here")) is not None


def test_a_forgotten_result_is_a_miss_and_the_next_is_the_first(each: AnyCache, key: Key) -> None:
    each.record(key("a"), _record(each, b"first"))
    each.forget(key("a"))
    assert each.lookup(key("a")) is None
    second = _record(each, b"second")
    assert each.record(key("a"), second) == second


@pytest.mark.parametrize("content", [b"", b"x", os.urandom(3_000_001)], ids=["empty", "short", "long"])
def test_a_file_is_taken_in_whole_and_read_only(each: AnyCache, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "voice.wav"
    file.write_bytes(content)
    blob = each.put_file(file)
    assert blob == Blob(digest_bytes(content), len(content))
    assert not file.exists()
    kept = each.open_blob(blob.digest)
    assert kept.read_bytes() == content
    assert kept.stat().st_mode & 0o777 == 0o444
    assert each.put_bytes(content) == blob


def test_a_blob_that_is_missing_is_said_to_be(each: AnyCache) -> None:
    with pytest.raises(CorruptBlob, match="missing"):
        each.open_blob(digest_bytes(b"nowhere"))


def test_a_damaged_blob_is_found_when_opened_and_is_a_miss_from_then_on(
    each: AnyCache, key: Key, damage: Damage, settle: Callable[[], None]
) -> None:
    record = _record(each, b"content", b"other")
    each.record(key("a"), record)
    blob = record.outputs["out0"]
    settle()
    each.open_blob(blob.digest)  # From here on its signature is remembered as sound.
    damage(each.blobs.path_of(blob.digest))
    with pytest.raises(CorruptBlob, match="does not match"):
        each.open_blob(blob.digest)
    assert each.lookup(key("a")) is None
    assert each.put_bytes(b"content") == blob
    assert each.lookup(key("a")) == record


def test_a_damaged_or_lost_blob_makes_its_record_a_miss(each: AnyCache, key: Key, damage: Damage) -> None:
    def truncate(path: Path) -> None:
        os.truncate(path, 3)

    def remove(path: Path) -> None:
        path.unlink()

    for n, harm in enumerate([damage, remove, truncate]):
        record = _record(each, b"content %d" % n)
        each.record(key(n), record)
        assert each.lookup(key(n)) == record
        path = each.blobs.path_of(record.outputs["out0"].digest)
        path.chmod(0o644)
        harm(path)
        assert each.lookup(key(n)) is None
        assert each.lookup_many([key(n)]) == {}


def test_a_damaged_blob_is_replaced_when_its_content_comes_again(
    each: AnyCache, damage: Damage, tmp_path: Path
) -> None:
    blob = each.put_bytes(b"content")
    damage(each.blobs.path_of(blob.digest))
    again = tmp_path / "again"
    again.write_bytes(b"content")
    assert each.put_file(again) == blob
    assert each.open_blob(blob.digest).read_bytes() == b"content"


def test_what_an_action_was_made_of_is_told_exactly(each: AnyCache, key: Key) -> None:
    action = ActionId("072/voice/1")
    assert each.last(action) is None
    assert each.last_outputs(action) is None
    each.remember(action, key("a"), {"stage": "voice", "backend": "old"}, _record(each, b"1"))
    record = _record(each, b"2")
    each.remember(action, key("b"), PARTS, record)
    assert each.last(action) == PARTS
    assert each.last_outputs(action) == record.outputs


def test_a_predicted_time_is_the_last_one_or_the_average_of_the_stage(each: AnyCache, key: Key) -> None:
    for name, seconds in [("1", 2.0), ("2", 4.0)]:
        each.remember(ActionId(name), key(name), PARTS, _record(each, b"", seconds=seconds))
    cases = {
        ("1", "voice", "espeak"): 2.0,
        ("3", "voice", "espeak"): 3.0,
        ("1", "voice", "other"): None,
        ("3", "mix", "espeak"): None,
    }
    for (action, stage, backend), expected in cases.items():
        assert each.seconds_for(ActionId(action), stage, backend) == expected
    many = [(ActionId("1"), "voice", "espeak"), (ActionId("3"), "voice", "espeak"), (ActionId("4"), "mix", "espeak")]
    assert each.seconds_for_many(many) == {"1": 2.0, "3": 3.0}


def test_a_batch_that_fails_keeps_nothing(each: AnyCache, key: Key) -> None:
    with each.batch():
        each.record(key("a"), _record(each, b"kept"))

    def fail() -> None:
        with each.batch():
            each.record(key("b"), _record(each, b"dropped"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert set(each.lookup_many([key("a"), key("b")])) == {key("a")}


def test_equal_contents_are_counted_once(each: AnyCache, key: Key) -> None:
    each.record(key("a"), _record(each, b"12345", b"123"))
    each.record(key("b"), _record(each, b"12345"))
    assert each.size() == 8
