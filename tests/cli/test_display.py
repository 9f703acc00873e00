"""The picture that a build draws on a terminal, looked at as the terminal gets it: it moves while work runs. No test
depends on how fast the machine is: times are processor time, or of a clock that the test sets, or the work waits.
"""

import io
import os
import re
import shutil
import sys
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from episodec.engine.action import ActionId
from episodec.engine.events import ActionStarted, BuildStarted
from episodec.engine.key import ActionKey
from episodec.engine.plan import NeverMade
from episodec.report.lines import Narrator
from episodec.report.progress import LiveProgress, PlainProgress
from tests.builds.portraits import shrink_portrait
from tests.builds.studio import ROOT, Studio
from tests.cli.command import Terminal, legible, on_a_terminal

STILL_S = 2.0  # Processor seconds of the process that draws: the longest that the picture may stand still.
PATIENCE_S = 120.0
TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")


def watched(command: list[str], root: Path, hear: Callable[[str], None] = lambda _: None) -> tuple[str, float, int]:
    """The output of a command on a terminal of 100 columns, without control sequences; the longest processor time
    without new output on the screen; its exit code. `hear` gets each piece on arrival.
    """
    with on_a_terminal(command, root, {"COLUMNS": "100"}) as terminal:
        moments, pieces = [0.0], [""]
        for _, piece in terminal.output_pieces():
            text = legible(piece).strip()
            hear(text)
            if text != pieces[-1]:
                moments.append(processor_s(terminal))
                pieces.append(text)
        moments.append(processor_s(terminal))
        longest = max(later - sooner for sooner, later in pairwise(moments))
        return "\n".join(pieces), longest, terminal.process.wait(timeout=PATIENCE_S)


def processor_s(terminal: Terminal) -> float:
    """Processor seconds of the command itself so far, without its children: proc(5)."""
    fields = Path(f"/proc/{terminal.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_A_SECOND


def test_real_rendering_never_stands_still(tmp_path: Path) -> None:
    root = tmp_path / "project"
    shutil.copytree(Path(ROOT, "episodes"), root / "episodes")
    series = root / "episodes/series.yaml"
    series.write_text(series.read_text().replace("size: [512, 512]", "size: [64, 64]"))
    shrink_portrait(root)
    spec = root / "episodes/072-alpha-ref.episode.yaml"
    text = spec.read_text()
    spec.write_text(text[: text.index("voice:")] + text[text.index("foley:") : text.index("camera:")] + TRACKS)
    text, longest_still_s, code = watched([sys.executable, "-m", "episodec", "build", "72", "-j1"], root)
    assert code == 0
    assert longest_still_s < STILL_S
    assert "reading the series · " in text
    assert re.search(r"alpha/scene/relief +\d+(\.\d)? s", text)
    assert len(set(re.findall(r"\d+ of \d+ actions · \d+(?:\.\d)? s", text))) > 20


TRACKS = """\
frames: 30
camera:
  - {move: orbit, frames: 30, radius: 2.4, from_deg: -12, to_deg: 12}
time:
  - {map: loop, frames: 30, period: 24}
"""


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio(tmp_path / "series").start(1)


def test_an_action_that_takes_long_is_shown_with_what_it_printed_last(studio: Studio) -> None:
    """The action goes on when what it says is on the screen."""
    steps: set[str] = set()

    def go_on(text: str) -> None:
        steps.update(re.findall(r"d13-001/voice +[\d.]+ s +(iteration \d+/30)", text))
        if len(steps) > 3:
            let("enough")
        if re.search(r"d13-001/voice +[\d.]+ s +its child", text):
            let("over")

    def let(name: str) -> None:
        for talking in (studio.root / "cache").glob("**/talking"):
            (talking.parent / name).touch()

    command = [sys.executable, "-m", "tests.cli.toy", "build", "-j1", "--backend", "voice=talk", "--check"]
    text, longest_still_s, code = watched(command, studio.root, go_on)
    assert code == 0
    assert longest_still_s < STILL_S
    assert "making everything again · " in text


@pytest.mark.parametrize(("after_s", "row"), [(1.9, "1.9 s  never made"), (2.0, "2.0 s  iteration 12/30")])
def test_a_short_action_shows_why_it_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after_s: float, row: str
) -> None:
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    monkeypatch.setenv("COLUMNS", "100")
    out, log, now = io.StringIO(), tmp_path / "log", [10.0]
    progress = LiveProgress(out, Narrator(), clock=lambda: now[0])
    progress.hear(BuildStarted(1, 0, 2, 2, 60.0))
    progress.hear(ActionStarted(ActionId("d13-001/voice"), ActionKey("key"), "voice", "b", NeverMade(), 1, log))
    log.write_text("iteration 12/30\r")
    now[0] += after_s
    progress.close()
    assert f"d13-001/voice  {row}" in legible(out.getvalue().encode())


def test_off_a_terminal_the_sign_of_life_says_it_too(tmp_path: Path) -> None:
    out, log = io.StringIO(), tmp_path / "log"
    log.write_text("an earlier attempt\n")
    now = [0.0]
    progress = PlainProgress(out, Narrator(), every_s=0.02, clock=lambda: now[0])
    progress.begin("reading the series")
    now[0] = 0.7
    await_line(out, "at work · reading the series · 0.7 s")
    progress.hear(BuildStarted(1, 0, 2, 2, 60.0))
    progress.hear(ActionStarted(ActionId("d13-001/voice"), ActionKey("key"), "voice", "b", NeverMade(), 1, log))
    now[0] = 1.2
    await_line(out, "at work · 0 of 2 actions · 0.5 s · about 1 min 00 s left · d13-001/voice (0.5 s)")
    with log.open("a") as file:
        file.write("iteration 12/30\r")
    now[0] = 3.7
    await_line(out, "at work · 0 of 2 actions · 3.0 s · about 57 s left · d13-001/voice (3.0 s: iteration 12/30)")
    progress.close()


def await_line(out: io.StringIO, line: str) -> None:
    """Wait until another thread has written this line, which must come."""
    end = time.monotonic() + PATIENCE_S
    while line not in out.getvalue().splitlines():
        assert time.monotonic() < end, (line, out.getvalue())
        time.sleep(0.01)
