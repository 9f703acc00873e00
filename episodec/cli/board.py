"""The state of a watching build, which the page beside it shows. Written by the build, read by the server's threads."""

import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from episodec.building.outcome import Outcome
from episodec.engine.events import ActionFailed, ActionMade, BuildStarted, Event, PreviewWritten, PublishFailed
from episodec.errors import EpisodecError
from episodec.project.authoring import Diagnostic, render
from episodec.report.words import error_lines

Phase = Literal["building", "good", "bad"]


@dataclass(frozen=True, slots=True)
class Problem:
    """An error as text, with its place in a spec."""

    severity: str
    text: str


@dataclass(frozen=True, slots=True)
class Board:
    """A state of the build."""

    title: str
    state: str = "reading the series"
    phase: Phase = "building"
    problems: tuple[Problem, ...] = ()
    files: tuple[Path, ...] = ()  # Films and pages, absolute.


class Notices:
    """The newest board, with its number; each change wakes those who wait for one."""

    def __init__(self, root: str, title: str) -> None:
        self.title = title
        self._root = Path(root)
        self._board = Board(title)
        self._number = 1
        self._changed = threading.Condition()
        self._is_over = False
        self._problems: list[Problem] = []
        self._made_count = 0

    def after(self, number: int, patience_s: float) -> tuple[int, bytes | None]:
        """The number of the first board later than this one, and the board as JSON; None if none came in time."""
        with self._changed:
            self._changed.wait_for(lambda: self._number > number or self._is_over, patience_s)
            if self._number <= number:
                return number, None
            board, number = self._board, self._number
        return number, json.dumps(_plain(board, self._root), ensure_ascii=False).encode()

    def is_over(self) -> bool:
        """Whether nothing will change any more."""
        return self._is_over

    def end(self) -> None:
        """Release those who wait."""
        with self._changed:
            self._is_over = True
            self._changed.notify_all()

    def begin(self) -> None:
        """A build begins. Earlier errors stay until it ends."""
        self._problems, self._made_count = [], 0
        self._put(replace(self._board, state="reading the series", phase="building"))

    def hear(self, event: Event) -> None:
        """Take an event of the build."""
        match event:
            case BuildStarted():
                self._put(replace(self._board, state="building"))
            case ActionMade():
                self._made_count += 1
                self._put(replace(self._board, state=f"building · {self._made_count} made"))
            case PreviewWritten(path=path):
                self._put(replace(self._board, files=(self._root / path,)))
            case ActionFailed(id=name, error=error):
                self._fail(name, error)
            case PublishFailed(spec=spec, error=error):
                self._fail(spec, error)
            case _:
                pass

    def conclude(self, outcomes: Sequence[Outcome], files: Sequence[str], text: str) -> None:
        """A build has ended. files: the films and pages to show; text: its summary."""
        problems = [*(one for each in outcomes for one in _diagnosed(each.diagnostics, each.texts)), *self._problems]
        is_bad = any(one.severity == "error" for one in problems)
        now = tuple(Path(path).absolute() for path in files if path.endswith((".mp4", ".html")))
        board = replace(self._board, state=text, phase="bad" if is_bad else "good", problems=tuple(problems))
        self._put(replace(board, files=now or self._board.files))

    def refuse(self, error: EpisodecError) -> None:
        """The series cannot be read."""
        problem = Problem("error", "\n".join(error_lines(error)))
        self._put(replace(self._board, state="the series cannot be read", phase="bad", problems=(problem,)))

    def _fail(self, name: str, error: Exception) -> None:
        self._problems.append(Problem("error", "\n".join([f"{name} failed", *error_lines(error)])))

    def _put(self, board: Board) -> None:
        with self._changed:
            self._board = board
            self._number += 1
            self._changed.notify_all()


def _diagnosed(diagnostics: Sequence[Diagnostic], texts: Mapping[str, str]) -> list[Problem]:
    return [Problem(one.severity, render((one,), texts, "full", color=False).strip("\n")) for one in diagnostics]


def _plain(board: Board, root: Path) -> Mapping[str, object]:
    dist = root / "dist"
    files = [_file(path, dist) for path in board.files if path.is_relative_to(dist) and path.is_file()]
    problems = [{"severity": one.severity, "text": one.text} for one in board.problems]
    rest = {"title": board.title, "state": board.state, "phase": board.phase}
    return {**rest, "problems": problems, "files": files}


def _file(path: Path, dist: Path) -> Mapping[str, str]:
    name, status = path.relative_to(dist).as_posix(), path.stat()
    stamp = f"{status.st_mtime_ns}-{status.st_ino}"
    return {
        "name": name,
        "kind": "film" if path.suffix == ".mp4" else "page",
        "href": f"dist/{quote(name)}",
        "stamp": stamp,
    }
