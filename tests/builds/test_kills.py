"""Builds killed for real, interrupted, and run two at once: the next build gives what an undisturbed one does."""

import json
import os
import random
import re
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import pytest

from tests.builds import trained
from tests.builds.studio import ROOT, Studio


@pytest.fixture
def tmp_path(on_disk: Path) -> Path:
    """Where syncs take their time, so that kills come in the middle of some."""
    return on_disk


STARTED: list[subprocess.Popen[str]] = []


@pytest.fixture(autouse=True)
def no_child_is_left(tmp_path: Path) -> Iterator[Path]:
    """A test that fails ends its builds before its folder goes: one that went on would tell of results that are gone,
    to nobody, and that would be read as the failure.
    """
    yield tmp_path  # Which goes after this.
    for child in STARTED:
        assert child.stdout is not None
        if child.poll() is None:
            child.kill()
            child.wait()
        child.stdout.close()
    STARTED.clear()


def start(folder: Path, *toys: str, jobs: int = 2) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.builds.child", str(folder), str(jobs), *toys]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, start_new_session=True)
    STARTED.append(child)
    return child


def lines_of(child: subprocess.Popen[str]) -> list[str]:
    out, _ = child.communicate(timeout=60)
    return out.splitlines()


def test_a_build_killed_at_any_moment_is_finished_by_the_next_one(tmp_path: Path) -> None:
    studio = Studio(tmp_path / "project").start(4)
    expected = studio.clean_dist(tmp_path / "clean")
    # Kills before the first event, at one, and a little after one. Each build tells at least 20: work for each round.
    moments = random.Random(4)
    kills = [
        kill
        for _ in range(3)
        for kill in (
            (0, moments.uniform(0.01, 0.2)),
            (moments.randint(1, 20), 0),
            (moments.randint(1, 20), moments.uniform(0.001, 0.03)),
        )
    ]
    for round_, (event, seconds) in enumerate(kills):
        for number in range(1, 5):
            studio.episode(number, text=f"Take {round_} of episode {number}.")
        child = start(studio.root, f"killed={event}:{seconds}")
        child.communicate(timeout=60)
        # After some seconds it may have ended before: never at an event itself, whatever the machine does besides.
        assert child.returncode in ((0, -signal.SIGKILL) if seconds else (-signal.SIGKILL,))
        for name, content in studio.dist().items():
            assert is_whole(name, content, expected), f"{name} is half-made"
    for number in range(1, 5):
        studio.episode(number)
    assert studio.build().exit_code == 0
    assert studio.dist() == expected
    # A worker of a killed build may need a moment to end.
    wait_for(lambda: studio.build().exit_code == 0 and not left_at_work(studio))


def left_at_work(studio: Studio) -> list[str]:
    """The work folders that are left; one that was just being made is taken for dead only after a minute."""
    return [path.name for path in (studio.root / "cache/work").iterdir() if not path.name.startswith("new-")]


def is_whole(name: str, content: bytes, expected: Mapping[str, bytes]) -> bool:
    """Whether a file in dist/ is all that some build of these tests puts there."""
    if name.endswith("_voice.wav"):
        return content == expected.get(name) or re.fullmatch(rb"Take \d+ of episode \d\.", content) is not None
    if name.startswith("manifest/"):
        return content.endswith(b"}\n") and bool(json.loads(content))
    return content == expected.get(name)


@pytest.mark.campaign
@pytest.mark.timeout(7200)
def test_a_training_and_all_else_killed_at_any_moment_give_the_bytes_of_an_undisturbed_build(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    expected, training_s = undisturbed(tmp_path / "clean")
    kills = int(os.environ.get("EPISODEC_TESTS_KILLS", "200"))
    studio, moments = trained.start(tmp_path / "project"), random.Random(5)
    cut_short = in_training = resumed = 0
    for round_ in range(kills):
        # Work for each round, and a training for five: of these the first is killed once it has kept something, the
        # second once it goes on from that, and the others wherever they are.
        trained.edited(studio, seed=1 + round_ // 5, take=round_)
        for log in train_logs(studio):
            log.unlink()
        child = start(studio.root, "trained")
        messages = OutputReader(child)
        come_to_the_moment(round_ % 5, studio, child, messages, moments)
        time.sleep(moments.uniform(0, 0.05 if round_ % 5 > 1 else training_s / 8))
        child.kill()
        cut_short += child.wait() == -signal.SIGKILL
        messages.join()
        in_training += messages.is_in_training()
        resumed += goes_on(studio)
        damaged = [line for line in messages.lines if line.startswith(("BlobDamaged", "ActionFailed", "PublishFailed"))]
        assert not damaged, "a kill damages nothing"
        for name, content in studio.dist().items():
            assert content, f"{name} is half-made"
            assert not Path(name).name.startswith("."), f"{name} was left behind"
    trained.edited(studio, seed=0, take=0)
    last = start(studio.root, "trained")
    last.communicate(timeout=600)
    assert last.returncode == 0
    assert studio.dist() == expected
    wait_for(lambda: not left_at_work(studio))  # A worker of the last killed build may need a moment to end.
    report = (
        f"{cut_short} of {kills} builds were killed at work, {in_training} of them in a training, which takes "
        f"{training_s:.1f} s; in {resumed} it had gone on from what it had kept"
    )
    with capsys.disabled():
        sys.stdout.write(f"\n{report}\n")
    assert cut_short > kills // 2, "most kills came after the build: this test shows nothing"
    assert in_training >= kills // 5, "hardly a training was killed in the middle"
    assert resumed >= kills // 10, "hardly a training went on from what it had kept"


def undisturbed(root: Path) -> tuple[dict[str, bytes], float]:
    """The series' results, and how long its training took, in seconds."""
    clean = trained.start(root)
    child = start(root, "trained")
    child.communicate(timeout=600)
    assert child.returncode == 0
    with sqlite3.connect(root / "cache/index.db") as index:
        ((seconds,),) = index.execute("SELECT seconds FROM history WHERE stage = 'train'")
    return clean.dist(), seconds


class OutputReader(threading.Thread):
    """The lines that a build prints, as they arrive."""

    def __init__(self, child: subprocess.Popen[str]) -> None:
        super().__init__(daemon=True)
        self._child = child
        self.lines: list[str] = []
        self.start()

    def run(self) -> None:
        assert self._child.stdout is not None
        with self._child.stdout as lines:
            self.lines.extend(lines)

    def is_in_training(self) -> bool:
        """Whether a training was begun and is not ended."""
        begun, built = (f"Action{word} alpha/train" for word in ("Started", "Made"))
        return any(line.startswith(begun) for line in self.lines) and not any(
            line.startswith(built) for line in self.lines
        )


def come_to_the_moment(
    kind: int, studio: Studio, child: subprocess.Popen[str], expected: OutputReader, moments: random.Random
) -> None:
    """Wait until a build is where it is to be killed: in a training that has something to go on from (0), in one that
    went on from there (1), anywhere (more); or until it ends.
    """
    place, kept_before = moments.randrange(40), kept(studio)

    def is_there() -> bool:
        if kind == 0:
            return kept(studio) > kept_before
        return goes_on(studio) if kind == 1 else len(expected.lines) > place

    wait_for(lambda: child.poll() is not None or is_there(), 120)


def kept(studio: Studio) -> int:
    """When a training last kept what it can go on from, in nanoseconds; those that were given up keep theirs."""
    times = [0]
    for path in below(studio.root / "cache/scratch", "*/kept"):
        with suppress(FileNotFoundError):
            times.append(path.stat().st_mtime_ns)
    return max(times)


def goes_on(studio: Studio) -> bool:
    """Whether the training that was started last went on from what an earlier one had kept."""
    return any("resuming from the checkpoint of an interrupted run (" in log.read_text() for log in train_logs(studio))


def below(folder: Path, pattern: str) -> list[Path]:
    """The paths that match this pattern now. Scratch folders come and go: one that disappears meanwhile counts as
    empty, where `glob` raises.
    """
    actual: list[Path] = []
    with suppress(FileNotFoundError):
        actual.extend(folder.glob(pattern))
    return actual


def sizes(folder: Path, pattern: str) -> list[int]:
    """How many bytes these files have now."""
    actual = []
    for path in below(folder, pattern):
        with suppress(FileNotFoundError):
            actual.append(path.stat().st_size)
    return actual


def test_a_look_into_folders_that_come_and_go_finds_what_stays(tmp_path: Path) -> None:
    for number in range(30):
        (tmp_path / f"stays{number}").mkdir()
        (tmp_path / f"stays{number}/steps").write_bytes(b"1234")
    come_and_go = "import os\nwhile True:\n for n in range(8):\n  os.mkdir(f'goes{n}')\n  os.rmdir(f'goes{n}')"
    other = subprocess.Popen([sys.executable, "-S", "-c", come_and_go], cwd=tmp_path)
    try:
        looks = [sizes(tmp_path, "*/*") for _ in range(1000)]
    finally:
        other.kill()
        other.wait()
    assert all(size == 4 for look in looks for size in look)
    assert [4] * 30 in looks


def train_logs(studio: Studio) -> list[Path]:
    return list((studio.root / "cache/logs/alpha/train").glob("*.log"))


def test_a_long_action_resumes_from_its_scratch_folder(tmp_path: Path) -> None:
    studio = Studio(tmp_path / "project").start(1)
    child = start(studio.root, "say=Slow")
    steps = studio.root / "cache/scratch"
    wait_for(lambda: any(size >= 4 for size in sizes(steps, "*/steps")))
    child.kill()
    child.communicate()
    again = start(studio.root, "say=Slow")
    lines_of(again)
    assert again.returncode == 0
    log = next((studio.root / "cache/logs/d13-001").glob("voice.*.log")).read_text()
    assert "resuming at step 0" not in log
    assert not list(steps.iterdir()), "what is recorded needs no scratch"


def test_no_child_outlives_a_killed_build(tmp_path: Path) -> None:
    studio = Studio(tmp_path / "project").start(1)
    child = start(studio.root, "say=Slow")
    wait_for(lambda: bool(below(studio.root / "cache/scratch", "*/steps")))
    workers = workers_of(child.pid)
    assert workers
    child.kill()
    child.communicate()
    wait_for(lambda: not any(Path(f"/proc/{pid}").exists() for pid in workers))


def test_ctrl_c_finishes_what_runs_and_a_second_one_stops_it(tmp_path: Path) -> None:
    studio = Studio(tmp_path / "project").start(3)
    child = start(studio.root, "say=Slow", jobs=1)
    wait_for(lambda: bool(below(studio.root / "cache/scratch", "*/steps")))
    child.send_signal(signal.SIGINT)
    messages = lines_of(child)
    assert child.returncode == 130
    assert sum(line.startswith("ActionMade") and "voice" in line for line in messages) == 1
    child = start(studio.root, "say=Slow", jobs=1)
    wait_for(lambda: any(size > 1 for size in sizes(studio.root / "cache/scratch", "*/steps")))
    child.send_signal(signal.SIGINT)
    time.sleep(0.15)
    started = time.monotonic()
    child.send_signal(signal.SIGINT)
    messages = lines_of(child)
    assert child.returncode == 130
    assert not any(line.startswith("ActionMade") and "voice" in line for line in messages)
    assert time.monotonic() - started < 30
    assert studio.build().exit_code == 0


def test_two_builds_at_once_never_make_the_same_action_twice(tmp_path: Path) -> None:
    studio = Studio(tmp_path / "project").start(3)
    first, two = start(studio.root, "say=Slow"), start(studio.root, "say=Slow")
    messages = [lines_of(first), lines_of(two)]
    assert (first.returncode, two.returncode) == (0, 0)
    built = [line.split()[1] for lines in messages for line in lines if line.startswith("ActionMade")]
    assert len(built) == len(set(built)) == 9
    assert studio.dist() == slow_dist(studio, tmp_path / "clean")


def slow_dist(studio: Studio, where: Path) -> dict[str, bytes]:
    return Studio(studio.root, {**studio.backends, "say": "tests.toys.backends:Slow"}).clean_dist(where)


def test_an_input_edited_while_its_action_reads_it_is_never_recorded(tmp_path: Path) -> None:
    studio = Studio(tmp_path / "project").start(1)
    child = start(studio.root, "file=Slow")
    wait_for(lambda: bool(below(studio.root / "cache/scratch", "*/steps")))
    studio.write("episodes/media/001.mp4", "VIDEO 1")
    messages = lines_of(child)
    assert child.returncode == 1
    assert any(line.startswith("ActionFailed") and "changed while" in line for line in messages)
    again = start(studio.root, "file=Slow")
    lines_of(again)
    assert again.returncode == 0
    assert studio.dist()["video/alpha_d13_episode1.mp4"] == b"VIDEO 1"


def wait_for(holds: object, seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not holds():  # type: ignore[operator]
        if time.monotonic() > end:
            pytest.fail("it never happened")
        time.sleep(0.01)


def workers_of(pid: int) -> list[int]:
    tree = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(one) for one in tree]
