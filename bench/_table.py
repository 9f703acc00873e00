"""Shared parts of all benchmarks: processes measured in turns, figures beside a peer's, one table or one JSON object.

Nothing here asserts: a target is printed with whether it was met.
"""

import json
import os
import shutil
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Sample:
    """One run of one contestant."""

    seconds: float  # Wall time.
    processor_s: float = 0.0  # Processor time of all its processes: what other work on the machine adds least to.
    memory_mib: float = 0.0  # The largest process's peak of resident memory; 0 where it was not measured.


@dataclass(frozen=True, slots=True)
class Figure:
    """A number that is kept, and the peer's number of the same run."""

    name: str
    value: float
    unit: str
    peer: str | None = None
    peer_value: float | None = None

    @property
    def ratio(self) -> float | None:
        """Ours over the peer's."""
        return self.value / self.peer_value if self.peer_value else None

    def plain(self) -> dict[str, object]:
        """As it stands in the JSON object; the peer's fields only where there is a peer."""
        actual: dict[str, object] = {"name": self.name, "value": self.value, "unit": self.unit}
        if self.peer is not None:
            actual |= {"peer": self.peer, "peer_value": self.peer_value, "ratio": self.ratio}
        return actual


@dataclass(frozen=True, slots=True)
class Target:
    """The bounds, and whether this run meets them."""

    sentence: str
    met: bool


def roomy(needed_bytes: int) -> str | None:
    """Memory where there is room for twice as much, else None: where temporary files go. Disks add their own noise."""
    memory = "/dev/shm"  # noqa: S108 - a folder of its own is made there.
    fits = Path(memory).is_dir() and shutil.disk_usage(memory).free > 2 * needed_bytes
    return memory if fits else None


def usual_environment() -> dict[str, str]:
    """This environment, where Python keeps its bytecode and buffers its output, as it does for users."""
    unusual = ("PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED")
    return {name: value for name, value in os.environ.items() if name not in unusual}


def measured(command: Sequence[str], folder: str) -> Sample:
    """A whole process, from start to end, its output thrown away.

    Memory is the peak of the largest process of its tree. The kernel hands a child the peak of the process that started
    it, so a benchmark that measures memory keeps itself small.

    Raises:
        SystemExit: the command failed.
    """
    before = Path.cwd()
    os.chdir(folder)  # posix_spawn has no folder of its own.
    nothing = [(os.POSIX_SPAWN_OPEN, fd, os.devnull, os.O_RDWR, 0) for fd in (0, 1)]
    try:
        started = time.perf_counter()
        child = os.posix_spawnp(command[0], list(command), usual_environment(), file_actions=nothing)
        _, status, usage = os.wait4(child, 0)
        seconds = time.perf_counter() - started
    finally:
        os.chdir(before)
    if status != 0:
        raise SystemExit(f"{' '.join(command)}: exit code {os.waitstatus_to_exitcode(status)}")
    return Sample(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def in_turns(contestants: Mapping[str, Callable[[int], Sample]], rounds: int) -> dict[str, list[Sample]]:
    """Each contestant once a round (given the round's number), in an order that turns: drift hits all of them alike."""
    names = list(contestants)
    by_name: dict[str, list[Sample]] = {name: [] for name in names}
    for number in range(rounds):
        for place in range(len(names)):
            name = names[(number + place) % len(names)]
            by_name[name].append(contestants[name](number))
    return by_name


def median_s(samples: Sequence[Sample]) -> float:
    """The median wall time."""
    return statistics.median(sample.seconds for sample in samples)


def peak_mib(samples: Sequence[Sample]) -> float:
    """The largest peak of memory."""
    return max(sample.memory_mib for sample in samples)


def spread(samples: Sequence[Sample]) -> str:
    """`0.134 (0.130–0.151)`: median, least and most, in seconds."""
    seconds = [sample.seconds for sample in samples]
    return f"{statistics.median(seconds):.3f} ({min(seconds):.3f}–{max(seconds):.3f})"


def print_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Columns wide enough, the first to the left, the others to the right."""
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    for row in (head, *rows):
        cells = [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        print("  ".join(cells).rstrip())
    print()


def print_targets(targets: Iterable[Target]) -> None:
    """A line a target, and whether it was met."""
    for target in targets:
        print(f"{'met     ' if target.met else 'NOT MET '} {target.sentence}")


def print_json(figures: Sequence[Figure]) -> None:
    """The one object of `--json`."""
    print(json.dumps({"figures": [figure.plain() for figure in figures]}, ensure_ascii=False))


def say(sentence: str) -> None:
    """Progress, which is no part of the answer."""
    print(sentence, file=sys.stderr, flush=True)
