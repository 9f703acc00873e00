"""Builds that are killed, and builds that run at once, on one store."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from episodec.digest import digest_bytes
from episodec.engine.key import ActionKey
from episodec.store.cache import DiskCache, open_cache
from episodec.store.gc import collect
from episodec.store.layout import StoreLayout, open_layout
from tests.store.looking import names_in

WRITER = """
import os, sys
from pathlib import Path
from episodec.digest import digest_value
from episodec.engine.cache import Record
from episodec.store.cache import open_cache
from episodec.store.layout import open_layout
root, seed, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
cache = open_cache(open_layout(root))
print("ready", flush=True)
sys.stdin.readline()
for n in range(count):
    file = Path(root, "incoming", f"made-{os.getpid()}")
    file.write_bytes(f"{seed} {n}".encode() * 20000)
    record = Record({"file": cache.put_file(file), "note": cache.put_bytes(b"%d" % n)}, 1.0)
    first = cache.record(digest_value("test", str(n)), record)
    print(n, first.outputs["file"].digest, flush=True)
"""


@pytest.fixture
def tmp_path(on_disk: Path) -> Path:
    """Where syncs take their time, so that kills come in the middle of some."""
    return on_disk


def _writer(root: str | Path, seed: str, count: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WRITER, str(root), seed, str(count)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def _start(writer: subprocess.Popen[str]) -> None:
    assert writer.stdout is not None
    assert writer.stdin is not None
    assert writer.stdout.readline() == "ready\n"
    writer.stdin.write("go\n")
    writer.stdin.flush()


def _check_consistent(cache: DiskCache) -> int:
    """Every record is whole, every blob is what its name says; how many records there are."""
    for folder, _, names in os.walk(cache.layout.blobs):
        for name in names:
            content = Path(folder, name).read_bytes()
            assert digest_bytes(content) == f"xxh3-128:{Path(folder).name}{name}"
    keys = [ActionKey(key) for (key,) in cache.index.rows("SELECT key FROM records")]
    assert set(cache.lookup_many(keys)) == set(keys)
    return len(keys)


@pytest.mark.parametrize("kills", [12, pytest.param(400, marks=[pytest.mark.campaign, pytest.mark.timeout(1800)])])
def test_a_killed_writer_leaves_whole_blobs_and_whole_records(tmp_path: Path, kills: int) -> None:
    root = tmp_path / "cache"
    chance = random.Random(7)
    recorded = 0
    for round_ in range(kills):
        writer = _writer(root, f"round {round_ // 4}", 100_000)
        _start(writer)
        assert writer.stdout is not None
        messages = chance.choice(
            (0, 0, 1, 5)
        )  # However slow the machine is, some are killed after their first records.
        for _ in range(messages):
            writer.stdout.readline()
        time.sleep(chance.uniform(0.0, 0.08))
        assert writer.poll() is None
        writer.send_signal(signal.SIGKILL)
        writer.communicate()
        cache = open_cache(open_layout(root))
        recorded = _check_consistent(cache)
        assert recorded >= messages
        cache.index.close()
    assert recorded > 3  # Otherwise nothing was ever killed in the middle.


def test_what_a_killed_writer_left_is_collected_later(tmp_path: Path) -> None:
    root = tmp_path / "cache"
    writer = _writer(root, "a", 100_000)
    _start(writer)
    time.sleep(0.05)
    writer.kill()
    writer.communicate()
    cache = open_cache(open_layout(root))
    Path(cache.layout.incoming, "half").write_bytes(b"half")
    cache.put_bytes(b"never recorded")
    records = _check_consistent(cache)
    collect(cache, (), None, now_ns=lambda: time.time_ns() + 2 * 3600 * 10**9)
    assert _check_consistent(cache) == records
    assert names_in(cache.layout.incoming) == []
    assert not cache.blobs.has(digest_bytes(b"never recorded"), 14)
    cache.index.close()


def test_two_builds_at_once_agree_on_the_first_result(tmp_path: Path) -> None:
    root = tmp_path / "cache"
    writers = [_writer(root, seed, 60) for seed in ("one", "two")]
    for writer in writers:
        _start(writer)
    answers = [writer.communicate(timeout=60)[0] for writer in writers]
    assert [writer.returncode for writer in writers] == [0, 0]
    assert answers[0] == answers[1]
    assert len(answers[0].splitlines()) == 60
    cache = open_cache(open_layout(root))
    assert _check_consistent(cache) == 60
    cache.index.close()


def test_two_builds_that_make_the_same_bytes_share_one_blob(tmp_path: Path) -> None:
    root = tmp_path / "cache"
    writers = [_writer(root, "same", 60) for _ in range(2)]
    for writer in writers:
        _start(writer)
    for writer in writers:
        writer.communicate(timeout=60)
    assert [writer.returncode for writer in writers] == [0, 0]
    cache = open_cache(open_layout(root))
    assert _check_consistent(cache) == 60
    assert sum(len(names) for _, _, names in os.walk(cache.layout.blobs)) == 120
    assert names_in(cache.layout.damaged) == []
    cache.index.close()


def test_a_moved_cache_is_the_same_cache(
    layout: StoreLayout, tmp_path: Path, key: Callable[[object], ActionKey]
) -> None:
    writer = _writer(layout.root, "a", 3)
    _start(writer)
    writer.communicate(timeout=60)
    Path(layout.root).rename(tmp_path / "moved")
    cache = open_cache(open_layout(tmp_path / "moved"))
    assert _check_consistent(cache) == 3
    record = cache.lookup(key(0))
    assert record is not None
    assert cache.open_blob(record.outputs["file"].digest).is_relative_to(tmp_path / "moved")
    assert str(tmp_path) not in json.dumps([tuple(row) for row in cache.index.rows("SELECT * FROM records")])
    cache.index.close()
