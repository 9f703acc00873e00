"""Runs other people's programs without a shell and keeps their output; exit code 0 alone does not prove success."""

import fcntl
import os
import select
import shlex
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from episodec.errors import BackendError, TimedOut

_TAIL_BYTES = 4096
_TAIL_LINES = 5
_PIPE_BYTES = 1 << 20
_LOOK_S = 0.1  # Polling interval for a program that closed its output or left it to a child.


def run_tool(  # noqa: PLR0913  # Keywords, as subprocess takes them.
    argv: Sequence[str | os.PathLike[str]],
    *,
    feed: Iterable[bytes | memoryview] | None = None,
    log: Path | None = None,
    timeout_s: float | None = None,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    watch: Callable[[bytes], None] | None = None,
) -> None:
    """Run a program to its end; its output goes to `log`, or to our stdout, and piece by piece to `watch`.

    Its stdin is empty, or `feed`: pieces of bytes, each requested once the previous one is written, so only one is in
    memory. It has its own process group, which is killed with it, in the worker's session, which dies with the worker.
    `env` replaces the environment. An exception of `watch` ends the program and is raised here.

    Raises:
        BackendError: it cannot be started, failed, was killed by a signal, or did not read all of `feed`.
        TimedOut: it ran longer than `timeout_s` and was killed.
    """
    command = [os.fspath(part) for part in argv]
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL if feed is None else subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            bufsize=0,
            cwd=cwd,
            env=None if env is None else dict(env),
            process_group=0,
        )
    except OSError as error:
        facts = {"program": command[0], "error": error.strerror or error, "found in": error.filename or "PATH"}
        raise BackendError("cannot start a program", facts=facts, hint="is it installed?") from error
    sink = 1 if log is None else os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)
    output = _OutputTee(sink, watch)
    given = None if process.stdin is None else _StdinFeeder(process.stdin, iter(feed or ()))
    try:
        in_time = _pump(process, output.write, given, timeout_s)
    finally:
        _kill_group(process.pid)  # Before it is reaped, while its PID cannot be reused.
        code = process.wait()
        assert process.stdout is not None
        process.stdout.close()
        if process.stdin is not None:
            process.stdin.close()
        if log is not None:
            os.close(sink)
    facts = {"command": shlex.join(command), "said": output.last_lines()}
    if not in_time:
        raise TimedOut("a program exceeded its time limit and was stopped", facts={**facts, "limit": f"{timeout_s} s"})
    if code != 0:
        raise BackendError("a program failed", facts={**facts, "ended": _ending(code)})
    if given is not None and not given.is_done:
        raise BackendError("a program ended before it read all of its input", facts=facts)


@dataclass(slots=True)
class _OutputTee:
    """Copies a program's output to the sink and remembers its end."""

    sink: int
    watch: Callable[[bytes], None] | None = None
    tail: bytearray = field(default_factory=bytearray)

    def write(self, piece: bytes) -> None:
        view = memoryview(piece)
        while view:
            view = view[os.write(self.sink, view) :]
        self.tail += piece
        del self.tail[:-_TAIL_BYTES]
        if self.watch is not None:
            self.watch(piece)

    def last_lines(self) -> str:
        lines = [line.strip() for line in self.tail.decode(errors="replace").splitlines() if line.strip()]
        return " | ".join(lines[-_TAIL_LINES:]) or "nothing"


@dataclass(slots=True)
class _StdinFeeder:
    """Writes pieces to a program's stdin without blocking: it may be waiting for us to read its output."""

    pipe: IO[bytes]
    pieces: Iterator[bytes | memoryview]
    left: memoryview = field(default_factory=lambda: memoryview(b""))
    is_done: bool = False

    def __post_init__(self) -> None:
        os.set_blocking(self.pipe.fileno(), False)
        with suppress(OSError, AttributeError):  # Linux only, within the user's limit.
            fcntl.fcntl(self.pipe.fileno(), fcntl.F_SETPIPE_SZ, _PIPE_BYTES)

    def feed(self) -> None:
        """Write as much of a piece as the pipe accepts; after the last piece, close it."""
        if not self.left:
            piece = next(self.pieces, None)
            if piece is None:
                self.is_done = True
                self.pipe.close()
                return
            self.left = memoryview(piece).cast("B")
        try:
            self.left = self.left[os.write(self.pipe.fileno(), self.left) :]
        except BlockingIOError:
            return
        except BrokenPipeError:
            self.pipe.close()


def _pump(
    process: "subprocess.Popen[bytes]",
    take: Callable[[bytes], None],
    given: _StdinFeeder | None,
    timeout_s: float | None,
) -> bool:
    """Copy output and input until the program ends; returns whether it ended in time."""
    assert process.stdout is not None
    pipe = process.stdout.fileno()
    os.set_blocking(pipe, False)
    end = None if timeout_s is None else time.monotonic() + timeout_s
    is_open = True
    while True:
        has_ended = os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
        is_open = is_open and _drain(pipe, take)
        if has_ended:
            return True
        pause = _LOOK_S if end is None else min(_LOOK_S, end - time.monotonic())
        if pause <= 0:
            return False
        if given is not None and not given.pipe.closed:
            if select.select([pipe] if is_open else [], [given.pipe], [], pause)[1]:
                given.feed()
        elif is_open:
            select.select([pipe], [], [], pause)
        else:
            time.sleep(min(pause, 0.005))


def _drain(pipe: int, take: Callable[[bytes], None]) -> bool:
    """Read the available output; returns whether more may come."""
    while True:
        try:
            piece = os.read(pipe, 1 << 16)
        except BlockingIOError:
            return True
        if not piece:
            return False
        take(piece)


def _kill_group(leader: int) -> None:
    with suppress(ProcessLookupError, PermissionError):  # macOS raises it for a group of zombies.
        os.killpg(leader, signal.SIGKILL)


def _ending(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    with suppress(ValueError):
        return f"killed by {signal.Signals(-code).name}"
    return f"killed by signal {-code}"
