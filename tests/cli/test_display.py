"""The picture that a build draws on a terminal, looked at as the terminal gets it: it moves while work runs."""

import io
import re
import shutil
import sys
import time
from itertools import pairwise
from pathlib import Path

import pytest

from episodec.engine.action import ActionId
from episodec.engine.events import ActionStarted, BuildStarted
from episodec.engine.key import ActionKey
from episodec.engine.plan import NeverMade
from episodec.report.lines import Narrator
from episodec.report.progress import PlainProgress
from tests.builds.studio import ROOT, Studio
from tests.cli.command import legible, on_a_terminal

STILL_S = 2.0  # The longest that the picture may stand still.

Shown = list[tuple[float, str]]  # Moments, and the text that came, without control sequences.


def watched(command: list[str], root: Path) -> tuple[Shown, float, int]:
    """What a command shows on a terminal of 100 columns, when; how long it ran; its exit code."""
    with on_a_terminal(command, root, {"COLUMNS": "100"}) as terminal:
        rows = [(at, legible(piece).strip()) for at, piece in terminal.output_pieces()]
        code = terminal.process.wait(timeout=30)
        return rows, time.monotonic() - terminal.started_s, code


def longest_still(visible: Shown, ran_s: float) -> float:
    """The longest time in which nothing came that was not on the screen already."""
    moments = [0.0] + [at for (_, before), (at, text) in pairwise([(0.0, ""), *visible]) if text != before] + [ran_s]
    return max(later - sooner for sooner, later in pairwise(moments))


def test_real_rendering_never_stands_still(tmp_path: Path) -> None:
    root = tmp_path / "project"
    shutil.copytree(Path(ROOT, "episodes"), root / "episodes")
    series = root / "episodes/series.yaml"
    series.write_text(series.read_text().replace("size: [512, 512]", "size: [64, 64]"))
    spec = root / "episodes/072-alpha-ref.episode.yaml"
    text = spec.read_text()
    spec.write_text(text[: text.index("voice:")] + text[text.index("foley:") : text.index("camera:")] + TRACKS)
    command = [sys.executable, "-m", "episodec", "build", "72", "-j1"]
    visible, ran_s, code = watched(command, root)
    assert code == 0
    assert longest_still(visible, ran_s) < STILL_S
    text = "\n".join(piece for _, piece in visible)
    assert "reading the series · " in text
    assert re.search(r"alpha/scene/relief +\d\.\d s", text)
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
    command = [sys.executable, "-m", "tests.cli.toy", "build", "-j1", "--backend", "voice=talk", "--check"]
    visible, ran_s, code = watched(command, studio.root)
    assert code == 0
    assert longest_still(visible, ran_s) < STILL_S
    text = "\n".join(piece for _, piece in visible)
    steps = [int(step) for step in re.findall(r"d13-001/voice +\d\.\d s +iteration (\d+)/30", text)]
    assert len(set(steps)) > 3
    assert min(steps) >= 15, "a short action shows why it is made"
    assert "never made" in text
    assert re.search(r"d13-001/voice +\d\.\d s +its child", text)
    assert "making everything again · " in text, "so does the check"


def test_off_a_terminal_the_sign_of_life_says_it_too(tmp_path: Path) -> None:
    out, log = io.StringIO(), tmp_path / "log"
    log.write_text("an earlier attempt\n")
    progress = PlainProgress(out, Narrator(), every_s=0.5)
    progress.begin("reading the series")
    time.sleep(0.7)
    progress.hear(BuildStarted(1, 0, 2, 2, 60.0))
    progress.hear(ActionStarted(ActionId("d13-001/voice"), ActionKey("key"), "voice", "b", NeverMade(), 1, log))
    with log.open("a") as file:
        file.write("iteration 12/30\r")
    time.sleep(3.2)
    progress.close()
    first, second, *_, last = out.getvalue().splitlines()
    assert re.fullmatch(r"at work · reading the series · 0\.\d s", first)
    assert re.fullmatch(r"at work · 0 of 2 actions · 0\.\d s · about .* left · d13-001/voice \(0\.\d s\)", second)
    assert re.fullmatch(r".* · d13-001/voice \(\d\.\d s: iteration 12/30\)", last)
