"""The cost of encoding an episode's 900 frames: chunks of 30 joined by copying, beside one stretch by one thread.

Measured are the CPU seconds of whole processes, ffmpeg's own included, and the peak of the largest of them, in turns.
Each makes its frames on the way, a drifting picture with grain, and holds one at a time; what that alone costs is a row
of its own and is taken off the others. Each chunk costs a start of ffmpeg: for that an edit encodes again only the
chunks it touches, and cores share the work.
"""

import argparse
import os
import resource
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench._table import Figure, print_json, print_table, say
from episodec.video.frames import Frame

REPOSITORY = Path(__file__).parents[1]
FRAMES, CHUNK, RATE = 900, 30, 30
WAYS = ("frames alone", "one stretch", "chunks", "lossless chunks")


@dataclass(frozen=True, slots=True)
class Cost:
    """One run of one way."""

    cpu_s: float
    memory_mib: float  # The largest process's peak.
    size_mib: float  # What was written, all together.


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="512,800", help="sides of the square frames, with commas between")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--way", choices=WAYS, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    sides = [int(side) for side in asked.sizes.split(",")]
    if asked.way:
        work(asked.way, sides[0], asked.folder)
        return
    by_name = {side: in_turns(side, asked.rounds) for side in sides}
    if asked.json:
        print_json([figure for side in sides for figure in figures(side, by_name[side])])
        return
    rows = [row for side in sides for row in table(side, by_name[side])]
    print_table(("", "CPU s", "of one stretch", "peak MiB", "MiB written"), rows)


def in_turns(side: int, rounds: int) -> dict[str, list[Cost]]:
    """Each way once a round, in an order that turns."""
    by_name: dict[str, list[Cost]] = {way: [] for way in WAYS}
    for number in range(rounds):
        say(f"{side}x{side}, round {number + 1} of {rounds}")
        for place in range(len(WAYS)):
            way = WAYS[(number + place) % len(WAYS)]
            with tempfile.TemporaryDirectory() as folder:
                by_name[way].append(measured(way, side, Path(folder)))
    return by_name


def measured(way: str, side: int, folder: Path) -> Cost:
    """A process that encodes one way, from its start to its end."""
    command = [sys.executable, "-m", "bench.encode", "--way", way, "--sizes", str(side), "--folder", str(folder)]
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    child = os.posix_spawn(sys.executable, command, environment)
    _, status, usage = os.wait4(child, 0)
    if status != 0:
        raise SystemExit(f"{way}: exit code {os.waitstatus_to_exitcode(status)}")
    peaks = [usage.ru_maxrss, int((folder / "peak").read_text())]
    written = sum(path.stat().st_size for path in folder.rglob("*.m*"))
    return Cost(usage.ru_utime + usage.ru_stime, max(peaks) / 1024, written / (1 << 20))


def work(way: str, side: int, folder: Path) -> None:
    """The work of one process; it notes the peak memory of its children."""
    from episodec.tools import ffmpeg
    from episodec.video.splice import splice
    from episodec.video.x264 import FrameForm, encode_chunk, encode_lossless

    form, program = FrameForm(side, side, RATE), ffmpeg.program({})
    starts = range(0, FRAMES, CHUNK)
    ways: dict[str, Callable[[], object]] = {
        "frames alone": lambda: sum(1 for _ in drifting(side, 0, FRAMES)),
        "one stretch": lambda: encode_chunk(drifting(side, 0, FRAMES), form, folder / "all.mp4", program),
        "chunks": lambda: [
            encode_chunk(drifting(side, start, CHUNK), form, folder / f"{start}.mp4", program) for start in starts
        ],
        "lossless chunks": lambda: [
            encode_lossless(drifting(side, start, CHUNK), form, folder / f"{start}.mkv", program) for start in starts
        ],
    }
    ways[way]()
    if way == "chunks":
        with tempfile.TemporaryDirectory() as aside:
            splice([folder / f"{start}.mp4" for start in starts], RATE, Path(aside, "all.mp4"))
    (folder / "peak").write_text(str(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss))


def drifting(side: int, start: int, count: int) -> Iterator[Frame]:
    """Frames of a picture as a camera sees it that drifts: blobs of colour, and grain that moves with them."""
    import cv2
    import numpy as np

    source = np.random.default_rng(1)
    span = side + side // 4
    blobs = source.integers(40, 216, (span // 40, span // 40, 3), np.uint8)
    picture = cv2.resize(blobs, (span, span), interpolation=cv2.INTER_CUBIC)
    picture = cv2.add(picture, source.integers(0, 12, picture.shape, np.uint8))
    for index in range(start, start + count):
        turn = 2 * np.pi * index / FRAMES
        zoom = cv2.getRotationMatrix2D((span / 2, span / 2), 3 * np.sin(turn), 1 + 0.03 * np.cos(turn))
        zoom[:, 2] += side // 8 * np.array([np.sin(2 * turn), np.cos(turn)]) - side // 8
        visible = cv2.warpAffine(picture, zoom, (side, side), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
        yield np.asarray(visible, np.uint8)


def table(side: int, actual: dict[str, list[Cost]]) -> list[Sequence[str]]:
    """A row for each way."""
    whole = own_s(actual, "one stretch")
    rows: list[Sequence[str]] = []
    for way in WAYS:
        cpu_s = own_s(actual, way) if way != "frames alone" else median_s(actual[way])
        ratio = "" if way == "frames alone" else f"{cpu_s / whole:.2f}"
        peak, size = max(one.memory_mib for one in actual[way]), actual[way][0].size_mib
        rows.append((f"{side}x{side}  {way}", f"{cpu_s:.2f}", ratio, f"{peak:.0f}", f"{size:.1f}"))
    return rows


def figures(side: int, actual: dict[str, list[Cost]]) -> list[Figure]:
    """The figures that are kept: chunks over one stretch."""
    whole, chunks = own_s(actual, "one stretch"), own_s(actual, "chunks")
    peak = max(one.memory_mib for one in actual["chunks"])
    return [
        Figure(f"encode-{side}", chunks, "CPU s", "one stretch", whole),
        Figure(f"encode-memory-{side}", peak, "MiB"),
    ]


def own_s(actual: dict[str, list[Cost]], way: str) -> float:
    """The CPU seconds of encoding alone: less what the frames cost that it was given."""
    return median_s(actual[way]) - median_s(actual["frames alone"])


def median_s(costs: Sequence[Cost]) -> float:
    """The median CPU time."""
    return statistics.median(one.cpu_s for one in costs)


if __name__ == "__main__":
    main()
