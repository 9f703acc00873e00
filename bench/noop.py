"""The cost of a build when nothing changed, and when one sentence did, beside ninja and GNU make on the same graph.

Twelve actions and nine deliverables an episode, shared files beneath them (`_graph`). Measured are whole processes, in
turns: `episodec build episodes/`, `ninja`, `make -rR -j2`. Every spec, every shared file and every deliverable is
looked at by all three; the peers look at intermediates too, which episodec keeps in its store. `--folder` keeps the
three series, so that a second run starts at once; by default they are made in memory (/dev/shm) where there is room.

A changed sentence makes all twelve actions again. The stages of this version have another graph, so this build is
`_build`: the product's own `build` with another lowering, workers and syncing included.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench._table import (
    Figure,
    Sample,
    Target,
    in_turns,
    measured,
    median_s,
    peak_mib,
    print_json,
    print_table,
    print_targets,
    roomy,
    say,
    spread,
    usual_environment,
)

REPOSITORY = Path(__file__).parents[1]
TOOLS = ("episodec", "ninja", "make")
NEEDED_BYTES = 700_000  # An episode, all three series together, in files of a page each.
FORK_FROM = 800  # Episodes from which episodec looks with two processes: both count in its memory.


@dataclass(frozen=True, slots=True)
class Result:
    """The measurements at one size."""

    episodes: int
    looks_at: int  # Files that episodec asks the kernel about.
    noop: dict[str, list[Sample]]
    changed: dict[str, list[Sample]]
    work_s: list[float]  # What the changed actions' own runs took, of each of episodec's builds.

    def over_work_s(self) -> float:
        """The median of what a build of one changed episode takes besides the work itself."""
        over = [Sample(one.seconds - work) for one, work in zip(self.changed["episodec"], self.work_s, strict=True)]
        return median_s(over)

    def over_work_processor_s(self) -> float:
        """The same of processor time."""
        pairs = zip(self.changed["episodec"], self.work_s, strict=True)
        return statistics.median(one.processor_s - work for one, work in pairs)

    def memory_mib(self, tool: str) -> float:
        """Peak of resident memory in a no-op; pages that two processes share are counted twice."""
        processes = 2 if tool == "episodec" and self.episodes >= FORK_FROM and len(os.sched_getaffinity(0)) > 1 else 1
        return peak_mib(self.noop[tool]) * processes


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="72,1000,10000", help="episodes, with commas between")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--folder", type=Path, help="where the series are made and kept")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    sizes = [int(size) for size in asked.sizes.split(",")]
    folder = asked.folder or Path(tempfile.mkdtemp(prefix="episodec-bench-", dir=roomy(NEEDED_BYTES * max(sizes))))
    try:
        results = [measure(folder.absolute() / str(size), size, asked.rounds) for size in sizes]
    finally:
        if asked.folder is None:
            shutil.rmtree(folder)
    if asked.json:
        print_json(figures(results))
    else:
        report(results, folder)


def measure(folder: Path, episodes: int, rounds: int) -> Result:
    """Make what is missing, then measure all three tools in turns."""
    messages = folder / "told.json"
    set_up(folder, episodes, messages)
    looks_at = json.loads(messages.read_text())["looks_at"]
    commands = {"episodec": episodec(), "ninja": [ninja()], "make": ["make", "-rR", "-j2"]}
    noops = {tool: run_noop(command, folder / tool) for tool, command in commands.items()}
    say(f"{episodes} episodes: nothing changed")
    in_turns(noops, 1)  # Caches are warm from here on.
    noop = in_turns(noops, rounds)
    say(f"{episodes} episodes: one sentence changed")
    work_s: list[float] = []

    def build_changed(number: int) -> Sample:
        change(folder / "episodec", episodes, number)
        sample = measured([*build(folder / "episodec"), "--tell", str(messages)], str(REPOSITORY))
        result = json.loads(messages.read_text())
        if result["made"] != 12:
            raise SystemExit(f"one changed sentence made {result['made']} actions, not 12")
        work_s.append(result["work_s"])
        return sample

    changed = in_turns(
        {
            "episodec": build_changed,
            "ninja": run_changed(commands["ninja"], folder / "ninja", episodes),
            "make": run_changed(commands["make"], folder / "make", episodes),
        },
        rounds,
    )
    return Result(episodes, looks_at, noop, changed, work_s)


def run_noop(command: Sequence[str], folder: Path) -> Callable[[int], Sample]:
    return lambda _: measured(command, str(folder))


def run_changed(command: Sequence[str], folder: Path, episodes: int) -> Callable[[int], Sample]:
    def run(number: int) -> Sample:
        change(folder, episodes, number)
        return measured(command, str(folder))

    return run


def change(folder: Path, episodes: int, number: int) -> None:
    """Another year in the first sentence of one episode, another episode each time."""
    from bench._series import spec_path, spec_text

    which = 1 + number * 7919 % episodes
    edits = int.from_bytes(os.urandom(4), "big") % 9000 + 1
    (folder / spec_path(which)).write_text(spec_text(which, recorded=False, edits=edits))


def set_up(folder: Path, episodes: int, path: Path) -> None:
    """The three series, made once; and episodec's traces as this very version writes them."""
    for tool in TOOLS:
        done = folder / f"{tool}.made"
        if done.exists():
            continue
        shutil.rmtree(folder / tool, ignore_errors=True)
        say(f"{episodes} episodes: set up for {tool}")
        if tool == "episodec":
            command = [*build(folder / tool), "--new", str(episodes)]
        else:
            command = [sys.executable, "-m", "bench._peers", str(folder / tool), str(episodes), tool]
        subprocess.run(command, cwd=REPOSITORY, env=usual_environment(), check=True)
        done.touch()
    command = [*build(folder / "episodec"), "--tell", str(path)]
    subprocess.run(command, cwd=REPOSITORY, env=usual_environment(), check=True)


def build(root: Path) -> list[str]:
    return [sys.executable, "-m", "bench._build", str(root)]


def episodec() -> list[str]:
    """The command as its users start it."""
    return [str(Path(sys.executable).with_name("episodec")), "build", "episodes/"]


def ninja() -> str:
    """The binary itself: PyPI's `ninja` command is a Python program that starts it."""
    import ninja as package

    return f"{package.BIN_DIR}/ninja"


def figures(results: Sequence[Result]) -> list[Figure]:
    actual = []
    for first in results:
        size, noop, changed = first.episodes, first.noop, first.changed
        actual += [
            Figure(f"noop-{size}", median_s(noop["episodec"]), "s", "ninja", median_s(noop["ninja"])),
            Figure(f"noop-{size}-memory", first.memory_mib("episodec"), "MiB", "ninja", first.memory_mib("ninja")),
            Figure(f"one-changed-{size}", median_s(changed["episodec"]), "s", "ninja", median_s(changed["ninja"])),
            Figure(f"one-changed-{size}-over-work", first.over_work_s(), "s"),
        ]
    return actual


def report(results: Sequence[Result], folder: Path) -> None:
    print(f"Wall seconds: median (least-most) of {len(results[0].noop['ninja'])} runs in turns, in {folder.parent}.\n")
    rows = []
    for first in results:
        for name, samples in (
            (f"no-op {first.episodes}", first.noop),
            (f"one changed {first.episodes}", first.changed),
        ):
            rows += [row(name, samples), busy_row(name, samples)]
        memory = [first.memory_mib(tool) for tool in TOOLS]
        ratios = [f"{memory[0] / peer:.2f}" for peer in memory[1:]]
        rows.append([f"no-op {first.episodes}, peak MiB", *(f"{mib:.0f}" for mib in memory), *ratios])
    print_table(["", *TOOLS, "of ninja", "of make"], rows)
    for first in results:
        work = sum(first.work_s) / len(first.work_s)
        print(f"{first.episodes} episodes: a no-op looks at {first.looks_at} files;", end=" ")
        print(f"one changed takes {first.over_work_s():.3f} s over the work itself ({work:.3f} s)")
    print()
    print_targets(targets({one.episodes: one for one in results}))


def processor(samples: Sequence[Sample]) -> float:
    """The median of processor seconds, of all processes of a run: what other work on the machine adds least to."""
    return statistics.median(one.processor_s for one in samples)


def busy_row(name: str, samples: dict[str, list[Sample]]) -> list[str]:
    ours = processor(samples["episodec"])
    shares = (f"{ours / processor(samples[tool]):.2f}" for tool in TOOLS[1:])
    return [f"{name}, processor s", *(f"{processor(samples[tool]):.3f}" for tool in TOOLS), *shares]


def row(name: str, samples: dict[str, list[Sample]]) -> list[str]:
    ours = median_s(samples["episodec"])
    return [
        name,
        *(spread(samples[tool]) for tool in TOOLS),
        *(f"{ours / median_s(samples[tool]):.2f}" for tool in TOOLS[1:]),
    ]


def targets(results: dict[int, Result]) -> list[Target]:
    actual = []
    if 72 in results:
        seconds = median_s(results[72].noop["episodec"])
        actual.append(Target(f"no-op of 72 under 0.050 s: {seconds:.3f}", seconds < 0.05))
    if 10000 in results:
        large = results[10000]
        ours, peer = median_s(large.noop["episodec"]), median_s(large.noop["ninja"])
        actual.append(Target(f"no-op of 10 000 in at most 0.5 of ninja's time: {ours / peer:.2f}", ours <= 0.5 * peer))
        actual.append(Target(f"the goal, 0.2 of ninja's time: {ours / peer:.2f}", ours <= 0.2 * peer))
        busy = processor(large.noop["episodec"]) / processor(large.noop["ninja"])
        actual.append(Target(f"and 0.2 of its processor time: {busy:.2f}", busy <= 0.2))
        mib, peer_mib = large.memory_mib("episodec"), large.memory_mib("ninja")
        actual.append(Target(f"its peak memory below ninja's: {mib:.0f} of {peer_mib:.0f} MiB", mib < peer_mib))
        over = large.over_work_s()
        actual.append(Target(f"one changed of 10 000 at most 0.35 s over the work itself: {over:.3f}", over <= 0.35))
        over = large.over_work_processor_s()
        actual.append(Target(f"and 0.35 processor seconds: {over:.3f}", over <= 0.35))
        if 1000 in results:
            small = median_s(results[1000].noop["episodec"])
            sentence = f"growth linear: ten times the episodes take {ours / small:.1f} times as long"
            actual.append(Target(sentence, ours <= 11 * small))
    return actual


if __name__ == "__main__":
    main()
