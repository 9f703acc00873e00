"""The cost of an episode's sound in draft: 30 s of narration, ambience, mix, AAC and captions, from nothing and again.

CPU seconds of the whole tree of processes, imports and ffmpeg included, of `episodec build`: with an empty cache, and
after one sentence of the narration was changed. The page cache is warm, as it is from the second build on.

Then what 30 s of ambience cost for itself, by prompt; and how loud the shipped episodes are as delivered: the programme
in its AAC as decoded, the ambience against the speech in pauses of at least 0.3 s and, ducked, under it.
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

from bench._levels import SHIPPED, build_shipped, delivered
from bench._table import Figure, Target, print_json, print_table, print_targets, usual_environment
from episodec.sound.ambience import make_ambience
from episodec.sound.prompt import listen
from episodec.timebase import SAMPLE_RATE

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
PROMPTS = (
    "quiet recording lab, low hum, soft DAC click",
    "server room hum, distant fans, sparse key press",
    "soft rain, distant clock, quiet room",
    "quiet design studio, soft pencil scratch",
    "office at night",
    "birds in the forest",
)
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


def ambience_cpu_s(prompt: str, rounds: int = 3) -> float:
    """CPU seconds that 30 s of ambience take, without imports; the least of some rounds."""
    costs = []
    for _ in range(rounds):
        before = time.process_time()
        make_ambience(listen(prompt), 1, 30 * SAMPLE_RATE)
        costs.append(time.process_time() - before)
    return min(costs)


def print_levels() -> list[Target]:
    """The table of the shipped episodes, and what each must hold."""
    with tempfile.TemporaryDirectory(prefix="episodec-bench-") as folder:
        build_shipped(REPOSITORY, Path(folder))
        levels = {number: delivered(Path(folder), f"alpha_d13_episode{number}") for number in SHIPPED}
    rows = [
        [
            str(number),
            f"{one.loudness_lufs:.2f}",
            f"{one.true_peak_dbtp:.2f}",
            str(len(one.pauses)),
            f"{one.in_pauses_lu:.1f}",
            f"{min(one.pauses):.1f} to {max(one.pauses):.1f}",
            f"{one.under_speech_lu:.1f}",
        ]
        for number, one in levels.items()
    ]
    print("\nAs delivered: the programme in its AAC as decoded; the ambience in LU from the speech.\n")
    print_table(["episode", "LUFS", "dBTP", "pauses", "in pauses", "each", "under speech"], rows)
    return [
        target
        for number, one in levels.items()
        for target in (
            Target(f"{number}: {one.loudness_lufs:.2f} LUFS, within 0.5 of -16", abs(one.loudness_lufs + 16) <= 0.5),
            Target(f"{number}: {one.true_peak_dbtp:.2f} of at most -1 dBTP", one.true_peak_dbtp <= -1),
            Target(f"{number}: in pauses {one.in_pauses_lu:.1f} of -22 to -18 LU", -22 <= one.in_pauses_lu <= -18),
            Target(
                f"{number}: under speech {one.under_speech_lu:.1f} of -22 to -18 LU", -22 <= one.under_speech_lu <= -18
            ),
        )
    ]


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
    print("\n30 s of ambience for itself, without imports.\n")
    print_table(["prompt", "CPU s"], [[prompt, f"{ambience_cpu_s(prompt):.2f}"] for prompt in PROMPTS])
    costs_held = [
        Target(f"{words[name]}: {cpu[name]:.2f} of at most {target_s:g} CPU s", cpu[name] <= target_s)
        for name, target_s in TARGETS_S.items()
    ]
    print_targets([*costs_held, *print_levels()])


if __name__ == "__main__":
    main()
