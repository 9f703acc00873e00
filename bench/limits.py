"""The cost of hostile specs and long episodes: a check of a megabyte made to cost much, and the memory of a long plan.

Each spec of `tests.spec.hostile` is checked by a process of its own, `episodec validate`; measured is its processor
time, imports included, and its peak of memory. The tests compare the diagnostics of each.

Then an episode of three hours is planned eight times in one process: the peak of memory after the first plan, and by
how much it grows from the second to the eighth.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench._series import _png
from bench._table import (
    Figure,
    Sample,
    Target,
    print_json,
    print_table,
    print_targets,
    roomy,
    say,
    usual_environment,
)
from tests.spec.hostile import HOSTILE, MEGABYTE

REPOSITORY = Path(__file__).parents[1]
NEEDED_BYTES = 1 << 28
TIMES = 8

SERIES = """\
episodec: 1
title: Alpha
season: d13
character: alpha
disclosure: Synthetic.
profiles:
  draft: {size: [512, 512], backends: {voice: espeak, foley: procedural, scene: relief}}
"""
LONG = """\
episodec: 1
number: 1
title: A long film
frames: {frames}
foley: {{prompt: wind}}
camera:
  - {{move: orbit, frames: {frames}}}
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bytes", type=int, default=MEGABYTE, help="of a spec that is made of many equal things")
    parser.add_argument("--frames", type=int, default=324_000, help="of the long episode: three hours at 30 a second")
    parser.add_argument("--only", default="", help="the specs whose name holds this")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="episodec-bench-", dir=roomy(NEEDED_BYTES)) as folder:
        root = Path(folder)
        identity = root / "episodes/characters/alpha"
        identity.mkdir(parents=True)
        (root / "episodes/series.yaml").write_text(SERIES)
        (identity / "character.yaml").write_text("episodec: 1\ntitle: Alpha\n")
        (identity / "alpha-ref.png").write_bytes(_png(512))
        diagnostics = {name: checked(root, name, asked.bytes) for name in HOSTILE if asked.only in name}
        peaks = planned(root, asked.frames)
    slowest = max(one.processor_s for one in diagnostics.values())
    growth = peaks[-1] - peaks[1]
    if asked.json:
        figures = [Figure("hostile-slowest", slowest, "s"), Figure("long-plan-memory", peaks[0], "MiB")]
        print_json([*figures, Figure("long-plan-memory-last", peaks[-1], "MiB")])
        return
    print("Processor seconds and peak memory of `episodec validate`, one process a spec.\n")
    rows = [[name, f"{one.processor_s:.2f}", f"{one.memory_mib:.0f}"] for name, one in diagnostics.items()]
    print_table(["", "seconds", "peak MiB"], rows)
    print(f"A plan of {asked.frames} frames, {TIMES} times in one process: peak MiB after each")
    print(f"  {'  '.join(f'{peak:.0f}' for peak in peaks)}\n")
    print_targets(
        [
            Target(f"each hostile spec read or refused within 2 s: {slowest:.2f}", slowest <= 2),
            Target(f"one long plan under 300 MB: {peaks[0] * 1.048576:.0f}", peaks[0] * 1.048576 < 300),
            Target(
                f"from the second plan to the last under 20 MB more: {growth * 1.048576:.1f}", growth * 1.048576 < 20
            ),
        ]
    )


def checked(root: Path, name: str, most: int) -> Sample:
    """One check of one spec; its answer must be the expected one."""
    spec = root / "episodes/001.episode.yaml"
    spec.write_text(HOSTILE[name].text(most))
    shutil.rmtree(root / "cache", ignore_errors=True)
    say(name)
    command = [
        str(Path(sys.executable).with_name("episodec")),
        "-C",
        str(root),
        "validate",
        "--output-format",
        "concise",
    ]
    with tempfile.TemporaryFile() as answer:
        process = subprocess.Popen(command, stdout=answer, env=usual_environment())
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        answer.seek(0)
        text = answer.read().decode(errors="replace")
    code = HOSTILE[name].code
    if process.returncode != int(code is not None) or (code and f"[{code}]" not in text):
        raise SystemExit(f"{name}: exit code {process.returncode}\n{text[:400]}")
    return Sample(0, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def planned(root: Path, frames: int) -> Sequence[float]:
    """The peak of memory, MiB, after each plan of a long episode."""
    (root / "episodes/001.episode.yaml").write_text(LONG.format(frames=frames))
    shutil.rmtree(root / "cache", ignore_errors=True)
    say(f"a plan of {frames} frames, {TIMES} times")
    command = [sys.executable, "-m", "bench._limits", str(root / "episodes"), str(TIMES)]
    ended = subprocess.run(
        command, cwd=REPOSITORY, env=usual_environment(), stdout=subprocess.PIPE, text=True, check=True
    )
    return [float(line) for line in ended.stdout.splitlines()]


if __name__ == "__main__":
    main()
