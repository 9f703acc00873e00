import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from episodec.digest import digest_bytes
from episodec.engine.action import ActionId
from episodec.engine.cache import Blob, Record
from episodec.engine.key import ActionKey
from episodec.engine.notes import Note
from episodec.errors import StoreError, StoreFormatError
from episodec.store.cache import DiskCache, open_cache
from episodec.store.index import Index
from episodec.store.layout import StoreLayout, open_layout
from episodec.store.rows import KINDS
from tests.store.looking import names_in

Key = Callable[[object], ActionKey]


def _filled(layout: StoreLayout, key: Key) -> Record:
    cache = open_cache(layout)
    record = Record({"out": cache.put_bytes(b"content")}, 1.0)
    with cache.batch():
        for n in range(2000):
            cache.record(key(n), record)
    cache.index.close()
    return record


def _garbage(path: Path) -> None:
    path.write_bytes(b"this is not a database" * 1000)


def _truncated(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def _rotten(path: Path) -> None:
    content = bytearray(path.read_bytes())
    for start in range(8192, len(content), 4096):
        content[start : start + 64] = b"\xff" * 64
    path.write_bytes(content)


@pytest.mark.parametrize("harm", [_garbage, _truncated, _rotten])
def test_a_damaged_index_is_set_aside_with_a_notice_and_results_are_made_again(
    layout: StoreLayout, key: Key, harm: Callable[[Path], None]
) -> None:
    record = _filled(layout, key)
    harm(Path(layout.index))
    notices: list[str] = []
    cache = open_cache(layout, notices.append)
    actual = cache.lookup_many(key(n) for n in range(2000))
    assert not actual
    assert cache.record(key(0), record) == record  # The blob stayed.
    assert cache.lookup(key(0)) == record
    cache.index.close()
    (notice,) = notices
    assert "damaged" in notice
    assert [name for name in names_in(layout.damaged) if name.endswith(".db")] == ["index-1.db"]


def test_damage_found_while_writing_does_not_stop_the_build(layout: StoreLayout, key: Key) -> None:
    record = _filled(layout, key)
    notices: list[str] = []
    cache = open_cache(layout, notices.append)
    _rotten(Path(layout.index))
    with cache.batch():
        for n in range(2000, 2100):
            cache.record(key(n), record)
    assert len(notices) == 1
    assert cache.lookup(key(2099)) == record
    cache.index.close()


def test_a_build_whose_index_was_replaced_by_another_goes_on_with_the_new_one(layout: StoreLayout, key: Key) -> None:
    record = _filled(layout, key)
    notices: list[str] = []
    first, second = open_cache(layout, notices.append), open_cache(layout, notices.append)
    _rotten(Path(layout.index))
    for cache in (first, second):
        cache.lookup_many(key(n) for n in range(2000))
        cache.record(key("new"), record)
    assert len(notices) == 1
    assert first.lookup(key("new")) == second.lookup(key("new")) == record
    first.index.close()
    second.index.close()


def test_an_index_of_another_format_is_refused_and_left_alone(layout: StoreLayout, key: Key) -> None:
    _filled(layout, key)
    with sqlite3.connect(layout.index) as database:
        database.execute("PRAGMA user_version=99")
    database.close()
    before = Path(layout.index).read_bytes()
    with pytest.raises(StoreFormatError, match="another version"):
        open_cache(layout)
    assert Path(layout.index).read_bytes() == before


def test_a_format_that_no_version_has_is_damage(layout: StoreLayout, key: Key) -> None:
    record = _filled(layout, key)
    with sqlite3.connect(layout.index) as database:
        database.execute("PRAGMA user_version=16777217")
    database.close()
    cache = open_cache(layout)
    assert cache.lookup(key(0)) is None
    assert cache.record(key(0), record) == record
    cache.index.close()


def test_what_columns_hold_is_known_of_each_of_them(layout: StoreLayout) -> None:
    index = Index(layout)
    names = {"TEXT": (str,), "INTEGER": (int,), "REAL": (float, int), "BLOB": (bytes,)}
    tables = index.rows("SELECT name AS called FROM sqlite_master WHERE type = 'table'")
    columns = [row for (table,) in tables for row in index.rows(f"PRAGMA table_info({table})")]
    assert {row[1]: names[row[2]] for row in columns} == KINDS
    index.close()


def test_a_record_under_anothers_key_is_damage_and_never_taken_for_its_own(layout: StoreLayout, key: Key) -> None:
    cache = open_cache(layout)
    first, other = (Record({"out": cache.put_bytes(content)}, 1.0) for content in (b"one", b"other"))
    cache.record(key(1), first)
    cache.record(key(2), other)
    # As a damaged page of the table's index does it: a key leads to another's row.
    cache.index.write("UPDATE records SET outputs = (SELECT outputs FROM records WHERE key = ?)", (key(2),))
    assert cache.lookup(key(1)) is None
    assert cache.record(key(1), first) == first
    assert [name for name in names_in(layout.damaged) if name.endswith(".db")] == ["index-1.db"]
    cache.index.close()


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("outputs", "no JSON"),
        ("outputs", '{"out": 7}'),
        ("outputs", '{"out": ["xxh3-128:zz", 3]}'),
        ("outputs", "[]"),
        ("outputs", '{"out": ["xxh3-128:00000000000000000000000000000000", 3]}\n[{"code": "a-b"}]'),
        ("outputs", '{"out": ["xxh3-128:00000000000000000000000000000000", 3]}\n{}'),
        ("outputs", b"\xff"),
        ("outputs", 7),
        ("seconds", "soon"),
    ],
)
def test_a_row_that_cannot_have_been_written_is_damage(
    layout: StoreLayout, key: Key, column: str, value: object
) -> None:
    record, notices = _filled(layout, key), list[str]()
    cache = open_cache(layout, notices.append)
    cache.index.write(f"UPDATE records SET {column} = ? WHERE key = ?", (value, key(3)))
    assert cache.lookup(key(3)) is None
    assert cache.record(key(3), record) == record
    assert len(notices) == 1
    cache.index.close()


def test_no_note_is_lost_or_changed_without_its_record(layout: StoreLayout, key: Key) -> None:
    cache = open_cache(layout)
    outputs = {"out": cache.put_bytes(b"one")}
    record = Record(outputs, 1.0, (Note("toy-loud", "«Hey!» is loud", {"word": "Hey!", "n": 1.5}, "softly"),))
    assert cache.record(key(1), record) == record
    assert cache.lookup(key(1)) == record
    cache.index.write("UPDATE records SET outputs = substr(outputs, 1, instr(outputs, char(10)) - 1)")
    assert cache.lookup(key(1)) is None
    assert cache.record(key(1), record) == record
    cache.index.write("UPDATE records SET outputs = replace(outputs, 'Hey', 'Hoy')")
    assert cache.lookup(key(1)) is None
    cache.index.close()


def test_a_record_of_an_earlier_version_without_a_seal_is_read(layout: StoreLayout, key: Key) -> None:
    record = _filled(layout, key)
    cache = open_cache(layout)
    (blob,) = record.outputs.values()
    plain = f'{{"out":["{blob.digest}",{blob.size}]}}'
    cache.index.write("UPDATE records SET outputs = ? WHERE key = ?", (plain, key(3)))
    assert cache.lookup(key(3)) == record
    cache.index.close()


@pytest.mark.parametrize(
    "closure",
    [
        "'none'",
        "''",
        "7",
        f"'xxh3-128:{'0' * 32}'",
        "substr(closure, 1, 40)",
        "(SELECT other.closure FROM adapted other WHERE other.key <> adapted.key)",
    ],
)
def test_the_code_of_an_adapter_is_believed_of_its_own_result_alone(
    layout: StoreLayout, key: Key, closure: str
) -> None:
    cache = open_cache(layout)
    for n in range(2):
        cache.note_code(key(n), digest_bytes(b"code %d" % n))
    assert cache.code_of(key(1)) == digest_bytes(b"code 1")
    cache.index.write(f"UPDATE adapted SET closure = {closure} WHERE key = ?", (key(1),))
    assert cache.code_of(key(1)) is None
    assert cache.index.replaced == 1
    cache.index.close()


@pytest.mark.parametrize("name", ["index.db", "index.db-wal"])
def test_a_folder_in_the_place_of_the_index_is_set_aside(layout: StoreLayout, key: Key, name: str) -> None:
    record = _filled(layout, key)
    Path(layout.root, name).unlink(missing_ok=True)
    Path(layout.root, name, "something").mkdir(parents=True)
    cache = open_cache(layout)
    assert cache.record(key(0), record) == record
    cache.index.close()
    assert any(Path(layout.damaged, each).is_dir() for each in names_in(layout.damaged))


def test_a_statement_that_is_wrong_itself_damages_nothing(layout: StoreLayout, key: Key) -> None:
    record = _filled(layout, key)
    cache = open_cache(layout)
    with pytest.raises(StoreError, match="refused a statement"):
        cache.index.rows("SELECT nothing FROM records")
    assert cache.lookup(key(0)) == record
    assert names_in(layout.damaged) == []
    cache.index.close()


def test_a_locked_index_is_never_taken_for_a_damaged_one(layout: StoreLayout, key: Key) -> None:
    record = _filled(layout, key)
    cache = DiskCache(layout, Index(layout, busy_s=0.05))
    other = sqlite3.connect(layout.index, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="locked"):
        cache.record(key("new"), record)
    assert cache.lookup(key(0)) == record  # Reading goes on.
    other.execute("ROLLBACK")
    other.close()
    cache.record(key("new"), record)
    cache.index.close()
    assert names_in(layout.damaged) == []


def test_a_full_disk_is_one_sentence_and_loses_nothing(small_disk: Path, key: Key) -> None:
    layout = open_layout(small_disk / "cache")
    cache = open_cache(layout)
    record = Record({"out": cache.put_bytes(b"content")}, 1.0)
    cache.record(key("a"), record)
    with pytest.raises(StoreError, match=r"full|cannot be read or written") as caught:
        cache.remember(ActionId("a"), key("a"), {"stage": "s", "backend": "b", "text": "x" * 2_000_000}, record)
    assert caught.value.hint
    assert cache.lookup(key("a")) == record
    cache.index.close()
    assert names_in(layout.damaged) == []


def test_a_folder_that_is_gone_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be opened"):
        Index(StoreLayout(tmp_path / "nowhere"))


def test_an_index_that_an_older_version_made_gets_its_missing_tables(layout: StoreLayout) -> None:
    index = Index(layout)
    index.write("DROP TABLE specs")
    index.close()
    index = Index(layout)
    assert index.rows("SELECT * FROM specs") == []
    index.close()


def test_many_builds_make_the_first_index_at_once(layout: StoreLayout) -> None:
    code = (
        "import sys; from episodec.store.index import Index; from episodec.store.layout import open_layout;"
        "sys.stdin.readline(); Index(open_layout(sys.argv[1]), print).close()"
    )
    command = [sys.executable, "-W", "error", "-c", code, layout.root]
    builds = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) for _ in range(6)]
    for build in builds:
        assert build.stdin is not None
        build.stdin.write(b"go\n")
        build.stdin.flush()
    assert [(build.communicate(timeout=60)[0], build.returncode) for build in builds] == [(b"", 0)] * 6


def test_a_failed_block_writes_nothing_and_the_next_one_works(layout: StoreLayout) -> None:
    index = Index(layout)
    insert = "INSERT INTO fingerprints VALUES (?, '', '', '')"

    def fail() -> None:
        with index.transaction(), index.transaction():
            index.write(insert, ("a",))
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    with index.transaction():
        index.write_many(insert, [("b",), ("c",)])
    assert [row[0] for row in index.rows("SELECT name FROM fingerprints ORDER BY name")] == ["b", "c"]
    index.close()


def test_one_thread_uses_an_index(layout: StoreLayout) -> None:
    index = Index(layout)
    caught: list[Exception] = []

    def use() -> None:
        try:
            index.rows("SELECT 1")
        except Exception as error:  # noqa: BLE001 - looked at below.
            caught.append(error)

    thread = threading.Thread(target=use)
    thread.start()
    thread.join()
    assert len(caught) == 1
    index.close()


def test_an_index_of_before_results_lay_elsewhere_keeps_what_it_has(layout: StoreLayout, key: Key) -> None:
    record = _filled(layout, key)
    with sqlite3.connect(layout.index) as old:
        old.execute("DROP TABLE away")
    cache = open_cache(layout, fetch=lambda *_: None)
    assert cache.lookup(key(0)) == record
    away = Record({"out": Blob(digest_bytes(b"there"), 5, "there")}, 1.0)
    cache.record(key("away"), away)
    assert cache.lookup(key("away")) == away
    cache.index.close()
    assert names_in(layout.damaged) == []
