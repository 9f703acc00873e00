"""The measured graph for ninja and GNU make: `python -m bench._peers ROOT COUNT ninja|make` makes and builds it.

The tools get the best they can have: one rule, no depfiles, a command of shell builtins. Every action depends on its
episode's spec and on the shared files, as it does for episodec.
"""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench._graph import MANIFEST, STEPS
from bench._series import make_series, spec_path

SHARED = ("episodes/series.yaml", "episodes/characters/alpha/character.yaml")
_FILES = {"portrait": "episodes/characters/alpha/alpha-ref.png", "tokens": "episodes/characters/alpha/ref_alpha.npy"}


@dataclass(frozen=True, slots=True)
class Rule:
    """One action, as files."""

    outputs: tuple[str, ...]
    inputs: tuple[str, ...]


def rules(number: int) -> Iterator[Rule]:
    """The twelve actions of an episode, inputs first."""
    name = f"alpha_d13_episode{number}"
    built: dict[str, tuple[str, ...]] = {}
    for step in STEPS:
        inside = f"work/{name}"
        outputs = [f"dist/{place.format(name)}" if place else f"{inside}/{out}" for out, place in step.outputs.items()]
        if step.name == "mux":
            outputs.append(f"dist/{MANIFEST.format(name)}")
        built[step.name] = tuple(outputs)
        needs = [file for other in step.needs for file in built[other]]
        yield Rule(built[step.name], (spec_path(number), *needs, *SHARED, *(_FILES[one] for one in step.shared)))


def write_ninja(root: Path, count: int) -> None:
    """build.ninja."""
    lines = ["rule make", "  command = for o in $out; do echo made > $$o; done", ""]
    for number in range(1, count + 1):
        lines += [f"build {' '.join(rule.outputs)}: make {' '.join(rule.inputs)}" for rule in rules(number)]
    (root / "build.ninja").write_text("\n".join(lines) + "\n")


def write_make(root: Path, count: int) -> None:
    """A Makefile with grouped targets."""
    last = [list(rules(number))[-1].outputs[-1] for number in range(1, count + 1)]
    lines = [".PHONY: all", f"all: {' '.join(last)}"]
    for number in range(1, count + 1):
        for rule in rules(number):
            lines.append(f"{' '.join(rule.outputs)} &: {' '.join(rule.inputs)}")
            lines.append("\t@for o in $@; do echo made > $$o; done".replace("$@", " ".join(rule.outputs)))
    (root / "Makefile").write_text("\n".join(lines) + "\n")


def touch_outputs(root: Path, count: int) -> None:
    """Files as make would have left them: it keeps no log, so it only needs files younger than their inputs."""
    for number in range(1, count + 1):
        for rule in rules(number):
            for path in rule.outputs:
                (root / path).parent.mkdir(parents=True, exist_ok=True)
                (root / path).write_text("made\n")


def main(root: Path, count: int, tool: str) -> None:
    """Make the series and the tool's own file, and build."""
    root.mkdir(parents=True)
    make_series(root, count, recorded=False)
    if tool == "ninja":
        write_ninja(root, count)
        import ninja

        command = [f"{ninja.BIN_DIR}/ninja", "--quiet"]
    else:
        write_make(root, count)
        touch_outputs(root, count)
        command = ["make", "-rRs"]
    subprocess.run(command, cwd=root, check=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
