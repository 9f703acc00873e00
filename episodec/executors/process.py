"""One worker process as its owner sees it: started, given orders, read, ended. Knows no pool and no slots."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from episodec import executors
from episodec.runner import fresh
from episodec.runner.environment import worker_environment
from episodec.runner.kill import kill_tree
from episodec.runner.wire import Incoming, Message, send


@dataclass(frozen=True, slots=True)
class Binding:
    """What a worker process keeps for life, because libraries read it once: its thread count and its GPUs."""

    cpus: int
    gpus: tuple[int, ...] = ()


class WorkerProcess:
    """A process that runs `executors.worker`, started by `runner/fresh.py`, in a session of its own: Ctrl-C misses it.

    It ends itself and its children when its order pipe ends, so it outlives us by no more than an instant.
    """

    def __init__(self, binding: Binding, extra_path: Sequence[str], log: Path | None) -> None:
        """`log` receives what it prints before its first order: a broken installation speaks there."""
        environment = worker_environment(os.environ, binding.cpus, binding.gpus, [*_package_path(), *extra_path])
        with _opened(log) as early:
            self._process = subprocess.Popen(
                # -P: the current folder is no place for modules.
                [sys.executable, "-P", "-S", "-X", "utf8", fresh.__file__, "episodec.executors.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=early,
                cwd="/",
                env=environment,
                start_new_session=True,
                bufsize=0,
            )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._orders = self._process.stdin.fileno()
        self.answers = self._process.stdout.fileno()
        os.set_blocking(self.answers, False)
        self._incoming = Incoming()
        self.binding = binding
        self.pid = self._process.pid

    def send(self, message: Mapping[str, object]) -> None:
        """Hand over an order. That the process has died shows in `read`, not here."""
        with suppress(BrokenPipeError):
            send(self._orders, message)

    def read(self) -> Iterator[Message]:
        """The answers that have come in.

        Raises:
            EOFError: the process has closed its end: it is dead or dying.
        """
        while True:
            try:
                piece = os.read(self.answers, 1 << 16)
            except BlockingIOError:
                return
            if not piece:
                raise EOFError
            yield from self._incoming.feed(piece)

    def is_alive(self) -> bool:
        """Whether the process has not ended. It is not reaped here, so that its number stays its own."""
        return os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None

    def hang_up(self) -> None:
        """Let it go: it ends itself, with its children."""
        assert self._process.stdin is not None
        self._process.stdin.close()

    def end(self, patience_s: float = 0.0) -> str:
        """Wait that long for its own end, then kill what is left, children included; gives how it ended, in words."""
        patient_until = time.monotonic() + patience_s
        while self.is_alive() and time.monotonic() < patient_until:
            time.sleep(0.002)
        kill_tree(self.pid)
        code = self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            pipe.close()
        return f"killed by {_signal_name(-code)}" if code < 0 else f"exit code {code}"


def _opened(log: Path | None) -> BinaryIO:
    """What is said before the first order goes here; nowhere when there is no log, or no room for one."""
    if log is not None:
        with suppress(OSError):
            log.parent.mkdir(parents=True, exist_ok=True)
            return log.open("ab")
    return open(os.devnull, "ab")  # noqa: PTH123 - the caller closes it.


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _package_path() -> list[str]:
    """Where the worker finds episodec; nothing when it is installed: a site folder must not come before the library."""
    (folder,) = executors.__path__
    root = Path(folder).parents[1]
    return [] if root.name in {"site-packages", "dist-packages"} else [str(root)]
