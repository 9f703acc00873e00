"""The promises of every executor, on the inline one and on real worker processes."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from episodec.engine.action import Resources
from episodec.engine.executor import Done, Executor, Failed, Now, Outcome, Task
from episodec.errors import BackendError, TransientError
from episodec.executors.inline import InlineExecutor
from episodec.executors.local import LocalExecutor
from episodec.runner.perform import performer
from episodec.store.blobs import Blobs
from episodec.store.layout import open_layout
from tests.toys.orders import REPOSITORY, TOYS, sent


def inline(store: Path) -> Executor:
    return InlineExecutor(performer(TOYS, Blobs(open_layout(store))))


def local(store: Path) -> Executor:
    return LocalExecutor(TOYS, store, 2, extra_path=[str(REPOSITORY)])


@pytest.fixture(params=[inline, local])
def executor(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Executor]:
    make: Callable[[Path], Executor] = request.param
    executor = make(tmp_path / "store")
    yield executor
    executor.close()


def outcome(executor: Executor, task: Task) -> Outcome:
    executor.submit(task)
    (only,) = executor.wait(60)
    return only


def failure(executor: Executor, task: Task) -> BackendError:
    failed = outcome(executor, task)
    assert isinstance(failed, Failed)
    assert isinstance(failed.error, BackendError)
    return failed.error


def content(root: Path, done: Outcome, output: str = "result.txt") -> bytes:
    assert isinstance(done, Done), done
    return Blobs(open_layout(root / "store")).open_blob(done.outputs[output].digest).read_bytes()


def test_an_order_becomes_blobs(executor: Executor, tmp_path: Path) -> None:
    order = sent(tmp_path, "concat", params={"text": "a"}, inputs={"one": (b"b", b"c")}, outputs=("x.txt", "y.txt"))
    done = outcome(executor, order)
    assert content(tmp_path, done, "x.txt") == b"abcx.txt"
    assert content(tmp_path, done, "y.txt") == b"abcy.txt"
    assert done.id == order.id
    assert done.seconds > 0


def test_params_arrive_as_they_were_sent(executor: Executor, tmp_path: Path) -> None:
    done = outcome(executor, sent(tmp_path, "concat", params={"text": b"\xd1\x8f"}))
    assert content(tmp_path, done) == "я".encode()


def test_every_task_comes_back_exactly_once(executor: Executor, tmp_path: Path) -> None:
    waiting = [sent(tmp_path, "concat", f"task{n}", params={"text": f"{n}"}) for n in range(20)]
    names = {one.id for one in waiting}
    back: list[str] = []
    while waiting or len(back) < len(names):
        while waiting and executor.offer("concat", Resources()) == Now():
            executor.submit(waiting.pop())
        back += [done.id for done in executor.wait(60)]
    assert sorted(back) == sorted(names)
    assert executor.wait(0) == []


def test_an_idle_executor_has_room_for_anything(executor: Executor) -> None:
    assert executor.offer("concat", Resources(cpus=1000, memory_mib=1 << 30)) == Now()


def test_a_tool_that_fails_keeps_its_sentence_facts_and_hint(executor: Executor, tmp_path: Path) -> None:
    error = failure(executor, sent(tmp_path, "fail"))
    assert (error.sentence, error.facts, error.hint) == (
        "the toy fails",
        {"why": "it was asked to"},
        "ask for another toy",
    )
    assert (tmp_path / "one.log").read_text() == "about to fail\n"


def test_a_tools_own_exception_is_named_and_its_traceback_logged(executor: Executor, tmp_path: Path) -> None:
    error = failure(executor, sent(tmp_path, "fail", params={"how": "foreign"}))
    assert error.facts["error"] == "ZeroDivisionError: a tool's own mistake"
    assert "Traceback" in (tmp_path / "one.log").read_text()


def test_a_tool_that_exits_is_a_failure_not_a_lost_worker(executor: Executor, tmp_path: Path) -> None:
    error = failure(executor, sent(tmp_path, "fail", params={"how": "exit"}))
    assert type(error) is BackendError
    assert error.facts["error"] == "SystemExit: 3"


def test_a_transient_failure_stays_transient(executor: Executor, tmp_path: Path) -> None:
    order = sent(tmp_path, "flaky", params={"times": "1", "text": "x"}, settings={"counts": str(tmp_path)})
    assert isinstance(failure(executor, order), TransientError)
    assert content(tmp_path, outcome(executor, order)) == b"x"


@pytest.mark.parametrize(
    ("backend", "how", "sentence"),
    [
        ("liar", "", "the backend ended without one of its outputs"),
        ("liar", "link", "an output must be a regular file"),
        ("liar", "folder", "an output must be a regular file"),
        ("extra", "", "the backend wrote an undeclared output"),
    ],
)
def test_promises_are_checked(executor: Executor, tmp_path: Path, backend: str, how: str, sentence: str) -> None:
    assert failure(executor, sent(tmp_path, backend, params={"how": how})).sentence == sentence


def test_a_stage_that_the_backend_does_not_do_is_refused(executor: Executor, tmp_path: Path) -> None:
    error = failure(executor, sent(tmp_path, "concat", stage="cooking"))
    assert error.facts["stage"] == "cooking"


def test_chatter_goes_to_the_log_and_nowhere_else(
    executor: Executor, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    done = outcome(executor, sent(tmp_path, "chatty", params={"text": "fine"}))
    assert content(tmp_path, done) == b"fine"
    log = (tmp_path / "one.log").read_text()
    for output in (
        "by print x",
        "by print to stderr",
        "by descriptor 1",
        "by descriptor 2",
        "by child\n",
        "by child to stderr",
    ):
        assert output in log
    assert content(tmp_path, outcome(executor, sent(tmp_path, "concat", "two", params={"text": "2"}))) == b"2"
    observed = capfd.readouterr()
    assert observed.err == ""
    assert observed.out in ("", "by the first stdout\n")  # Inline, pytest owns the first stdout.


def test_a_model_is_loaded_once_for_many_tasks(executor: Executor, tmp_path: Path) -> None:
    (tmp_path / "model").write_bytes(b"weights ")
    settings = {"model": str(tmp_path / "model"), "loads": str(tmp_path / "loads")}
    for n in range(5):
        done = outcome(executor, sent(tmp_path, "model", f"task{n}", params={"text": f"{n}"}, settings=settings))
        assert content(tmp_path, done) == b"weights %d" % n
    assert len((tmp_path / "loads").read_text().split()) == 1


def test_no_work_fails_for_want_of_its_log(executor: Executor, tmp_path: Path) -> None:
    order = sent(tmp_path, "chatty", params={"text": "a"})
    order.log.mkdir(parents=True)  # Nothing can be written there, as on a full disk.
    assert content(tmp_path, outcome(executor, order)) == b"a"
