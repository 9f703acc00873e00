"""Reads the output of 4DGaussians' `train.py`: measurements, and whether it has restarted.

When its loss is NaN it restarts its process, forever. A correct run has one coarse and one fine stage, and neither goes
back.
"""

import json
import math
import re
import zipfile
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

from episodec.errors import BackendError
from episodec.wholefile import write_whole

# tqdm's line: "Training progress:  12%|█▏  | 120/1000 [00:04<00:33, 26.1it/s, Loss=0.0312345, psnr=23.10, point=2041]".
# Behind its end it has no total: "Training progress: 20it [00:04, 26.1it/s, …]".
_BAR = re.compile(r"Training progress:(?:.*?\| (\d+)/(\d+)| (\d+)it) \[")
_STEP = 10  # Iterations: its bar advances at each multiple.
_POSTFIX = re.compile(r"Loss=([-+.\deE]+|nan|inf), psnr=([-+.\deE]+|nan|inf), point=(\d+)")
_CHECKPOINT = re.compile(r"chkpnt_(coarse|fine)_(\d+)\.pth")
_MOST_LINE = 4096  # Characters: a longer text without a line end is not one of its lines.

COARSE, FINE = "coarse", "fine"
_ORDER = {COARSE: 0, FINE: 1}


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of the run, from iteration `first` (exclusive) to `last` (inclusive)."""

    name: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class IterationRow:
    """Measurements at an iteration: the smoothed loss, and the PSNR of a single frame."""

    stage: str
    iteration: int
    loss: float
    psnr_db: float
    gaussians: int


@dataclass(slots=True)
class TrainingOutput:
    """Parses its output piece by piece.

    Attributes:
        stages: the stages that will run, in order.
        rows: in order; one per iteration.
        notes: a file with the rows so far, for a run that resumes this one.
        has_diverged: its checkpoints lead to a divergence or a restart.
    """

    stages: tuple[Stage, ...]
    notes: Path | None = None
    rows: list[IterationRow] = field(default_factory=list)
    has_diverged: bool = False
    _rest: str = ""
    _at: int = 0  # Which stage.
    _done: int = 0  # Of its iterations.
    _starts: int = 0

    def take(self, piece: bytes) -> None:
        """Read the next bytes of its output.

        Raises:
            BackendError: it diverged or restarted.
        """
        *lines, self._rest = re.split(r"[\r\n]", self._rest + piece.decode("utf-8", "replace"))
        self._rest = self._rest[-_MOST_LINE:]
        for line in lines:
            self._line(line)

    def _line(self, line: str) -> None:
        if "loss is nan" in line:
            self.has_diverged = True
            raise BackendError("4DGaussians' loss is not a number, and it would restart forever", hint=_HINT)
        if line.startswith("Optimizing "):
            self._starts += 1
            if self._starts > 1:
                self._refuse("it started twice")
        if (bar := _BAR.search(line)) is not None:
            self._progress(int(bar[1] or bar[3]), int(bar[2]) if bar[2] else None, line)

    def _progress(self, done: int, total: int | None, line: str) -> None:
        if total is None and self._at < len(self.stages):
            total = self._length()
        over = {stage.last - stage.first for stage in self.stages[: self._at]}
        if done == total and total in over and (self._at >= len(self.stages) or total != self._length()):
            return  # The bar of a finished stage is shown once more when it is closed.
        while self._at < len(self.stages) and (done < self._done or total != self._length()):
            self._at, self._done = self._at + 1, 0
        if self._at >= len(self.stages):
            self._refuse(f"{done} of {total} after {self.rows[-1].iteration if self.rows else 0}")
        self._done = done
        stage = self.stages[self._at]
        # Its bar counts from where it began, and a checkpoint may lie between two multiples.
        place = stage.name, stage.first - stage.first % _STEP + done
        match = _POSTFIX.search(line)
        # Of two lines with the same number, the first has its measurements; the second already has those of the next
        # one. The first number of a stage has no measurements.
        is_new = not self.rows or place != (self.rows[-1].stage, self.rows[-1].iteration)
        if match is not None and done and is_new and math.isfinite(float(match[1]) + float(match[2])):
            self._note(IterationRow(*place, float(match[1]), float(match[2]), int(match[3])))

    def _note(self, row: IterationRow) -> None:
        self.rows.append(row)
        if self.notes is not None:
            with self.notes.open("a", encoding="utf-8") as file:
                file.write(_noted(row))

    def _length(self) -> int:
        return self.stages[self._at].last - self.stages[self._at].first

    def _refuse(self, progress: str) -> None:
        facts = {"progress": progress}
        self.has_diverged = True
        raise BackendError("4DGaussians has restarted, and would do so forever", facts=facts, hint=_HINT)


_HINT = "the pictures or their cameras are inconsistent, or the initial points are far from them"


def rows_until(checkpoint: Path | None, notes: Path) -> list[IterationRow]:
    """The rows of earlier runs up to a checkpoint, in order. Other rows are removed.

    The progress bar is updated by time, so two runs report different iterations.
    """
    by_place: dict[tuple[int, int], IterationRow] = {}
    if checkpoint is not None and notes.is_file():
        for line in notes.read_text("utf-8").splitlines():
            with suppress(ValueError, TypeError):  # The last line may have been cut short.
                row = IterationRow(**json.loads(line))
                by_place[_ORDER[row.stage], row.iteration] = row
    rows = [by_place[place] for place in sorted(by_place) if checkpoint is not None and place <= _place(checkpoint)]
    write_whole(notes, "".join(map(_noted, rows)).encode())
    return rows


def _noted(row: IterationRow) -> str:
    return json.dumps(asdict(row)) + "\n"


def stages_from(checkpoint: Path | None, coarse: int, fine: int) -> tuple[Stage, ...]:
    """The stages that will run: all, or those after a checkpoint, without finished ones."""
    name, iteration = checkpoint_of(checkpoint) if checkpoint is not None else (COARSE, 0)
    stages = [Stage(COARSE, iteration, coarse)] if name == COARSE else []
    stages.append(Stage(FINE, iteration if name == FINE else 0, fine))
    return tuple(stage for stage in stages if stage.last > stage.first)


def checkpoint_of(path: Path) -> tuple[str, int]:
    """Stage and iteration by a checkpoint's name."""
    match = _CHECKPOINT.fullmatch(path.name)
    assert match is not None
    return match[1], int(match[2])


def last_checkpoint(folder: Path) -> Path | None:
    """The latest complete checkpoint: a kill may have truncated the last one."""
    for path in _checkpoints(folder):
        try:
            with zipfile.ZipFile(path) as archive:
                damaged = archive.testzip()
        except (zipfile.BadZipFile, OSError):
            damaged = "its table of contents"
        if damaged is None:
            return path
        print(f"checkpoint {path.name} is damaged ({damaged}): using the one before")  # noqa: T201  # To the log.
    return None


def drop_what_diverged(folder: Path, begun_from: Path | None) -> None:
    """Remove the checkpoints that lead to a divergence: the one the run started from, and all after it.

    A run that started from scratch has one before its last, perhaps hours before: only the last is removed.
    """
    checkpoints = _checkpoints(folder)
    doomed = (
        checkpoints[:1] if begun_from is None else [path for path in checkpoints if _place(path) >= _place(begun_from)]
    )
    for path in doomed:
        print(f"checkpoint {path.name} leads to a divergence: removed")  # noqa: T201  # To the action's log.
        path.unlink()


def _checkpoints(folder: Path) -> list[Path]:
    """All checkpoints, latest first."""
    checkpoints = [path for path in folder.glob("chkpnt_*.pth") if _CHECKPOINT.fullmatch(path.name)]
    return sorted(checkpoints, key=_place, reverse=True)


def _place(checkpoint: Path) -> tuple[int, int]:
    stage, iteration = checkpoint_of(checkpoint)
    return _ORDER[stage], iteration
