"""Commands in a small series with toy backends: in this process, and as real processes where a test needs them."""

import io
import os
import pty
import re
import select
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

from episodec import cli
from tests.builds.studio import ROOT, Studio, in_this_process
from tests.cli import toy as toys
from tests.shared_cache import SHARED_CACHE

CLEAN = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR", "COLUMNS")}
SHARED = {"PYTHONPATH": ROOT, "XDG_CACHE_HOME": SHARED_CACHE}


def environment(root: Path, more: Mapping[str, str] | None = None) -> dict[str, str]:
    """The test's own environment, without what colours, and with no user settings."""
    return {**CLEAN, "HOME": str(root / "home"), **SHARED, "TERM": "xterm", **(more or {})}


def toy(studio: Studio, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    """A command in the series' root with toy backends, in this process, and its actions, too."""
    return here(studio.root, lambda: toys.main([*words], in_this_process), more)


def toy_process(studio: Studio, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    """The same as a process with workers, for what only processes have."""
    return _ran([sys.executable, "-m", "tests.cli.toy", *words], studio.root, more)


def episodec(root: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """A command with the backends that are installed, in this process; what it builds is made by real workers."""
    return here(root, lambda: cli.main([*words]), {})


def episodec_process(root: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """The same as a process, as a user starts it."""
    return _ran([sys.executable, "-m", "episodec", *words], root, {})


def here(root: Path, main: Callable[[], int], more: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """The traces of a process in that folder: its exit code and its output. Nobody answers its questions."""
    before, stdin = dict(os.environ), sys.stdin
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
    try:
        os.environ.clear()
        os.environ.update(environment(root, more))
        sys.stdin = io.StringIO()
        with chdir(root), redirect_stdout(out), redirect_stderr(err):
            code = main()
    finally:
        sys.stdin = stdin
        os.environ.clear()
        os.environ.update(before)
    texts = [stream.buffer.getvalue().decode() for stream in (out, err)]
    return subprocess.CompletedProcess([], code, *texts)


def shell(studio: Studio, command: str) -> subprocess.CompletedProcess[str]:
    """A line of shell in the series' root."""
    return _ran(["sh", "-c", command], studio.root, {})


def _ran(command: list[str], root: Path, more: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=root,
        env=environment(root, more),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@dataclass(frozen=True, slots=True)
class Terminal:
    """A command and the terminal that it runs on."""

    process: subprocess.Popen[bytes]
    started_s: float
    _ours: int

    def output_pieces(self, quiet_s: float = 120) -> Iterator[tuple[float, bytes]]:
        """The next output, with the seconds since the start: until the other side is gone or silent."""
        while select.select([self._ours], [], [], quiet_s)[0]:
            try:
                piece = os.read(self._ours, 65536)
            except OSError:  # EIO: the last process on the other side has gone.
                return
            if not piece:
                return
            yield time.monotonic() - self.started_s, piece

    def until(self, words: bytes) -> bytes:
        """The next output up to these words, which must come."""
        actual = b""
        for _, piece in self.output_pieces():
            actual += piece
            if words in actual:
                return actual
        raise AssertionError(actual)

    def type(self, text: str) -> None:
        """As a user types it."""
        os.write(self._ours, text.encode())


@contextmanager
def on_a_terminal(command: list[str], root: Path, more: Mapping[str, str] | None = None) -> Iterator[Terminal]:
    """The command on a terminal; it has ended when this is left."""
    ours, its = pty.openpty()
    try:
        started_s, where = time.monotonic(), environment(root, more)
        with subprocess.Popen(command, cwd=root, env=where, stdin=its, stdout=its, stderr=its) as process:
            os.close(its)
            try:
                yield Terminal(process, started_s, ours)
                process.wait(timeout=30)
            finally:
                process.kill()  # Nothing, when it has ended.
    finally:
        os.close(ours)


def timeless(text: str) -> str:
    """The text without durations, which no two runs share."""
    return re.sub(r" *(?:about )?\b\d+(?:\.\d)? s\b", " T", text)


def legible(visible: bytes) -> str:
    """The text that a terminal received, without control sequences."""
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", visible.decode(errors="replace"))
