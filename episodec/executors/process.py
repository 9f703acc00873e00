"""One worker process as its owner sees it: started, sent orders, read, ended. Knows neither pool nor slots."""

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
    """Thread count and GPUs of a worker process, fixed for its life because libraries read them only once."""

    cpus: int
    gpus: tuple[int, ...] = ()


class WorkerProcess:
    """A process that runs `executors.worker`, started by `runner/fresh.py` in its own session, out of Ctrl-C's reach.

    It ends itself and its children when its order pipe closes, so it does not outlive this process.
    """

    def __init__(self, binding: Binding, extra_path: Sequence[str], log: Path | None) -> None:
        """`log` receives what it prints before its first order, such as the errors of a broken installation."""
        environment = worker_environment(os.environ, binding.cpus, binding.gpus, [*_package_path(), *extra_path])
        with _opened(log) as early:
            self._process = subprocess.Popen(
                # -P: no modules from the current folder.
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
        """Send an order. If the process has died, `read` reports it."""
        with suppress(BrokenPipeError):
            send(self._orders, message)

    def read(self) -> Iterator[Message]:
        """The answers received so far.

        Raises:
            EOFError: the process closed its end: it is dead or dying.
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
        """Whether the process still runs. It is not reaped here, so that its PID is not reused."""
        return os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None

    def hang_up(self) -> None:
        """Close the order pipe: the process ends itself and its children."""
        assert self._process.stdin is not None
        self._process.stdin.close()

    def end(self, patience_s: float = 0.0) -> str:
        """Wait up to `patience_s`, then kill the process and its children; returns how it ended, in words."""
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
    """Where output before the first order goes; /dev/null if there is no log or it cannot be opened."""
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
    """Where the worker finds episodec; empty when installed: a site folder must not precede the standard library."""
    (folder,) = executors.__path__
    root = Path(folder).parents[1]
    return [] if root.name in {"site-packages", "dist-packages"} else [str(root)]
