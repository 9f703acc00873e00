"""How the shipped narrations sound: how high and how lively the draft voice is in each, and whether it keeps its pace.

Median and spread of the pitch over all voiced stretches of an episode, by an autocorrelation of our own; a sentence's
speech beside the pace that the character asks for. Nothing is built: the voice is asked for each sentence by itself.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import numpy as np
import soundfile

from bench._pitch import Pitch, Samples, pitch_of
from bench._table import Figure, Target, print_json, print_table, print_targets
from episodec.backends import targets
from episodec.engine.action import Action, Source
from episodec.engine.backend import WorkOrder
from episodec.engine.key import ActionKey
from episodec.project.command_overrides import CommandOverrides
from episodec.project.declared import loaded
from episodec.series.request import Request
from episodec.series.session import opened, places
from episodec.spec.fit import speech_s

REPOSITORY = Path(__file__).parents[1]
LEAST_SPREAD_ST = 2.5
PACE_WITHIN = 0.03


class Spoken(NamedTuple):
    """An episode's narration, sentence after sentence without pauses."""

    name: str
    samples: Samples
    rate: int
    asked_s: float  # At the character's pace.
    register_hz: tuple[float, float] | None

    @property
    def seconds(self) -> float:
        return len(self.samples) / self.rate


def narrations(folder: Path) -> Iterator[tuple[str, list[Action]]]:
    """The sentences of each episode of a series, as they are ordered in its default profile."""
    request = Request(targets=(str(folder),), asked=CommandOverrides())
    ((place, expected),) = places(request.targets)
    with opened(place, expected, request, lambda _: None) as session:
        for first in session.load_selected():
            voices = [action for action in first.lowered.actions if action.stage == "voice"]
            sentences = [action for action in voices if "text" in action.params]
            if sentences:
                yield first.episode.name, sentences


def speak(root: Path, action: Action, project: Path) -> Samples:
    """A sentence's samples at 48 kHz."""
    folder = Path(tempfile.mkdtemp(dir=root))
    inputs = {
        role: tuple(project / one.path for one in given if isinstance(one, Source))
        for role, given in action.inputs.items()
    }
    outputs = {name: folder / name for name in action.outputs}
    order = WorkOrder(ActionKey("0" * 32), "voice", action.backend, action.params, inputs, outputs, folder / "scratch")
    loaded(action.backend, targets([action.backend])[action.backend]).backend.run(order)
    samples, _ = soundfile.read(outputs["speech.wav"])
    return np.asarray(samples, np.float64)


def spoken(root: Path, folder: Path, name: str, sentences: list[Action]) -> Spoken:
    with ThreadPoolExecutor(2) as pool:
        parts = list(pool.map(lambda one: speak(root, one, folder.parent), sentences))
    asked_s = sum(speech_s(str(one.params["text"]), _number(one, "characters_per_second")) for one in sentences)
    register = sentences[0].params.get("register")
    known = (float(str(register[0])), float(str(register[1]))) if isinstance(register, list | tuple) else None
    return Spoken(name, np.concatenate(parts), 48_000, asked_s, known)


def _number(action: Action, name: str) -> float:
    value = action.params[name]
    assert isinstance(value, int | float)
    return value


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--series", type=Path, default=REPOSITORY / "episodes")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="episodec-bench-") as folder:
        rows = [spoken(Path(folder), asked.series, *one) for one in narrations(asked.series)]
    sound = [(one, pitch_of(one.samples, one.rate)) for one in rows]
    if not sound:
        sys.exit("no episode of this series is spoken")
    if asked.json:
        print_json([figure for one, pitch in sound for figure in figures(one, pitch)])
        return
    print("The draft voice in each narration; no peer does this.\n")
    head = ["", "median Hz", "spread st", "5th–95th st", "voiced", "speech s", "of the pace"]
    print_table(head, [row(one, pitch) for one, pitch in sound])
    print_targets(target for one, pitch in sound for target in judged(one, pitch))


def figures(spoken: Spoken, pitch: Pitch) -> list[Figure]:
    return [
        Figure(f"{spoken.name}-median", pitch.median_hz, "Hz"),
        Figure(f"{spoken.name}-spread", pitch.spread_st, "semitones"),
        Figure(f"{spoken.name}-pace", spoken.asked_s / spoken.seconds, "of the pace"),
    ]


def row(spoken: Spoken, pitch: Pitch) -> list[str]:
    wide = f"{pitch.low_st:+.1f} {pitch.high_st:+.1f}"
    pace = f"{spoken.asked_s / spoken.seconds:.3f}"
    return [
        *(spoken.name, f"{pitch.median_hz:.0f}", f"{pitch.spread_st:.2f}", wide),
        *(f"{pitch.voiced:.0%}", f"{spoken.seconds:.1f}", pace),
    ]


def judged(spoken: Spoken, pitch: Pitch) -> Iterator[Target]:
    if spoken.register_hz is not None:
        low, high = spoken.register_hz
        sentence = f"{spoken.name}: {pitch.median_hz:.0f} Hz, of a register of {low:g} to {high:g} Hz"
        yield Target(sentence, low <= pitch.median_hz <= high)
    sentence = f"{spoken.name}: a spread of {pitch.spread_st:.2f} of at least {LEAST_SPREAD_ST:g} semitones"
    yield Target(sentence, pitch.spread_st >= LEAST_SPREAD_ST)
    off = spoken.asked_s / spoken.seconds - 1
    yield Target(f"{spoken.name}: {off:+.1%} off its pace, of at most {PACE_WITHIN:.0%}", abs(off) <= PACE_WITHIN)


if __name__ == "__main__":
    main()
