"""Ctrl-C and its relatives, sent to real builds with real workers."""

import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.builds.studio import Studio
from tests.cli.command import environment, legible, on_a_terminal, toy_process


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio(tmp_path / "series").start(3)


def started(studio: Studio, *before: str) -> subprocess.Popen[str]:
    """A build of slow voices that has begun its first one; `before` are the words of what starts it."""
    command = [sys.executable, "-m", "tests.cli.toy", "build", "-v", "-j1", "--backend", "voice=slow"]
    build = subprocess.Popen(
        [*before, *command],
        cwd=studio.root,
        env=environment(studio.root),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        process_group=0,
    )
    assert build.stderr is not None
    for line in build.stderr:
        if re.match(r"start +d13-00./voice", line):
            return build
    raise AssertionError("it never started")


def ended(build: subprocess.Popen[str]) -> tuple[int, str, str]:
    out, err = build.communicate(timeout=120)
    return build.returncode, out, err


def test_one_ctrl_c_finishes_what_runs_and_says_so(studio: Studio) -> None:
    build = started(studio)
    build.send_signal(signal.SIGINT)
    code, out, err = ended(build)
    assert code == 130
    assert "stopping when 1 running action is finished; Ctrl-C again stops it now" in err
    assert re.search(r"^made +d13-00./voice", err, re.MULTILINE)
    assert "not built" in out
    assert len(re.findall(r"^start .*voice", err, re.MULTILINE)) == 0  # No other was started.
    again = toy_process(studio, "build", "--backend", "voice=slow", "-j2")
    assert again.returncode == 0
    assert len(re.findall(r"^made .*voice", again.stderr, re.MULTILINE)) == 2


def test_a_second_ctrl_c_stops_what_runs(studio: Studio) -> None:
    build = started(studio)
    build.send_signal(signal.SIGINT)
    time.sleep(0.3)
    build.send_signal(signal.SIGINT)
    code, _, err = ended(build)
    assert code == 130
    assert not re.search(r"^made +d13-00./voice", err, re.MULTILINE)
    assert "Traceback" not in err


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_polite_kill_stops_what_runs_at_once(studio: Studio, number: signal.Signals) -> None:
    build = started(studio)
    build.send_signal(number)
    code, _, err = ended(build)
    assert code == 130
    assert not re.search(r"^made +d13-00./voice", err, re.MULTILINE)


@pytest.mark.parametrize("ignored", ["INT", "HUP"])
def test_a_signal_that_the_caller_ignores_changes_nothing_and_a_polite_kill_still_stops_it(
    studio: Studio, ignored: str
) -> None:
    behind = ["sh", "-c", f"trap '' {ignored}; exec \"$@\"", "sh"]  # As `&` of a script does, and nohup.
    build = started(studio, *behind)
    for _ in range(3):
        build.send_signal(signal.Signals[f"SIG{ignored}"])
    code, out, err = ended(build)
    assert (code, "stopping" in err) == (0, False)
    assert "3 episodes: 3 built" in out
    studio.episode(1, text="Other words.")
    again = started(studio, *behind)
    again.send_signal(signal.SIGTERM)
    assert ended(again)[0] == 130


def test_a_terminal_shows_what_runs_and_what_is_left_and_moves(studio: Studio) -> None:
    command = [sys.executable, "-m", "tests.cli.toy", "build", "-j1", "--backend", "voice=slow"]
    with on_a_terminal(command, studio.root) as terminal:
        visible = b"".join(piece for _, piece in terminal.output_pieces())
    assert terminal.process.returncode == 0
    text = legible(visible)
    assert re.search(r"d13-00./voice +0\.\d s +never made", text)  # A row that moves.
    assert len(set(re.findall(r"\d of 9 actions · \d+\.\d s", text))) > 5
    assert "3 episodes: 3 built" in text
    assert "\x1b[?25h" in visible.decode()  # The cursor is back.
