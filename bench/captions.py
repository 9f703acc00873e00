"""How captions of the shipped episodes stand: the shortest, how fast they are read, how far from the speech.

Only what captions need is made, in draft. When words sound is what the voices themselves have measured (`words.json`):
the first word of a cue against the frame in which the cue appears, its last word against the frame in which it goes.
"""

import argparse
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench._table import Figure, Target, print_json, print_table, print_targets, say, usual_environment
from episodec.audio.cues import Clock, Cue, captions
from episodec.audio.lines import NARROW, width
from episodec.audio.words import SpokenWord, read_words
from episodec.series.request import Request
from episodec.series.session import opened, places
from episodec.timebase import SAMPLE_RATE, samples_per_frame

REPOSITORY = Path(__file__).parents[1]
SHORTEST_S, READABLE, LATE_S = 25 / 30, 20.0, 0.5


@dataclass(frozen=True, slots=True)
class MeasuredCue:
    """A cue, and the words on it."""

    length_s: float
    characters: float  # Narrow ones.
    late_s: float  # From the start of its first word.
    free_s: float  # From its first word to the first one of the next cue: what speech leaves it.
    over_s: float  # From the end of its last word to the end of the cue; below 0: the words outlast it.

    @property
    def speed(self) -> float:
        """Characters a second."""
        return self.characters / self.length_s

    @property
    def speech(self) -> float:
        """Characters a second that the speech itself asks for."""
        return self.characters / self.free_s


@dataclass(frozen=True, slots=True)
class Measured:
    """One episode's captions."""

    name: str
    cues: tuple[MeasuredCue, ...]
    note: Cue | None
    rate: int


def measured(name: str, words: Sequence[SpokenWord], note: str | None, frames: int, rate: int) -> Measured:
    """The captions of these words."""
    cues = captions(words, note, Clock(frames, samples_per_frame(rate)))
    rows = [cue for cue in cues if not cue.is_note]
    visible = tuple(_measured_cues(rows, words, frames, rate))
    return Measured(name, visible, next((cue for cue in cues if cue.is_note), None), rate)


def _measured_cues(cues: Sequence[Cue], words: Sequence[SpokenWord], frames: int, rate: int) -> Iterator[MeasuredCue]:
    place = 0
    for cue in cues:
        count = len(" ".join(cue.lines).split())
        first, last = words[place], words[place + count - 1]
        place += count
        characters = width(" ".join(cue.lines)) / NARROW
        late_s, over_s = cue.start / rate - first.start / SAMPLE_RATE, cue.end / rate - last.end / SAMPLE_RATE
        following_s = words[place].start / SAMPLE_RATE if place < len(words) else frames / rate
        free_s = following_s - first.start / SAMPLE_RATE
        yield MeasuredCue((cue.end - cue.start) / rate, characters, late_s, free_s, over_s)


def build(root: Path) -> Iterator[Measured]:
    """The captions of every shipped episode."""
    shutil.copytree(REPOSITORY / "episodes", root / "episodes")
    command = [sys.executable, "-m", "episodec", "build", "--only", "captions", str(root / "episodes")]
    environment = {**usual_environment(), "PYTHONPATH": str(REPOSITORY)}
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stdout + done.stderr)
    request = Request(targets=(str(root / "episodes"),), environment=environment)
    ((place, targets),) = places(request.targets)
    with opened(place, targets, request, lambda _: None) as session:
        for loaded in session.load_selected():
            built: dict[str, dict[str, Path]] = {}
            params: Any = {}
            for action in loaded.lowered.actions:
                if action.stage in ("join", "captions"):
                    built[action.stage] = session.made_files(loaded, action) or {}
                    params = action.params if action.stage == "captions" else params
            words = read_words(built["join"]["words.json"]).words
            episode = loaded.episode
            yield measured(episode.name, words, params["ambience"], episode.frames, episode.rate)


def row(measured: Measured) -> list[str]:
    """A line of the table."""
    speeds = [cue.speed for cue in measured.cues]
    note = "in SubRip alone"
    if measured.note is not None:
        start_s, length_s = (
            measured.note.start / measured.rate,
            (measured.note.end - measured.note.start) / measured.rate,
        )
        note = f"{' '.join(measured.note.lines)} at {start_s:.2f} s for {length_s:.2f} s"
    return [
        measured.name,
        str(len(measured.cues)),
        f"{min(cue.length_s for cue in measured.cues):.2f}",
        f"{statistics.median(speeds):.1f}",
        f"{max(speeds):.1f}",
        str(sum(speed > READABLE for speed in speeds)),
        f"{max(cue.speech for cue in measured.cues):.1f}",
        f"{1000 * statistics.median(abs(cue.late_s) for cue in measured.cues):.0f}",
        f"{1000 * max(cue.late_s for cue in measured.cues):.0f}",
        f"{1000 * min(cue.over_s for cue in measured.cues):.0f}",
        note,
    ]


_TEXT = """\
Captions of the shipped episodes. `late`: from a cue's first word to the cue. `over`: from its last word's end to the
end of the cue. `above 20`: cues that ask for more than 20 characters a second. `speech`: what the fastest speech asks
for, from a cue's first word to that of the next one.
"""
HEAD = (
    "episode",
    "cues",
    "shortest s",
    "characters/s",
    "most",
    "above 20",
    "speech",
    "late ms",
    "most",
    "least over ms",
    "note",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="episodec-bench-") as folder:
        say("making what captions need")
        actual = list(build(Path(folder)))
    cues = [cue for one in actual for cue in one.cues]
    notes_s = [(one.note.end - one.note.start) / one.rate for one in actual if one.note]
    shortest_s = min([*(cue.length_s for cue in cues), *notes_s])
    needless = [cue for cue in cues if cue.speed > READABLE >= cue.speech]
    fastest, latest_s = max(cue.speed for cue in cues), max(cue.late_s for cue in cues)
    if asked.json:
        print_json(
            [
                Figure("captions-shortest", shortest_s, "s"),
                Figure("captions-fastest", fastest, "characters/s"),
                Figure("captions-latest", latest_s, "s"),
            ]
        )
        return
    print(_TEXT)
    print_table(HEAD, [row(one) for one in actual])
    print_targets(
        [
            Target(
                f"the shortest cue: {shortest_s:.2f} of at least {SHORTEST_S:.2f} s", shortest_s >= SHORTEST_S - 1e-9
            ),
            Target(f"the fastest cue: {fastest:.1f} of at most {READABLE:g} characters a second", fastest <= READABLE),
            Target(f"cues above that where the speech is not: {len(needless)} of {len(cues)}", not needless),
            Target(f"the latest cue: {latest_s:.2f} s behind its word, of at most {LATE_S} s", latest_s <= LATE_S),
            Target("every note has a cue of its own", all(one.note is not None for one in actual)),
        ]
    )


if __name__ == "__main__":
    main()
