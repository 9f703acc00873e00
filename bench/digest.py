"""Digesting a 1 GB file: FileDigests against a bare xxh3-128 loop over 1 MiB reads, and `xxhsum -H2` where installed.

The file is in the page cache, so this shows what we add to reading and hashing. Runs alternate; the table has medians.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import xxhash

from episodec.digest import ALGORITHM
from episodec.store.digests import FileDigests
from episodec.store.index import Index
from episodec.store.layout import open_layout

FILE_BYTES = 1_000_000_000
READ_BYTES = 1 << 20


def bare(path: Path) -> str:
    state = xxhash.xxh3_128()
    file = os.open(path, os.O_RDONLY)
    while chunk := os.read(file, READ_BYTES):
        state.update(chunk)
    os.close(file)
    return state.hexdigest()


def xxhsum(path: Path) -> str:
    done = subprocess.run(["xxhsum", "-H2", path], capture_output=True, text=True, check=True)
    return done.stdout.split()[0]


def median_seconds(contestants: dict[str, Callable[[Path], str]], path: Path, runs: int) -> dict[str, float]:
    """Seconds of each, runs alternating, after one round that warms the page cache and checks that all agree."""
    assert len({digest(path).removeprefix(f"{ALGORITHM}:") for digest in contestants.values()}) == 1
    seconds: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(runs):
        for name, digest in contestants.items():
            start = time.perf_counter()
            digest(path)
            seconds[name].append(time.perf_counter() - start)
    return {name: statistics.median(each) for name, each in seconds.items()}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--json", action="store_true", help="print one JSON object")
    options.add_argument("--runs", type=int, default=5)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "file")
        block = os.urandom(READ_BYTES)
        with path.open("wb") as file:
            while file.tell() < FILE_BYTES:
                file.write(block[: FILE_BYTES - file.tell()])
        index = Index(open_layout(Path(folder, "cache")))

        def ours(path: Path) -> str:
            index.write("DELETE FROM files")  # Otherwise the file would only be looked at.
            return FileDigests(index, folder).of(path)

        contestants: dict[str, Callable[[Path], str]] = {"episodec": ours, "bare xxh3": bare}
        if shutil.which("xxhsum"):
            contestants["xxhsum -H2"] = xxhsum
        seconds = median_seconds(contestants, path, chosen.runs)
        index.close()
    speeds = {name: FILE_BYTES / each / 1e9 for name, each in seconds.items()}
    if chosen.json:
        value, peer_value = speeds["episodec"], speeds["bare xxh3"]
        figure = {"name": "digest-1gb", "value": value, "unit": "GB/s", "peer": "bare xxh3", "peer_value": peer_value}
        print(json.dumps({"figures": [figure | {"ratio": value / peer_value}]}))
        return
    print(f"{'1 GB, in the page cache':<24}{'seconds':>9}{'GB/s':>8}{'of bare':>9}")
    for name, speed in speeds.items():
        print(f"{name:<24}{seconds[name]:>9.3f}{speed:>8.2f}{speed / speeds['bare xxh3']:>9.2f}")


if __name__ == "__main__":
    main()
