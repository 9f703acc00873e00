"""Programs that are run, fail, hang and leave children behind."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from episodec.errors import BackendError, TimedOut
from episodec.tools.process import run_tool


def shell(script: str) -> list[str]:
    return ["/bin/sh", "-c", script]


def test_output_goes_to_the_log(tmp_path: Path) -> None:
    run_tool(shell("echo one; echo two >&2; cat; pwd"), log=tmp_path / "log", cwd=tmp_path)
    run_tool(shell("echo three"), log=tmp_path / "log")
    assert (tmp_path / "log").read_text() == f"one\ntwo\n{tmp_path}\nthree\n"


def test_without_a_log_output_goes_where_ours_goes(capfd: pytest.CaptureFixture[str]) -> None:
    run_tool(shell("echo one"))
    assert capfd.readouterr().out == "one\n"


def test_a_failure_tells_the_command_the_code_and_the_last_lines(tmp_path: Path) -> None:
    with pytest.raises(BackendError) as caught:
        run_tool(shell("seq 1 10000; echo 'no such codec'; exit 3"), log=tmp_path / "log")
    facts = caught.value.facts
    assert facts["ended"] == "exit code 3"
    assert facts["said"].endswith("10000 | no such codec")
    assert "no such codec" in facts["command"]


def test_a_signal_is_named(tmp_path: Path) -> None:
    with pytest.raises(BackendError) as caught:
        run_tool(shell("kill -SEGV $$"), log=tmp_path / "log")
    assert caught.value.facts["ended"] == "killed by SIGSEGV"


def test_a_missing_program_is_named() -> None:
    with pytest.raises(BackendError) as caught:
        run_tool(["no-such-program", "-x"])
    assert caught.value.facts["program"] == "no-such-program"


def test_a_program_past_its_limit_is_killed_with_its_children(tmp_path: Path) -> None:
    started = time.monotonic()
    with pytest.raises(TimedOut):
        run_tool(shell("(sleep 1; echo late >> late) & sleep 60"), log=tmp_path / "log", cwd=tmp_path, timeout_s=0.3)
    assert time.monotonic() - started < 30, "it waited for the program's own end, a minute later"
    time.sleep(1.2)
    assert not (tmp_path / "late").exists()


def test_children_left_behind_neither_hold_us_up_nor_live_on(tmp_path: Path) -> None:
    started = time.monotonic()
    run_tool(shell("(sleep 60; echo late >> late) & echo $! > pid"), log=tmp_path / "log", cwd=tmp_path)
    assert time.monotonic() - started < 30, "it waited for the child's own end, a minute later"
    child = int((tmp_path / "pid").read_text())
    end = time.monotonic() + 20
    while Path(f"/proc/{child}").exists() and time.monotonic() < end:
        time.sleep(0.05)
    assert not Path(f"/proc/{child}").exists()
    assert not (tmp_path / "late").exists()


def test_who_watches_what_a_program_says_can_end_it(tmp_path: Path) -> None:
    def watch(piece: bytes) -> None:
        if b"diverged" in piece:
            raise BackendError("it diverged")

    started = time.monotonic()
    with pytest.raises(BackendError, match="it diverged"):
        run_tool(shell("echo fine; sleep 0.1; echo diverged; sleep 60; : > late"), cwd=tmp_path, watch=watch)
    assert time.monotonic() - started < 30, "it waited for the program's own end, a minute later"
    assert not (tmp_path / "late").exists()


def test_a_program_that_closes_its_output_is_waited_for(tmp_path: Path) -> None:
    run_tool(shell("exec >&- 2>&-; sleep 0.3; : > done"), log=tmp_path / "log", cwd=tmp_path)
    assert (tmp_path / "done").exists()


def test_a_given_environment_replaces_ours(tmp_path: Path) -> None:
    run_tool(["/usr/bin/env"], log=tmp_path / "log", env={"ONLY": "this"})
    assert (tmp_path / "log").read_text() == "ONLY=this\n"


def test_pieces_reach_a_program_that_talks_back_more_than_a_pipe_holds(tmp_path: Path) -> None:
    pieces = (bytes([number % 256]) * 300_000 for number in range(20))
    run_tool(["cat"], feed=pieces, log=tmp_path / "log")
    assert (tmp_path / "log").read_bytes() == b"".join(bytes([number % 256]) * 300_000 for number in range(20))


def test_pieces_are_asked_for_as_they_are_taken(tmp_path: Path) -> None:
    asked = 0

    def pieces() -> Iterator[bytes]:
        nonlocal asked
        for _ in range(100):
            asked += 1
            yield b"x" * 1_000_000

    with pytest.raises(BackendError, match="a program ended before it read all of its input"):
        run_tool(["head", "-c", "10"], feed=pieces(), log=tmp_path / "log")
    assert asked < 10


def test_a_failing_source_of_pieces_stops_the_program(tmp_path: Path) -> None:
    def pieces() -> Iterator[bytes]:
        yield b"one"
        raise BackendError("the source failed")

    with pytest.raises(BackendError, match="the source failed"):
        run_tool(["cat"], feed=pieces(), log=tmp_path / "log")


def test_a_program_killed_while_it_is_fed_is_told_as_killed(tmp_path: Path) -> None:
    endless = (b"x" * 100_000 for _ in iter(int, 1))
    with pytest.raises(BackendError) as caught:
        run_tool(
            ["sh", "-c", "head -c 1000000 >/dev/null; echo half-way; kill -9 $$"], feed=endless, log=tmp_path / "l"
        )
    assert "SIGKILL" in caught.value.facts["ended"]
    assert "half-way" in caught.value.facts["said"]


def test_a_program_that_does_not_read_is_stopped_in_time(tmp_path: Path) -> None:
    endless = (b"x" * 100_000 for _ in iter(int, 1))
    with pytest.raises(TimedOut):
        run_tool(["sleep", "60"], feed=endless, log=tmp_path / "log", timeout_s=0.3)
