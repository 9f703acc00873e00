import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from episodec.engine.key import ActionKey
from episodec.errors import StoreError
from episodec.store.layout import StoreLayout
from episodec.store.locks import claim_store, hold_store, remove_dead_locks, try_acquire, try_lock
from tests.store.looking import names_in

Key = Callable[[object], ActionKey]

COUNTER = """
import sys, time
from pathlib import Path
from episodec.store.layout import StoreLayout
from episodec.store.locks import try_acquire
layout, key, file = StoreLayout(sys.argv[1]), sys.argv[2], Path(sys.argv[3])
for _ in range(150):
    while (lock := try_acquire(layout, key)) is None:
        pass
    with lock:
        file.write_text(str(int(file.read_text()) + 1))
"""

HOLDER = """
import sys
from episodec.store.layout import StoreLayout
from episodec.store.locks import try_acquire
lock = try_acquire(StoreLayout(sys.argv[1]), sys.argv[2])
print("held" if lock else "not held", flush=True)
sys.stdin.read()
"""


def test_one_action_has_one_maker(layout: StoreLayout, key: Key) -> None:
    lock = try_acquire(layout, key("a"))
    assert lock is not None
    assert try_acquire(layout, key("a")) is None
    other = try_acquire(layout, key("b"))
    assert other is not None
    lock.release()
    other.release()
    with try_acquire(layout, key("a")) or pytest.fail("still held"):
        pass
    assert names_in(layout.locks) == ["actions"]


def test_releasing_twice_harms_nobody(layout: StoreLayout, key: Key) -> None:
    lock = try_acquire(layout, key("a"))
    assert lock is not None
    lock.release()
    again = try_acquire(layout, key("a"))
    lock.release()
    assert try_acquire(layout, key("a")) is None
    assert again is not None
    again.release()


def test_a_killed_build_holds_no_lock(layout: StoreLayout, key: Key) -> None:
    command = [sys.executable, "-c", HOLDER, layout.root, key("a")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        assert try_acquire(layout, key("a")) is None
        remove_dead_locks(layout)
        assert try_acquire(layout, key("a")) is None
        holder.send_signal(signal.SIGKILL)
    with try_acquire(layout, key("a")) or pytest.fail("its holder is dead"):
        pass


def test_the_lock_files_of_earlier_versions_are_removed(layout: StoreLayout) -> None:
    Path(layout.locks, "0" * 32).touch()
    held = try_lock(f"{layout.locks}/{'1' * 32}")
    assert held is not None
    remove_dead_locks(layout)
    assert names_in(layout.locks) == ["1" * 32]
    held.release()


def test_a_started_program_does_not_inherit_a_lock(layout: StoreLayout, key: Key) -> None:
    lock = try_acquire(layout, key("a"))
    assert lock is not None
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE, close_fds=False):
        lock.release()
        again = try_acquire(layout, key("a"))
        assert again is not None
        again.release()


def test_many_builds_never_hold_a_lock_together(layout: StoreLayout, key: Key, tmp_path: Path) -> None:
    file = tmp_path / "counter"
    file.write_text("0")
    command = [sys.executable, "-c", COUNTER, layout.root, key("a"), str(file)]
    builds = [subprocess.Popen(command) for _ in range(4)]
    assert [build.wait(timeout=60) for build in builds] == [0] * 4
    assert file.read_text() == "600"


def test_gc_and_builds_keep_each_other_out(layout: StoreLayout) -> None:
    first, two = hold_store(layout), hold_store(layout)
    assert first is not None
    assert two is not None
    assert claim_store(layout) is None
    first.release()
    assert claim_store(layout) is None
    two.release()
    with claim_store(layout) or pytest.fail("nobody builds"):
        assert hold_store(layout) is None
        assert claim_store(layout) is None


def test_a_cache_that_is_gone_is_one_sentence(tmp_path: Path, key: Key) -> None:
    with pytest.raises(StoreError, match="cannot be used"):
        try_acquire(StoreLayout(tmp_path / "nowhere"), key("a"))
