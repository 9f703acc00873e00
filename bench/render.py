"""The CPU rasteriser: CPU milliseconds a frame, its blend loop beside the same loop in C, two threads, peak memory.

The scene is a bust's surface with random colours of degree 3: scales of 0.8 times the spacing, lognormal with a spread
of 0.45, opacities of sigmoid(normal(0.5, 2)), white behind. Frames are CPU time of one thread, so that other work on
the machine counts little; `threads-2` is wall time, and needs two free cores to say anything. The C twin is `_blend.c`,
compiled by gcc with -O3 -march=native, measured in turns with ours on the same lists.
"""

import argparse
import ctypes
import math
import resource
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from bench._table import Figure, Target, print_json, print_table, print_targets, say
from episodec.splat import rasterise
from episodec.splat.scene import Scene, at, columnar
from episodec.splat.view import View

FRAMES = 900  # Of the render whose memory is measured.


def bust(count: int, seed: int = 0) -> Scene:
    """A head on shoulders: two ellipsoids' surfaces, about 10 m² together, flat Gaussians."""
    rng = np.random.default_rng(seed)
    outward = rng.normal(size=(count, 3))
    outward /= np.linalg.norm(outward, axis=1, keepdims=True)
    is_head = rng.random((count, 1)) < 0.55
    means = np.where(is_head, outward * [0.55, 0.7, 0.6] + [0, 0.35, 0], outward * [1, 0.5, 0.5] - [0, 0.75, 0])
    log_scales = math.log(0.8 * math.sqrt(10 / count)) + 0.45 * rng.normal(size=(count, 3))
    log_scales[:, 2] -= 1
    harmonics = rng.normal(0, 0.08, (count, 16, 3))
    harmonics[:, 0] = rng.normal(0, 0.6, (count, 3))
    quaternions, logits = rng.normal(size=(count, 4)), rng.normal(0.5, 2, count)
    parts = (means, quaternions, log_scales, logits, harmonics)
    m, q, s, o, h = (part.astype(np.float32) for part in parts)
    return columnar(Scene(m, q, s, o, h))


def view(side: int, turn_rad: float = 0.2) -> View:
    matrix = np.eye(4)
    cos, sin = math.cos(turn_rad), math.sin(turn_rad)
    matrix[:3, :3] = np.array([[cos, 0, sin], [0, 1, 0], [-sin, 0, cos]])
    matrix[:3, 3] = matrix[:3, 2] * 3.5
    focal = 0.5 * side / math.tan(math.radians(22.5))
    return View(matrix, (focal, focal, side / 2, side / 2), (side, side))


def medians(contestants: Sequence[Callable[[], object]], rounds: int, clock: Callable[[], float]) -> list[float]:
    """Milliseconds of each, in turns, after one round that is not counted."""
    taken: list[list[float]] = [[] for _ in contestants]
    for number in range(rounds + 1):
        for place in range(len(contestants)):
            who = (place + number) % len(contestants)
            start = clock()
            contestants[who]()
            if number:
                taken[who].append((clock() - start) * 1e3)
    return [statistics.median(each) for each in taken]


def c_twin(folder: str) -> ctypes.CDLL:
    library = f"{folder}/blend.so"
    source = Path(__file__).with_name("_blend.c")
    subprocess.run(["gcc", "-O3", "-march=native", "-shared", "-fPIC", source, "-o", library, "-lm"], check=True)
    return ctypes.CDLL(library)


def blends(scene: Scene, view: View, twin: ctypes.CDLL, rounds: int) -> tuple[float, float]:
    """Milliseconds of our blend loop and of the twin's, which must give the same picture."""
    lists, side = rasterise.tile_lists(at(scene, 0), view), view.size[0]
    ours, theirs = (np.zeros((side, side, 3), np.float32) for _ in range(2))
    white, columns = np.ones(3, np.float32), -(-side // 16)
    arrays = (lists.starts, lists.rows, lists.place, lists.look, white, theirs)
    pointers = [ctypes.c_void_p(array.ctypes.data) for array in arrays]
    numbers = [ctypes.c_int64(number) for number in (0, columns * columns, columns, side, side)]
    actual = medians(
        [
            lambda: rasterise.blend(lists, view, rasterise.WHITE, (ours, np.empty((0, 0, 3), np.uint8))),
            lambda: twin.blend_tiles(*numbers[:3], *pointers, *numbers[3:]),
        ],
        rounds,
        time.thread_time,
    )
    assert np.abs(theirs - ours).max() < 1e-5
    return actual[0], actual[1]


def peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--frames", type=int, default=FRAMES, help="of the render whose memory is measured")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    small, big = (bust(20_000), view(512)), (bust(134_000), view(800))
    start = time.perf_counter()
    rasterise.render(*small)
    say(f"first picture, compiled or from numba's cache: {time.perf_counter() - start:.1f} s")
    frames = [medians([partial(rasterise.render, *each)], asked.rounds, time.process_time)[0] for each in (small, big)]
    with tempfile.TemporaryDirectory() as folder:
        ours, theirs = blends(*small, c_twin(folder), asked.rounds)
    crews = [partial(rasterise.render, *big, threads=threads) for threads in (1, 2)]
    walls = medians(crews, asked.rounds, time.perf_counter)
    for frame in range(asked.frames):
        rasterise.render(big[0], view(800, 2 * math.pi * frame / asked.frames), threads=2)
    figures = [
        Figure("frame-20k-512", frames[0], "ms"),
        Figure("frame-134k-800", frames[1], "ms"),
        Figure("blend-20k-512", ours, "ms", "C, gcc -O3 -march=native", theirs),
        Figure("threads-2", walls[0] / walls[1], "times"),
        Figure("render-peak", peak_mib(), "MiB"),
    ]
    if asked.json:
        print_json(figures)
        return
    rows = [
        [f.name, f"{f.value:.2f}", f.unit, f"{f.peer_value:.2f}" if f.peer_value else "", f.peer or ""] for f in figures
    ]
    print_table(["figure", "value", "unit", "peer's", "peer"], rows)
    print_targets(
        [
            Target("20k Gaussians at 512x512 in 11 CPU-ms", frames[0] <= 11),
            Target("134k Gaussians at 800x800 in 70 CPU-ms", frames[1] <= 70),
            Target("the blend loop within 1.3 times the C twin", ours <= 1.3 * theirs),
            Target("two threads 1.8 times as fast as one", walls[0] >= 1.8 * walls[1]),
            Target(f"{asked.frames} frames at 800x800 under 1.5 GB", peak_mib() < 1500),
        ]
    )


if __name__ == "__main__":
    main()
