"""The cost of a command that makes nothing: help, the version, and an unchanged series asked about in three ways.

Measured is processor time of whole processes, in turns. The series has twelve actions and nine deliverables an episode
(`_graph`). Beside them an interpreter that does nothing: what starting Python costs.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from bench._table import (
    Figure,
    Sample,
    Target,
    in_turns,
    measured,
    print_json,
    print_table,
    print_targets,
    roomy,
    usual_environment,
)

REPOSITORY = Path(__file__).parents[1]
NEEDED_BYTES = 300_000  # An episode with its cache and deliverables, in files of a page each.
COMMANDS = ("--help", "version", "build", "plan", "status")
BOUNDS_S = {"--help": 0.08, "version": 0.08, "plan": 0.1, "status": 0.1}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--episodes", type=int, default=72)
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    needed = NEEDED_BYTES * asked.episodes
    with tempfile.TemporaryDirectory(prefix="episodec-bench-", dir=roomy(needed)) as folder:
        root = Path(folder, "series")
        command = [sys.executable, "-m", "bench._build", str(root), "--new", str(asked.episodes)]
        subprocess.run(command, cwd=REPOSITORY, env=usual_environment(), check=True)
        subprocess.run(command[:4], cwd=REPOSITORY, env=usual_environment(), check=True)  # Traces of the last files.
        contestants = {name: runs([episodec(), name], root) for name in COMMANDS}
        contestants["python"] = runs([sys.executable, "-c", "pass"], root)
        in_turns(contestants, 1)  # Caches are warm from here on.
        actual = in_turns(contestants, asked.rounds)
    seconds = {name: statistics.median(one.processor_s for one in samples) for name, samples in actual.items()}
    if asked.json:
        peer = ("python -c pass", seconds["python"])
        print_json([Figure(f"start-{name.strip('-')}", seconds[name], "s", *peer) for name in COMMANDS])
        return
    print(f"Processor seconds of whole processes, medians of {asked.rounds} in turns; {asked.episodes} episodes.\n")
    print_table(["", "seconds", "least-most"], [row(name, samples) for name, samples in actual.items()])
    print_targets(
        Target(f"{name} under {bound:.2f} s: {seconds[name]:.3f}", seconds[name] < bound)
        for name, bound in BOUNDS_S.items()
    )


def episodec() -> str:
    """The command as its users start it."""
    return str(Path(sys.executable).with_name("episodec"))


def runs(command: Sequence[str], folder: Path) -> Callable[[int], Sample]:
    return lambda _: measured(command, str(folder))


def row(name: str, samples: Sequence[Sample]) -> list[str]:
    seconds = [one.processor_s for one in samples]
    words = "python -c pass" if name == "python" else f"episodec {name}"
    return [words, f"{statistics.median(seconds):.3f}", f"{min(seconds):.3f}–{max(seconds):.3f}"]


if __name__ == "__main__":
    main()
