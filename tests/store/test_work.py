import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from episodec.engine.key import ActionKey
from episodec.errors import StoreError
from episodec.store.layout import StoreLayout, open_layout
from episodec.store.work import drop_scratch, open_work, remove_dead_work, remove_tree, scratch_for
from tests.store.looking import names_in

Key = Callable[[object], ActionKey]

HOLDER = """
import sys
from episodec.store.layout import StoreLayout
from episodec.store.work import open_work
work = open_work(StoreLayout(sys.argv[1]), sys.argv[2])
(work.outputs / "half").write_bytes(b"half")
print(work.path, flush=True)
sys.stdin.read()
"""


def test_a_work_folder_is_empty_and_goes_with_its_block(layout: StoreLayout, key: Key) -> None:
    with open_work(layout, key("a")) as work:
        assert names_in(work.inputs) == names_in(work.outputs) == []
        (work.outputs / "deep").mkdir()
        (work.outputs / "deep" / "file").write_bytes(b"x")
        assert remove_dead_work(layout) == 0
        assert (work.outputs / "deep" / "file").exists()
    assert names_in(layout.work) == []


def test_what_a_killed_build_left_is_removed_and_what_a_live_one_has_is_not(layout: StoreLayout, key: Key) -> None:
    command = [sys.executable, "-c", HOLDER, layout.root, key("a")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        path = Path(holder.stdout.readline().decode().strip())
        assert remove_dead_work(layout) == 0
        with open_work(layout, key("a")) as work:
            assert work.path != path
        holder.send_signal(signal.SIGKILL)
    assert (path / "out" / "half").exists()
    assert remove_dead_work(layout) == 1
    assert names_in(layout.work) == []


def test_a_folder_whose_maker_was_killed_at_once_is_removed_when_old(layout: StoreLayout) -> None:
    fresh = Path(layout.work, "new-1")
    fresh.mkdir()
    assert remove_dead_work(layout) == 0  # Its maker may be about to lock it.
    assert fresh.exists()


def test_scratch_survives_until_it_is_dropped(layout: StoreLayout, key: Key) -> None:
    scratch = scratch_for(layout, key("a"))
    (scratch / "step-500").write_bytes(b"checkpoint")
    before = scratch.stat().st_mtime_ns
    time.sleep(0.02)
    assert scratch_for(layout, key("a")) == scratch
    assert scratch.stat().st_mtime_ns > before
    assert names_in(scratch) == ["step-500"]
    drop_scratch(layout, key("a"))
    drop_scratch(layout, key("a"))
    assert names_in(layout.scratch) == []


def test_read_only_folders_are_removed_all_the_same() -> None:
    code = (
        "import os, sys; from pathlib import Path; from episodec.store.work import remove_tree\n"
        "try: os.setuid(65534)\n"
        "except PermissionError: pass  # Not the almighty one, to whom no folder is read-only.\n"
        "top = Path(sys.argv[1], 'top'); (top / 'a' / 'b').mkdir(parents=True); (top / 'a' / 'b' / 'c').touch();"
        "(top / 'a' / 'd').touch(); (top / 'a' / 'b').chmod(0); (top / 'a').chmod(0o500); remove_tree(top);"
        "print(os.listdir(sys.argv[1]))"
    )
    place = Path(tempfile.mkdtemp())  # pytest's own folders are closed to other users.
    place.chmod(0o777)
    try:
        done = subprocess.run([sys.executable, "-c", code, place], capture_output=True, check=True)
        assert done.stdout == b"[]\n"
    finally:
        remove_tree(place)


def test_a_full_disk_is_one_sentence(small_disk: Path, key: Key) -> None:
    layout = StoreLayout(small_disk)
    Path(layout.work).mkdir()
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    with pytest.raises(StoreError, match="read-only"):
        open_work(layout, key("a"))


def test_a_link_among_work_folders_is_removed_and_what_it_leads_to_stays(tmp_path: Path) -> None:
    layout = open_layout(tmp_path / "cache")
    (tmp_path / "elsewhere").mkdir()
    Path(layout.work, "0" * 32).symlink_to(tmp_path / "elsewhere")
    remove_dead_work(layout)
    assert list(Path(layout.work).iterdir()) == []
    assert list((tmp_path / "elsewhere").iterdir()) == []
