"""The cost of checking 1 000 specs: cold, where all are parsed, and again, where none is.

Beside it PyYAML's C loader alone on the same files, in turns. Whole processes on one core, imports included. Each spec
has some 2 KB of Russian and English text and names three files of its own, which are digested too (they are small).
"""

import argparse
import shutil
import statistics
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from bench._series import make_series, spec_path
from bench._table import (
    Figure,
    Sample,
    Target,
    in_turns,
    measured,
    median_s,
    print_json,
    print_table,
    print_targets,
    roomy,
)

REPOSITORY = Path(__file__).parents[1]
NEEDED_BYTES = 40_000  # A spec with its files, in pages, and what the index knows of it.


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--specs", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="episodec-bench-", dir=roomy(NEEDED_BYTES * asked.specs)) as folder:
        root = Path(folder)
        make_series(root, asked.specs, recorded=True)
        size = sum((root / spec_path(number)).stat().st_size for number in range(1, asked.specs + 1)) / asked.specs
        actual = in_turns(contestants(root), asked.rounds)
    each_ms = {name: median_s(samples) * 1000 / asked.specs for name, samples in actual.items()}
    figures = [
        Figure(f"validate-{asked.specs}-{name}", each_ms[name], "ms a spec", "PyYAML CSafeLoader", each_ms["pyyaml"])
        for name in ("cold", "warm")
    ]
    if asked.json:
        print_json(figures)
        return
    print(
        f"{asked.specs} specs of {size:.0f} bytes, whole processes on one core, medians of {asked.rounds} in turns.\n"
    )
    words = {"cold": "episodec, cold", "warm": "episodec, nothing changed", "pyyaml": "PyYAML CSafeLoader alone"}
    rows = []
    for name, samples in actual.items():
        low, high = (f(one.seconds for one in samples) * 1000 / asked.specs for f in (min, max))
        ratio = each_ms[name] / each_ms["pyyaml"]
        busy = statistics.median(one.processor_s for one in samples) * 1000 / asked.specs
        rows.append([words[name], f"{each_ms[name]:.3f}", f"{low:.3f}-{high:.3f}", f"{ratio:.2f}", f"{busy:.3f}"])
    print_table(["", "ms a spec", "least-most", "of PyYAML", "processor ms"], rows)
    print_targets([Target(f"cold in at most 1.5 ms a spec: {each_ms['cold']:.2f}", each_ms["cold"] <= 1.5)])


def contestants(root: Path) -> dict[str, Callable[[int], Sample]]:
    def run(who: str) -> Sample:
        return measured([sys.executable, "-m", "bench._validate", str(root / "episodes"), who], str(REPOSITORY))

    def cold(_: int) -> Sample:
        shutil.rmtree(root / "cache", ignore_errors=True)
        return run("episodec")

    def warm(_: int) -> Sample:
        if not (root / "cache").exists():
            run("episodec")
        return run("episodec")

    return {"cold": cold, "warm": warm, "pyyaml": lambda _: run("pyyaml")}


if __name__ == "__main__":
    main()
