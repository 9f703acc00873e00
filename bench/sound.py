"""What an episode's sound costs in draft: 30 s of narration, ambience, mix, AAC and captions, from nothing and again.

CPU seconds of the whole tree of processes, imports and ffmpeg included, of `episodec build`: with an empty cache, and
after one sentence of the narration was changed. The page cache is warm, as it is from the second build on.
"""

import argparse
import os
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from bench._table import Figure, Target, print_json, print_table, print_targets, usual_environment

REPOSITORY = Path(__file__).parents[1]

SERIES = """\
episodec: 1
title: Alpha
season: d13
character: alpha
disclosure: Voice and pictures are synthetic.
language: ru
profiles:
  draft: {backends: {voice: espeak, foley: procedural}}
"""
SENTENCES = (
    "Сегодня мы говорим о том, где лежит голос.",
    "Он записан один раз и хранится в маленьком файле.",
    "Generated через Flux dot 1 dev plus character LoRA.",
    "Файл в сто пятьдесят раз меньше записи.",
    "Из него каждый раз получается тот же голос.",
    "Если изменить одну фразу, заново звучит только она.",
    "Everything else stays exactly where it was.",
    "Так эпизод собирается за несколько секунд.",
)
OTHER = "Если заменить одно слово, заново звучит только эта фраза."
CHANGED = 5  # Which sentence.
TARGETS_S = {"sound-cold": 8.0, "sound-one-sentence": 4.0}


class Cost(NamedTuple):
    """One build."""

    cpu_s: float
    wall_s: float


def write_spec(root: Path, sentences: tuple[str, ...]) -> None:
    lines = "".join(f"    {sentence}\n" for sentence in sentences)
    text = f"episodec: 1\nnumber: 1\ntitle: Where the voice lies\nvoice:\n  text: |\n{lines}"
    text += "foley: {prompt: 'design studio quiet, soft pencil scratch'}\n"
    (root / "episodes/001.episode.yaml").write_text(text, encoding="utf-8")


def make_project(root: Path) -> None:
    character = root / "episodes/characters/alpha"
    character.mkdir(parents=True)
    (root / "episodes/series.yaml").write_text(SERIES, encoding="utf-8")
    (character / "character.yaml").write_text("episodec: 1\ntitle: Alpha\n", encoding="utf-8")
    write_spec(root, SENTENCES)


def build(root: Path) -> Cost:
    """The cost of a build, as its own process tells once all of its children have been waited for."""
    command = [sys.executable, "-m", "episodec", "build", "episodes/"]
    environment = {**usual_environment(), "PYTHONPATH": str(REPOSITORY)}
    nothing = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    before = Path.cwd()
    os.chdir(root)  # posix_spawn has no folder of its own.
    try:
        started = time.perf_counter()
        child = os.posix_spawn(sys.executable, command, environment, file_actions=nothing)
        _, status, usage = os.wait4(child, 0)
        wall_s = time.perf_counter() - started
    finally:
        os.chdir(before)
    if status != 0:
        raise SystemExit(f"{' '.join(command)}: exit code {os.waitstatus_to_exitcode(status)}")
    return Cost(usage.ru_utime + usage.ru_stime, wall_s)


def run(root: Path) -> dict[str, Cost]:
    """One round: a cold build, a build after one sentence, a build of nothing."""
    shutil.rmtree(root / "cache", ignore_errors=True)
    shutil.rmtree(root / "dist", ignore_errors=True)
    write_spec(root, SENTENCES)
    cold = build(root)
    write_spec(root, (*SENTENCES[:CHANGED], OTHER, *SENTENCES[CHANGED + 1 :]))
    return {"sound-cold": cold, "sound-one-sentence": build(root), "sound-nothing": build(root)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="episodec-bench-") as folder:
        root = Path(folder)
        make_project(root)
        run(root)  # Warms the page cache.
        rounds = [run(root) for _ in range(asked.rounds)]
    cpu = {name: statistics.median(one[name].cpu_s for one in rounds) for name in rounds[0]}
    if asked.json:
        print_json([Figure(name, cpu[name], "CPU s") for name in TARGETS_S])
        return
    print(f"The sound of 30 s in draft, medians of {asked.rounds}; no peer does this.\n")
    words = {"sound-cold": "from nothing", "sound-one-sentence": "one sentence", "sound-nothing": "nothing changed"}
    rows = []
    for name, word in words.items():
        costs = [one[name].cpu_s for one in rounds]
        wall_s = statistics.median(one[name].wall_s for one in rounds)
        rows.append([word, f"{cpu[name]:.2f}", f"{min(costs):.2f}-{max(costs):.2f}", f"{wall_s:.2f}"])
    print_table(["", "CPU s", "least-most", "wall s"], rows)
    print_targets(
        [
            Target(f"{words[name]}: {cpu[name]:.2f} of at most {target_s:g} CPU s", cpu[name] <= target_s)
            for name, target_s in TARGETS_S.items()
        ]
    )


if __name__ == "__main__":
    main()
