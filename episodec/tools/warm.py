"""Keeps a foreign program loaded in a child process: one JSON request a line on its stdin, one JSON answer a line.

The program answers on a pipe of its own, whose number is its last argument; its output goes to the current stdout. It
ends with its stdin, so it never outlives this process.
"""

import json
import os
import select
import subprocess
import sys
import weakref
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from episodec.errors import BackendError

_TAIL = 2000  # Characters of its last output that an error shows.


class WarmProgram:
    """One running program. Not thread-safe: it answers one request at a time."""

    def __init__(self, system: str, command: Sequence[str], environment: Mapping[str, str], folder: Path) -> None:
        """Start it and wait for its first answer, which it gives once it has loaded.

        folder: its working folder, which must outlive it.

        Raises:
            BackendError: it did not start.
        """
        read_end, write_end = os.pipe()
        kept = {name: value for name, value in environment.items() if name != "TMPDIR"}  # It outlives the action's.
        self._system = system
        try:
            self._process = subprocess.Popen(
                [*command, str(write_end)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                cwd=folder,
                env=kept,
                pass_fds=(write_end,),
            )
        except OSError as error:
            os.close(read_end)
            facts = {"python": command[0], "error": error}
            raise BackendError(f"cannot start {system}'s Python", facts=facts) from error
        finally:
            os.close(write_end)
        self._answers = read_end
        self._tail = ""
        self._end = weakref.finalize(self, _end, self._process, read_end)
        self._wait("load its models")

    @property
    def is_alive(self) -> bool:
        return self._end.alive and self._process.poll() is None

    def close(self) -> None:
        """End the program."""
        self._end()

    def ask(self, what: str, request: Mapping[str, Any]) -> None:
        """Send a request and wait until it is done. `what`: the task, for error messages.

        Raises:
            BackendError: the program failed; it is ended.
        """
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):  # `_wait` tells how it ended.
            self._process.stdin.write(json.dumps(request).encode() + b"\n")
            self._process.stdin.flush()
        self._wait(what)

    def _wait(self, what: str) -> None:
        """Copy its output until it answers."""
        assert self._process.stdout is not None
        stdout, answer = self._process.stdout.fileno(), b""
        open_ends = {stdout, self._answers}
        while not answer.endswith(b"\n"):
            for end in select.select(list(open_ends), [], [])[0]:
                piece = os.read(end, 1 << 16)
                if not piece:
                    open_ends.discard(end)
                elif end == stdout:
                    self._pass_on(piece)
                else:
                    answer += piece
            if self._answers not in open_ends:
                break
        self._drain(stdout, open_ends)
        reply = json.loads(answer) if answer.endswith(b"\n") else {"error": "it ended"}
        if "error" in reply:
            facts = {
                "to do": what,
                "error": reply["error"],
                "said": " | ".join(self._tail.split("\n")[-5:]).strip(" |"),
            }
            self.close()
            raise BackendError(f"the loaded {self._system} failed", facts=facts)

    def _drain(self, stdout: int, open_ends: set[int]) -> None:
        while stdout in open_ends and select.select([stdout], [], [], 0)[0]:
            piece = os.read(stdout, 1 << 16)
            if not piece:
                return
            self._pass_on(piece)

    def _pass_on(self, piece: bytes) -> None:
        text = piece.decode("utf-8", "replace")
        self._tail = (self._tail + text.replace("\r", "\n"))[-_TAIL:]
        sys.stdout.write(text)


def _end(process: "subprocess.Popen[bytes]", answers: int) -> None:
    os.close(answers)
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with suppress(OSError):
                pipe.close()
    try:
        process.wait(1)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
