"""Worker processes: how they are reused, what they see, and how they end."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from episodec.engine.action import Resources
from episodec.engine.executor import Done, Failed, Later, Never, Now, Outcome, Task
from episodec.errors import BackendError, TimedOut, WorkerLost
from episodec.executors import local, memory
from episodec.executors.local import LocalExecutor
from episodec.runner.limits import LIBRARIES_MIB
from episodec.store.blobs import Blobs
from episodec.store.layout import open_layout
from tests.toys.orders import REPOSITORY, TOYS, sent

Make = Callable[..., LocalExecutor]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    built: list[LocalExecutor] = []

    def make(jobs: int = 2, **more: Any) -> LocalExecutor:
        built.append(LocalExecutor(TOYS, tmp_path / "store", jobs, extra_path=[str(REPOSITORY)], **more))
        return built[-1]

    yield make
    for executor in built:
        executor.close(kill=True)


def run(executor: LocalExecutor, *tasks: Task) -> dict[str, Outcome]:
    back: dict[str, Outcome] = {}
    for task in tasks:
        executor.submit(task)
    while len(back) < len(tasks):
        back.update({done.id: done for done in executor.wait(60)})
    return back


def look(root: Path, executor: LocalExecutor, name: str = "look", **more: Any) -> dict[str, Any]:
    done = run(executor, sent(root, "look", name, **more))[name]
    assert isinstance(done, Done), done
    text = Blobs(open_layout(root / "store")).open_blob(done.outputs["result.txt"].digest).read_text()
    tree: dict[str, Any] = json.loads(text)
    return tree


def lives(pid: int) -> bool:
    try:
        return b") Z" not in Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return False


def all_end(pids: list[int], within_s: float = 5.0) -> bool:
    end = time.monotonic() + within_s
    while any(map(lives, pids)) and time.monotonic() < end:
        time.sleep(0.01)
    return not any(map(lives, pids))


def wait_for(path: Path) -> list[int]:
    end = time.monotonic() + 20
    while time.monotonic() < end:
        with suppress(OSError):
            if len(pids := path.read_text().split()) == 4:
                return list(map(int, pids))
        time.sleep(0.01)
    raise AssertionError(f"{path} was not written")


def test_nothing_of_the_surroundings_reaches_a_backend(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    strange = {"LC_ALL": "tr_TR.UTF-8", "LANGUAGE": "tr", "TZ": "Asia/Kathmandu", "PYTHONHASHSEED": "77", "EDITOR": "x"}
    for name, value in {**strange, "PYTHONWARNINGS": "ignore", "OMP_NUM_THREADS": "64"}.items():
        monkeypatch.setenv(name, value)
    previous = os.umask(0o077)
    observed = look(tmp_path, make())
    os.umask(previous)
    environment = observed["environment"]
    assert {n: environment.get(n) for n in ("LC_ALL", "LANGUAGE", "TZ", "PYTHONHASHSEED", "EDITOR")} == {
        "LC_ALL": "C.UTF-8",
        "LANGUAGE": None,
        "TZ": "UTC",
        "PYTHONHASHSEED": "0",
        "EDITOR": None,
    }
    assert not {name for name in environment if name.startswith("PYTHON")} - {"PYTHONHASHSEED"}
    assert environment["CUDA_VISIBLE_DEVICES"] == ""
    assert environment["HF_HUB_OFFLINE"] == "1"
    assert environment["PATH"] == os.environ["PATH"]
    assert observed["zone"] == ["UTC", "UTC"]
    assert observed["encoding"].lower() == "utf-8"
    assert observed["umask"] == 0o022
    assert observed["stdin"] == ""


def test_a_backend_works_in_its_actions_own_folder(make: Make, tmp_path: Path) -> None:
    executor, folders = make(1), set[str]()
    for name in ("first", "second"):
        observed = look(tmp_path, executor, name)
        folders.add(observed["cwd"])
        assert Path(observed["cwd"]).parent == tmp_path / "store/work"
        assert observed["temporary"] == f"{observed['cwd']}/tmp"
        assert "" not in observed["path"]
    assert len(folders) == 2
    assert list((tmp_path / "store/work").iterdir()) == []


def test_what_is_printed_between_orders_disturbs_none(make: Make, tmp_path: Path) -> None:
    executor = make(1)
    run(executor, sent(tmp_path, "late"))
    for n in range(5):
        time.sleep(0.03)
        assert isinstance(run(executor, sent(tmp_path, "concat", f"task{n}"))[f"task{n}"], Done)


def test_threads_follow_the_order_and_never_the_machine(make: Make, tmp_path: Path) -> None:
    executor = make(2)
    assert look(tmp_path, executor, "one")["environment"]["OMP_NUM_THREADS"] == "1"
    assert look(tmp_path, executor, "many", cpus=7)["environment"]["OMP_NUM_THREADS"] == "7"


def test_a_warm_worker_takes_other_light_backends_too(make: Make, tmp_path: Path) -> None:
    executor = make(4)
    first = look(tmp_path, executor, "one")["pid"]
    run(executor, sent(tmp_path, "concat", "two"))
    assert look(tmp_path, executor, "three")["pid"] == first


def test_a_worker_that_holds_a_model_is_left_to_its_backend(make: Make, tmp_path: Path) -> None:
    executor = make(2)
    heavy = look(tmp_path, executor, "heavy", memory_mib=100)["pid"]
    light = look(tmp_path, executor, "light", settings={"other": "1"})["pid"]
    assert light != heavy
    assert look(tmp_path, executor, "again", memory_mib=100)["pid"] == heavy


def test_a_full_pool_reuses_the_worker_that_rested_longest(make: Make, tmp_path: Path) -> None:
    executor = make(1)
    first = look(tmp_path, executor, "one", memory_mib=100)["pid"]
    assert look(tmp_path, executor, "two", memory_mib=100, settings={"other": "1"})["pid"] == first


def test_idle_models_make_way_when_memory_is_short(make: Make, tmp_path: Path) -> None:
    executor = make(2, memory_mib=150)
    idle = look(tmp_path, executor, "idle", memory_mib=100)["pid"]
    assert look(tmp_path, executor, "next", memory_mib=100, settings={"other": "1"})["pid"] != idle
    assert not lives(idle)


def test_each_gpu_task_sees_its_own_gpu(make: Make, tmp_path: Path) -> None:
    executor = make(4, gpus=(2, 5))
    executor.submit(sent(tmp_path, "slow", "hold", params={"seconds": "1"}, gpus=1))
    assert executor.offer("look", Resources(gpus=2)) == Later()
    observed = look(tmp_path, executor, gpus=1)
    assert (observed["gpus"], observed["environment"]["CUDA_VISIBLE_DEVICES"]) == ([5], "5")


def test_another_backend_on_a_gpu_gets_a_fresh_worker(make: Make, tmp_path: Path) -> None:
    executor = make(4, gpus=(0,))
    first = look(tmp_path, executor, "one", gpus=1)["pid"]
    assert look(tmp_path, executor, "two", gpus=1)["pid"] == first
    assert look(tmp_path, executor, "three", gpus=1, settings={"other": "1"})["pid"] != first
    assert not lives(first)


def test_more_gpus_than_there_are_are_never_offered_and_the_settings_file_is_named(make: Make) -> None:
    offered = make(2, gpus=(0,)).offer("concat", Resources(gpus=2))
    assert isinstance(offered, Never)
    assert offered.reason.facts == {"backend": "concat", "wanted": "2", "there are": "1"}
    assert "episodec.local.yaml" in (offered.reason.hint or "")


def test_a_task_larger_than_the_machine_runs_alone(make: Make, tmp_path: Path) -> None:
    executor = make(2, memory_mib=100)
    executor.submit(sent(tmp_path, "slow", params={"seconds": "0.2"}, cpus=8, memory_mib=500))
    assert executor.offer("slow", Resources()) == Later()
    assert len(executor.wait(60)) == 1
    assert executor.offer("slow", Resources(cpus=8, memory_mib=500)) == Now()


def test_tasks_run_at_one_time(make: Make, tmp_path: Path) -> None:
    executor = make(2)
    executor.prestart(2)
    slow = [sent(tmp_path, "slow", name, params={"seconds": "3"}) for name in ("one", "two")]
    started = time.monotonic()
    run(executor, *slow)
    assert time.monotonic() - started < 5.9, "as long as one after the other"


def test_wait_comes_back_when_its_time_is_over(make: Make, tmp_path: Path) -> None:
    executor = make(1)
    executor.submit(sent(tmp_path, "slow", params={"seconds": "5"}))
    started = time.monotonic()
    assert executor.wait(0.2) == []
    assert 0.1 < time.monotonic() - started < 4.9, "as long as the task"


@pytest.mark.parametrize("name", ["SIGKILL", "SIGSEGV", "SIGTERM"])
def test_a_worker_that_dies_is_a_failure_of_its_task_only(make: Make, tmp_path: Path, name: str) -> None:
    executor = make(2)
    slow = sent(tmp_path, "slow", "slow", params={"seconds": "0.3"})
    back = run(executor, slow, sent(tmp_path, "crash", params={"signal": name}))
    assert isinstance(back["slow"], Done)
    failed = back["one"]
    assert isinstance(failed, Failed)
    assert isinstance(failed.error, WorkerLost)
    assert failed.error.facts["worker"] == f"killed by {name}"
    assert "about to crash" in Path(failed.error.facts["log"]).read_text()
    assert list((tmp_path / "store/work").iterdir()) == []
    assert isinstance(run(executor, sent(tmp_path, "concat", "after"))["after"], Done)


def test_an_idle_worker_that_was_killed_costs_nobody(make: Make, tmp_path: Path) -> None:
    executor = make(1)
    pid = look(tmp_path, executor)["pid"]
    os.kill(pid, signal.SIGKILL)
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    assert look(tmp_path, executor, "again")["pid"] != pid


def test_a_backend_that_cannot_be_imported_fails_by_name(tmp_path: Path) -> None:
    executor = LocalExecutor({"gone": "no_such_package.x:Y"}, tmp_path / "store", 1)
    failed = run(executor, sent(tmp_path, "gone"))["one"]
    executor.close()
    assert isinstance(failed, Failed)
    assert "no_such_package" in str(failed.error)


def test_a_task_past_its_limit_is_stopped_with_its_children(make: Make, tmp_path: Path) -> None:
    executor = make(1)
    failed = run(executor, sent(tmp_path, "spawn", settings={"pids": str(tmp_path / "pids")}, timeout_s=1.5))["one"]
    assert isinstance(failed, Failed)
    assert isinstance(failed.error, TimedOut)
    assert failed.error.facts["limit"] == "1.5 s"
    assert 1.4 < failed.seconds < 4
    assert all_end(wait_for(tmp_path / "pids"), 0.5)
    assert isinstance(run(executor, sent(tmp_path, "concat", "after"))["after"], Done)


@pytest.mark.parametrize("kill", [False, True])
def test_closing_leaves_no_process_and_no_zombie(make: Make, tmp_path: Path, *, kill: bool) -> None:
    executor = make(1)
    executor.submit(sent(tmp_path, "spawn", settings={"pids": str(tmp_path / "pids")}))
    pids = wait_for(tmp_path / "pids")
    executor.close(kill=kill)
    assert all_end(pids, 0.5)
    assert list((tmp_path / "store/work").iterdir()) == []
    with pytest.raises(ChildProcessError):
        os.waitpid(pids[0], os.WNOHANG)


PARENT = """
import sys, time
from pathlib import Path
from episodec.executors.local import LocalExecutor
from tests.toys.orders import REPOSITORY, TOYS, sent
root = Path(sys.argv[1])
executor = LocalExecutor(TOYS, root / "store", 2, extra_path=[str(REPOSITORY)])
executor.submit(sent(root, "spawn", "one", settings={"pids": str(root / "pids")}))
executor.submit(sent(root, "spawn", "two", settings={"pids": str(root / "more")}))
executor.wait(None)
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_no_worker_and_no_grandchild_outlives_a_killed_parent(tmp_path: Path, how: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, str(tmp_path)], cwd=REPOSITORY, stderr=subprocess.DEVNULL
    ) as parent:
        pids = wait_for(tmp_path / "pids") + wait_for(tmp_path / "more")
        assert all(map(lives, pids))
        parent.send_signal(how)
        parent.wait(10)
        assert all_end(pids, 3)


def test_the_terminals_interrupt_does_not_reach_workers(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, str(tmp_path)], cwd=REPOSITORY, stderr=subprocess.DEVNULL, process_group=0
    ) as parent:
        pids = wait_for(tmp_path / "pids") + wait_for(tmp_path / "more")
        os.kill(parent.pid, signal.SIGSTOP)
        os.killpg(parent.pid, signal.SIGINT)
        time.sleep(0.2)
        survived = all(map(lives, pids))
        os.kill(parent.pid, signal.SIGKILL)
        parent.wait(10)
    assert survived
    assert all_end(pids, 3)


def test_more_memory_than_there_may_be_is_told_as_that(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local, "allowed_mib", lambda *_: 64 - LIBRARIES_MIB + 700)
    executor = make(1)
    failed = run(executor, sent(tmp_path, "hoard", params={"mib": "3000"}))["one"]
    assert isinstance(failed, Failed)
    assert isinstance(failed.error, BackendError)
    assert failed.error.sentence == "out of memory"
    assert isinstance(run(executor, sent(tmp_path, "hoard", "after", params={"mib": "10"}))["after"], Done)


def test_where_a_gpu_maps_more_what_is_resident_is_watched(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local, "allowed_mib", lambda *_: 200)
    executor = make(1, gpus=[0])
    failed = run(executor, sent(tmp_path, "hoard", params={"mib": "300"}, gpus=1))["one"]
    assert isinstance(failed, Failed)
    assert isinstance(failed.error, BackendError)
    assert failed.error.sentence == "out of memory"
    assert isinstance(run(executor, sent(tmp_path, "hoard", "after", params={"mib": "10"}, gpus=1))["after"], Done)


def test_more_files_than_may_be_open_are_told_as_that(make: Make, tmp_path: Path) -> None:
    failed = run(make(1), sent(tmp_path, "hoard", params={"how": "files"}))["one"]
    assert isinstance(failed, Failed)
    assert isinstance(failed.error, BackendError)
    assert failed.error.sentence == "too many open files"


@pytest.mark.parametrize(
    ("set_mib", "asked_mib", "allowed"), [(None, 0, 16_000), (8000, 0, 8000), (64, 100, 4096), (64, 9000, 18_000)]
)
def test_the_settings_or_the_machine_bound_an_actions_memory(
    monkeypatch: pytest.MonkeyPatch, set_mib: int | None, asked_mib: int, allowed: int
) -> None:
    monkeypatch.setattr(memory, "machine_mib", lambda: 16_000)
    assert memory.allowed_mib(set_mib, asked_mib) == allowed
