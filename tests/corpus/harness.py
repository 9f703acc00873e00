"""Reads a file in a child process that may take so much memory and time, and says what came of it."""

import json
import os
import resource
import signal
import tempfile
import traceback
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml

from tests.corpus.changes import changed
from tests.corpus.readers import READERS, REFUSALS, Reader, Refused

CASES = Path(__file__).with_name("cases")
PROCESSOR_S = 10.0  # No file of the corpus is larger than a few MiB, whatever it promises.
PEAK_MIB = 384
ASKED_MIB = 2048  # Of address space: memory that is requested and never used counts, too.

Kind = Literal["accepted", "refused", "loud", "too much"]


@dataclass(frozen=True, slots=True)
class Case:
    """A hostile file, how it is made, and what its reader is to answer."""

    area: str  # A name in READERS.
    name: str
    changes: tuple[tuple[Any, ...], ...]
    is_refused: bool
    says: str  # A part of what the reader answers.

    def content(self) -> bytes:
        """The file."""
        return changed(READERS[self.area].base, self.changes)


@dataclass(frozen=True, slots=True)
class Answer:
    """A reader's result for a file."""

    kind: Kind
    says: str
    processor_s: float = 0.0
    peak_mib: float = 0.0  # Above what the process had before.


@cache
def cases() -> tuple[Case, ...]:
    """All cases, area by area: `[name, [change, …], answer]`, the answer `refused …` or `accepted …`."""
    actual = []
    for file in sorted(CASES.glob("*.yaml")):
        for name, changes, answer in yaml.safe_load(file.read_text(encoding="utf-8")):
            kind, _, says = answer.partition(" ")
            assert kind in ("accepted", "refused"), (file.name, name)
            actual.append(Case(file.stem, str(name), tuple(map(tuple, changes)), kind == "refused", says))
    return tuple(actual)


def answer(area: str, content: bytes) -> Answer:
    """The result of an area's reader for a content."""
    READERS[area]  # An unknown name fails here.
    with tempfile.TemporaryDirectory() as folder:
        messages, tell = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(messages)
            _child(area, content, Path(folder), tell)
        os.close(tell)
        with os.fdopen(messages, "rb") as pipe:
            text = pipe.read()
        _, status, used = os.wait4(child, 0)
    if text:
        return Answer(**json.loads(text))
    code = os.waitstatus_to_exitcode(status)
    how = signal.Signals(-code).name if code < 0 else f"exit code {code}"
    return Answer("too much", f"ended by {how}", used.ru_utime + used.ru_stime)


def _child(area: str, content: bytes, folder: Path, tell: int) -> None:
    """Never comes back."""
    with suppress(BaseException):
        nothing = os.open(os.devnull, os.O_RDWR)
        for stream in (1, 2):
            os.dup2(nothing, stream)
        before = _bounded()
        actual = _answered(area, content, folder)
        spent = resource.getrusage(resource.RUSAGE_SELF)
        peak = (_memory("VmHWM") - before) / 1024
        text = json.dumps({**asdict(actual), "processor_s": spent.ru_utime + spent.ru_stime, "peak_mib": peak})
        os.write(tell, text.encode())
    os._exit(0)


def _bounded() -> int:
    """From now on bounds hold; gives what is resident, in KiB."""
    limit = (_memory("VmSize") << 10) + (ASKED_MIB << 20)
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    soon = int(resource.getrusage(resource.RUSAGE_SELF).ru_utime + 2 * PROCESSOR_S) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (soon, soon))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.alarm(120)  # One that waits for ever.
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # The peak begins anew: proc(5).
    return _memory("VmRSS")


def _memory(name: str) -> int:
    """In KiB."""
    text = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    return next(int(line.split()[1]) for line in text.splitlines() if line.startswith(f"{name}:"))


def _answered(area: str, content: bytes, folder: Path) -> Answer:
    try:
        return Answer("accepted", READERS[area].read(content, folder)[:2000])
    except REFUSALS as error:
        return Answer("refused", str(error)[:2000])
    except BaseException as error:  # noqa: BLE001 - whatever it is, it should have been one of those.
        return Answer("loud", f"{type(error).__name__}: {error}\n{traceback.format_exc()[-1500:]}")


def flaw(case: Case) -> str | None:
    """The fault of the answer to a case; None if it is right."""
    actual = answer(case.area, case.content())
    expected = "refused" if case.is_refused else "accepted"
    if actual.kind != expected or case.says not in actual.says:
        return f"expected {expected} {case.says!r}, found {actual.kind} {actual.says!r}"
    return beyond(actual)


def beyond(answer: Answer) -> str | None:
    """Which bound an answer broke."""
    if answer.processor_s > PROCESSOR_S or answer.peak_mib > PEAK_MIB:
        return f"it took {answer.processor_s:.1f} s and {answer.peak_mib:.0f} MiB"
    return None


def toy() -> Reader:
    """A reader that does what its file says, for the test of this harness."""

    def read(content: bytes, _: Path) -> str:
        match content:
            case b"hoard":
                bytes(2 * ASKED_MIB << 20)
            case b"fill":
                bytearray(b"x") * ((PEAK_MIB + 50) << 20)
            case b"spin":
                while True:
                    pass
            case b"refuse":
                raise Refused("it is refused")
            case _:
                pass
        return "read"

    return Reader(read, ".toy", "yaml")
