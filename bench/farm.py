"""How many actions a second one driver hands to a farm, beside ninja on the same graph.

5 000 toy actions, twelve an episode, for 64 slots that answer at once (`_farm`): what is left is the driver's own part,
judging, orders, locks and records. Measured is a process of its own, on a disk and in memory (/dev/shm). Outcomes come
back together, or one at a time as from tasks of different lengths. ninja starts a shell for each action, which writes
its file: it is here for information, since it has no slots that answer at once. Where strace is installed, the driver's
changes of folders and its syncs are counted, in a run that is not timed.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from bench._farm import STEPS
from bench._table import (
    Figure,
    Target,
    measured,
    print_json,
    print_table,
    print_targets,
    roomy,
    say,
    usual_environment,
)

REPOSITORY = Path(__file__).parents[1]
NEEDED_BYTES = 20_000  # An action, in files of a page each.
CHANGES = ("mkdir", "mkdirat", "rmdir", "rename", "renameat", "renameat2", "unlink", "unlinkat", "symlink", "symlinkat")
SYNCS = ("fsync", "fdatasync", "sync_file_range", "sync", "syncfs")
PER_S, CPU_MS, CHANGES_EACH = 140, 0.4, 3  # Targets.


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the driver over all actions."""

    actions: int
    seconds: float
    processor_s: float
    judge_s: float
    memory_mib: float

    def per_s(self) -> float:
        return self.actions / self.seconds

    def cpu_ms(self) -> float:
        """Processor time of an action, in milliseconds."""
        return self.processor_s * 1000 / self.actions


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--actions", type=int, default=5000)
    parser.add_argument("--slots", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--disk", type=Path, help="a folder on a disk; by default, where temporary files go")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    places = {"disk": str(asked.disk) if asked.disk else None, "memory": roomy(NEEDED_BYTES * asked.actions)}
    runs: dict[tuple[str, str], list[Run]] = {}
    peers: dict[str, float] = {}
    counted: dict[str, int] | None = None
    for place, parent in places.items():
        with tempfile.TemporaryDirectory(prefix="episodec-bench-", dir=parent) as name:
            folder = Path(name)
            for way in ("together", "one at a time"):
                for number in range(asked.rounds):
                    say(f"{place}: {asked.actions} actions, outcomes {way}")
                    run = drive(folder / f"{way} {number}", asked.actions, asked.slots, way)
                    runs.setdefault((place, way), []).append(run)
            say(f"{place}: ninja")
            peers[place] = ninja(folder / "ninja", asked.actions, asked.slots)
            if place == "memory" and shutil.which("strace"):
                say("memory: counting calls")
                counted = count(folder / "counted", asked.actions, asked.slots)
    best = {which: min(found, key=lambda one: one.seconds) for which, found in runs.items()}
    least = {which: min(found, key=lambda one: one.processor_s) for which, found in runs.items()}
    if asked.json:
        print_json(figures(best, least, peers))
    else:
        report(asked, best, least, peers, counted)


def drive(root: Path, actions: int, slots: int, way: str) -> Run:
    """The driver, in a fresh store."""
    root.mkdir()
    messages = root / "told.json"
    single = ["--single"] if way != "together" else []
    command = [
        sys.executable,
        "-m",
        "bench._farm",
        str(root),
        str(actions),
        str(slots),
        *single,
        "--tell",
        str(messages),
    ]
    subprocess.run(command, cwd=REPOSITORY, env=usual_environment(), check=True)
    tree = json.loads(messages.read_text())
    return Run(actions, tree["run_s"], tree["run_cpu_s"], tree["judge_s"], tree["memory_mib"])


def ninja(root: Path, actions: int, slots: int) -> float:
    """Actions a second of ninja, in a fresh folder."""
    import ninja as package  # PyPI's `ninja` command is a Python program that starts the binary.

    root.mkdir()
    (root / "author.txt").write_text("words of an author\n")
    lines = ["rule make", "  command = echo made > $out", ""]
    for number in range(actions):
        before = "author.txt" if number % STEPS % 3 == 0 else f"out/{number - 1}"
        lines.append(f"build out/{number}: make {before}")
    (root / "build.ninja").write_text("\n".join(lines) + "\n")
    return actions / measured([f"{package.BIN_DIR}/ninja", "--quiet", f"-j{slots}"], str(root)).seconds


def count(root: Path, actions: int, slots: int) -> dict[str, int]:
    """How often the driver changes a folder and syncs, outcomes one at a time."""
    root.mkdir()
    messages = root / "calls"
    watched = ",".join((*CHANGES, *SYNCS))
    command = [
        "strace",
        "-f",
        "-qq",
        "-o",
        str(messages),
        "-e",
        f"trace={watched}",
        sys.executable,
        "-m",
        "bench._farm",
    ]
    options = [str(root), str(actions), str(slots), "--single", "--tell", str(root / "told.json")]
    subprocess.run([*command, *options], cwd=REPOSITORY, env=usual_environment(), check=True)
    calls = [line.split("(")[0].split()[-1] for line in messages.read_text().splitlines() if "(" in line]
    return {"changes": sum(call in CHANGES for call in calls), "syncs": sum(call in SYNCS for call in calls)}


def figures(
    best: dict[tuple[str, str], Run], least: dict[tuple[str, str], Run], peers: dict[str, float]
) -> list[Figure]:
    actual = []
    for (place, way), run in best.items():
        name = f"{place}-{way.replace(' ', '-')}"
        actual.append(Figure(f"{name}-rate", run.per_s(), "actions/s", "ninja", peers[place]))
        actual.append(Figure(f"{name}-cpu", least[place, way].cpu_ms(), "ms an action"))
    return actual


def report(
    asked: argparse.Namespace,
    best: dict[tuple[str, str], Run],
    least: dict[tuple[str, str], Run],
    peers: dict[str, float],
    counted: dict[str, int] | None,
) -> None:
    print(f"{asked.actions} toy actions, {asked.slots} slots that answer at once; the best of {asked.rounds} runs.\n")
    rows = [
        [
            f"{place}, outcomes {way}",
            f"{run.per_s():.0f}",
            f"{run.seconds * 1000 / run.actions:.2f}",
            f"{least[place, way].cpu_ms():.2f}",
            f"{run.judge_s * 1e6 / run.actions:.0f}",
            f"{run.memory_mib:.0f}",
        ]
        for (place, way), run in best.items()
    ]
    rows += [
        [f"{place}, ninja -j{asked.slots}", f"{rate:.0f}", f"{1000 / rate:.2f}", "", "", ""]
        for place, rate in peers.items()
    ]
    print_table(["", "actions/s", "ms each", "driver CPU ms each", "plan us each", "peak MiB"], rows)
    slowest = min(run.per_s() for run in best.values())
    dearest = max(run.cpu_ms() for run in least.values())
    actual = [
        Target(f"at least {PER_S} actions/s, which 64 machines need: {slowest:.0f}", slowest >= PER_S),
        Target(f"at most {CPU_MS} ms of the driver's processor time an action: {dearest:.2f}", dearest <= CPU_MS),
    ]
    if counted is None:
        print("strace is not installed: changes of folders and syncs are not counted.\n")
    else:
        changes, syncs = counted["changes"] / asked.actions, counted["syncs"] / asked.actions
        print(
            f"The driver changes a folder {changes:.2f} times an action, and syncs {counted['syncs']} times in all.\n"
        )
        few = f"at most {CHANGES_EACH} changes of folders an action: {changes:.2f}"
        actual += [Target(few, changes <= CHANGES_EACH), Target(f"no sync an action: {syncs:.3f}", syncs < 0.05)]
    print_targets(actual)


if __name__ == "__main__":
    main()
