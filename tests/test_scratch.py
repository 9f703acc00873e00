"""The ground that tests stand on: a folder in memory that nothing is left of, and signals as a terminal has them."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests import scratch
from tests.builds.studio import ROOT

HOLDER = "import sys; from tests import scratch; print(scratch.take().folder, flush=True); sys.stdin.readline()"


def taken() -> tuple[subprocess.Popen[str], Path]:
    """A process that has a folder, and the folder with a file in it."""
    command = [sys.executable, "-c", HOLDER]
    holder = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    folder = Path(holder.stdout.readline().strip())
    (folder / "file").touch()
    return holder, folder


def is_gone(folder: Path) -> bool:
    end = time.monotonic() + 30
    while folder.exists() and time.monotonic() < end:
        time.sleep(0.01)
    return not folder.exists()


@pytest.fixture(autouse=True)
def room() -> None:
    place = scratch.take()
    if place is None:
        pytest.skip("there is no room in memory")
    place.give_back()
    assert not place.folder.exists()


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_of_tests_that_were_killed_no_file_is_left(how: signal.Signals) -> None:
    holder, folder = taken()
    other = scratch.take()
    assert other is not None
    assert folder.exists(), "whose process lives"
    other.give_back()
    holder.send_signal(how)
    holder.communicate()
    assert is_gone(folder)


def test_what_is_kept_stays_after_the_end() -> None:
    place = scratch.take()
    assert place is not None
    (place.folder / "file").touch()
    place.keep()
    place.give_back()
    assert (place.folder / "file").exists()
    (place.folder / "file").unlink()
    place.folder.rmdir()


@pytest.mark.parametrize("name", ["SIGINT", "SIGHUP", "SIGQUIT", "SIGTERM", "SIGPIPE"])
def test_a_program_that_tests_start_is_ended_by_a_signal_whatever_their_caller_ignores(name: str) -> None:
    ended = subprocess.run(["sh", "-c", f"kill -s {name[3:]} $$; sleep 1"], check=False, capture_output=True)
    assert ended.returncode == -signal.Signals[name]
