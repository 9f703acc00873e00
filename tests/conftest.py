"""The setup of every test: where its files are, its signals, its examples, and threads that sleep while they wait."""

import gc
import os
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, settings

from tests import scheduling, scratch
from tests.shared_cache import SHARED_CACHE

# As in `executors.environment`, and before anything imports torch, which reads it once: tests in this process share
# their cores with others.
os.environ["OMP_WAIT_POLICY"] = "PASSIVE"

# A shared machine is slow at times: a deadline would fail tests for that. pytest's own timeout catches hangs. Of a
# failure the smallest example is shown; what else could be varied in it takes minutes to find out.
settings.register_profile(
    "episodec",
    deadline=None,
    max_examples=50,
    print_blob=True,
    derandomize=True,
    phases=[phase for phase in Phase if phase is not Phase.explain],
)
settings.register_profile("campaign", settings.get_profile("episodec"), derandomize=False, max_examples=100)
settings.load_profile("episodec")

DISK = "EPISODEC_TESTS_DISK"  # Where the machine has its temporary files, for tests that ask for a disk.


def _is_ignored(_number: int, _frame: object) -> None:
    """Do nothing, as who started the tests wants it. Unlike SIG_IGN this ends where another program begins."""


def pytest_configure(config: pytest.Config) -> None:
    """Signals that are ignored or held back (`make test &` in a script, `nohup`) are so for the tests alone: the
    programs that they start are born with the signals of a terminal. And files go to memory where there is room.
    """
    os.environ["EPISODEC_ACCEPT_SETTINGS"] = "1"  # Projects of tests have no git, and their settings are our own.
    os.environ["XDG_CACHE_HOME"] = SHARED_CACHE
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
        if signal.getsignal(number) is signal.SIG_IGN and number not in (signal.SIGPIPE, signal.SIGXFSZ):  # Python's.
            signal.signal(number, signal.SIG_DFL if number == signal.SIGCHLD else _is_ignored)
    if hasattr(config, "workerinput"):
        return  # Its files are where xdist says, below those of the process that started it.
    os.environ[DISK] = tempfile.gettempdir()
    place = scratch.take()
    if place is not None:
        config.add_cleanup(place.give_back)
        config.stash[PLACE] = place
        os.environ["TMPDIR"] = tempfile.tempdir = str(place.folder)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Sort the tests that take longest to the front."""
    items.sort(key=lambda item: scheduling.place_of(item.nodeid))


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Thousands of tests and the libraries that they import are there to the end: the garbage collector need not look
    at them while they come, nor again and again afterwards.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.enable()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> scheduling.Scheduling:
    """Tests that share what was made for them stay in one process."""
    return scheduling.Scheduling(config, log)


PLACE = pytest.StashKey[scratch.Place]()


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    place = session.config.stash.get(PLACE, None)
    if place is not None and exitstatus == pytest.ExitCode.TESTS_FAILED:
        place.keep()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    place = config.stash.get(PLACE, None)
    if place is not None and place.is_kept:
        terminalreporter.write_line(f"The files of failed tests are in {place.folder} until the next run.")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Iterator[None]:
    """A test leaves the working folder that it found: the next one would stand in a folder that is removed."""
    yield
    if not item.config.invocation_params.dir.samefile("."):
        os.chdir(item.config.invocation_params.dir)
        pytest.fail("the working folder is another one now")


@pytest.fixture
def on_disk() -> Iterator[Path]:
    """A folder on a disk, whose syncs take their time, for builds that are killed in the middle of one."""
    with tempfile.TemporaryDirectory(dir=os.environ[DISK]) as folder:
        yield Path(folder)
