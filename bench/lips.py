"""Lips and lids of the shipped films against what they should do: what `check` finds in each, and what it costs.

The episodes are built in draft, or `--dist FOLDER` has them. `r` is the correlation of the film's lips with the
performance while something is said, `offset` by how many frames they come late, `of +3` the same of the film played
three frames late. `another's` is the greatest correlation with the performance of another episode. `blinks` are counted
in the film, in 30 s, beside how many the performance has. The processor time is what reading the face adds to decoding.
`--strip FILE` draws the beginning of the last episode, every third frame.
"""

import argparse
import json
import resource
import shutil
import subprocess
import sys
import tempfile
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench._strip import draw_strip
from bench._table import Figure, Target, print_json, print_table, print_targets, say, usual_environment
from episodec.backends.check import EVERY
from episodec.faces.film_face import FilmReader
from episodec.performance.capture_json import read_capture
from episodec.performance.channels import PLACES
from episodec.performance.playing import played
from episodec.performance.track import FULL
from episodec.video.frames import frames_of
from episodec.video.lips import LipSync, blinks, in_30_s, lip_sync

REPOSITORY = Path(__file__).parents[1]
LEAST, ANOTHER_MOST, LATE, BLINKS, READING_S = 0.75, 0.4, 3, (8.0, 14.0), 6.0
SPOKEN = range(12, 120, 3)  # The first sentence of the last episode.
TRAINED, LEAST_TRAINED = ("70",), 0.65  # Episodes whose scene is trained.

Series = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Film:
    """The measurements of one episode's face (F,), and those that its performance intends."""

    name: str
    rate: int
    opening: Series
    lips: Series
    lids: Series
    asked: int  # Blinks of the performance.
    reading_s: float  # Processor time.
    notes: str  # Verdicts of gates.

    @property
    def visible_share(self) -> float:
        """The share of the frames in which the face was looked for that show it."""
        return float(np.count_nonzero(~np.isnan(self.lips))) * EVERY / len(self.lips)

    @property
    def blinks(self) -> float:
        """In 30 s; not a number where the face is seen too seldom."""
        starts = blinks(self.lids, self.rate)
        return np.nan if starts is None else in_30_s(len(starts), len(self.lids), self.rate)

    def sync(self, opening: Series | None = None, late: int = 0) -> LipSync:
        """With its own performance, or another's; of the film played so many frames late."""
        measured = lip_sync(self.opening if opening is None else opening, np.roll(self.lips, late))
        return LipSync(np.nan, 0, 0) if measured is None else measured


def built(root: Path) -> Path:
    """dist/ of the shipped episodes."""
    shutil.copytree(REPOSITORY / "episodes", root / "episodes")
    command = [sys.executable, "-m", "episodec", "build", str(root / "episodes")]
    environment = {**usual_environment(), "PYTHONPATH": str(REPOSITORY)}
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stdout + done.stderr)
    return root / "dist"


def films(dist: Path) -> Iterator[Film]:
    """Each film of a build whose face was looked for."""
    for path in sorted((dist / "check").glob("*.json")):
        report = json.loads(path.read_text(encoding="utf-8"))
        numbers = {name: np.array(values, np.float64) for name, values in report["per_frame"].items()}
        if "lips" in numbers:
            gates = ", ".join(f"{each['name']} {each['verdict']}" for each in report["gates"])
            face = (numbers["opening"], numbers["lips"], numbers["lids"])
            asked, rate = blinks_asked(dist, path.stem, report["frames"], report["rate"]), report["rate"]
            yield Film(path.stem, rate, *face, asked, reading_s(dist / "video" / f"{path.stem}.mp4"), gates)


def blinks_asked(dist: Path, name: str, frames: int, rate: int) -> int:
    """How often the lids shut in a performance."""
    file = dist / "plan" / f"{name}.performance.json"
    track = played(read_capture(file.name, file.read_text(encoding="utf-8"), None), frames, rate)
    shut = track.weights[:, PLACES["eyeBlinkLeft"]] > 0.8 * FULL
    return int(np.count_nonzero(shut[1:] & ~shut[:-1]))


def reading_s(film: Path) -> float:
    """Seconds of processor time that the landmarks of a film take."""

    def looked() -> None:
        frames = frames_of(film)
        first = next(frames)
        with FilmReader(first.shape[:2]) as reader:
            reader.show(first)
            for number, frame in enumerate(frames, 1):
                if number % EVERY == 0:
                    reader.show(frame)
            reader.measured()

    return _processor_s(looked) - _processor_s(lambda: deque(frames_of(film), maxlen=0))


def _processor_s(work: Callable[[], object]) -> float:
    before = _used_s()
    work()
    return _used_s() - before


def _used_s() -> float:
    both = (resource.getrusage(resource.RUSAGE_CHILDREN), resource.getrusage(resource.RUSAGE_SELF))
    return sum(each.ru_utime + each.ru_stime for each in both)


def another(film: Film, others: Sequence[Film]) -> float:
    """The greatest correlation with the performance of another episode of its length."""
    alike = [film.sync(each.opening) for each in others if each is not film and len(each.lips) == len(film.lips)]
    return max((each.likeness for each in alike), default=np.nan)


def row(film: Film, others: Sequence[Film]) -> list[str]:
    """A line of the table."""
    own = film.sync()
    return [
        film.name,
        f"{100 * film.visible_share:.0f}",
        f"{own.likeness:.3f}",
        f"{own.offset:+d}",
        f"{film.sync(late=LATE).offset:+d}",
        f"{another(film, others):.3f}",
        f"{film.blinks:.1f}",
        str(film.asked),
        f"{film.reading_s:.1f}",
        film.notes,
    ]


HEAD = ("episode", "seen %", "r", "offset", "of +3", "another's", "blinks", "asked", "CPU s", "gates")


def targets(films_read: Sequence[Film]) -> Iterator[Target]:
    """The bounds, over all films."""
    trained = [one for one in films_read if one.name.endswith(TRAINED)]
    drafts = [one for one in films_read if one not in trained]
    for kind, some, least in (("draft", drafts, LEAST), ("trained", trained, LEAST_TRAINED)):
        if some:
            worst = min(one.sync().likeness for one in some)
            yield Target(f"r of {kind} scenes: {worst:.3f} of at least {least}", worst >= least)
    yield Target("lips come when they should", all(one.sync().offset == 0 for one in films_read))
    yield Target(
        f"a film that is {LATE} frames late is found so", all(one.sync(late=LATE).offset == LATE for one in films_read)
    )
    most = max(another(one, films_read) for one in films_read)
    yield Target(f"r of another's performance: {most:.3f}, less than {ANOTHER_MOST}", most < ANOTHER_MOST)
    counts = [one.blinks for one in films_read]
    yield Target(
        f"blinks in 30 s: {min(counts):.1f} to {max(counts):.1f} of {BLINKS[0]:g} to {BLINKS[1]:g}",
        all(BLINKS[0] <= each <= BLINKS[1] for each in counts),
    )
    dearest = max(one.reading_s for one in films_read)
    yield Target(f"reading a face: {dearest:.1f} of at most {READING_S:g} CPU-seconds an episode", dearest <= READING_S)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--dist", type=Path, help="of a build of the shipped episodes")
    parser.add_argument("--strip", type=Path, metavar="FILE", help="draw a sentence there, as a JPEG")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="episodec-bench-") as folder:
        if asked.dist is None:
            say("building the shipped episodes")
        dist = asked.dist or built(Path(folder))
        films_read = list(films(dist))
        if asked.strip:
            draw_strip(dist / "video" / f"{films_read[-1].name}.mp4", SPOKEN, asked.strip)
    if asked.json:
        print_json(
            [
                Figure("lips-least-r", min(one.sync().likeness for one in films_read), "r"),
                Figure("lips-most-another", max(another(one, films_read) for one in films_read), "r"),
                Figure("lips-reading", max(one.reading_s for one in films_read), "CPU s"),
            ]
        )
        return
    print_table(HEAD, [row(one, films_read) for one in films_read])
    print_targets(targets(films_read))


if __name__ == "__main__":
    main()
