"""`build --watch`, driven by real saves of a real process."""

import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from queue import Empty, Queue

import pytest

from episodec.building.build import build
from episodec.building.run_context import Stop
from episodec.engine.events import ActionMade, Event, SoundWritten
from episodec.stages.lowering import Lowered, Lowering
from tests.builds import short
from tests.builds.studio import Studio
from tests.cli.command import environment, toy
from tests.test_questions import request


class Watching:
    """A watching build and what it says, line by line."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self._lines: Queue[str] = Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line)

    def until(self, pattern: str) -> list[str]:
        """Its output up to a line that begins like this."""
        lines = []
        end = time.monotonic() + 120
        while time.monotonic() < end:
            try:
                lines.append(self._lines.get(timeout=1))
            except Empty:
                assert self.process.poll() is None, lines
                continue
            if re.match(pattern, lines[-1]):
                return lines
        raise AssertionError(lines)


@contextmanager
def watching(studio: Studio, *options: str) -> Iterator[Watching]:
    command = [sys.executable, "-m", "tests.cli.toy", "build", "--watch", "-j1", *options]
    with subprocess.Popen(
        command,
        cwd=studio.root,
        env=environment(studio.root),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        process_group=0,
    ) as process:
        try:
            yield Watching(process)
        finally:
            process.kill()


def test_what_is_saved_is_built_a_broken_spec_is_survived_and_ctrl_c_ends_it(tmp_path: Path) -> None:
    studio = Studio(tmp_path / "series").start(2)
    with watching(studio) as run:
        run.until("2 episodes: 2 built, 0 current ")
        run.until("watching episodes; Ctrl-C ends it")
        studio.episode(1, text="Other words.")
        assert "made    d13-001/voice" in "".join(run.until("2 episodes: 1 built, 1 current "))
        studio.write("episodes/002.episode.yaml", "episodec: 1\nnumber: 2\ntitle: T\ncolour: red\n")
        assert "error[S101]: there is no field `colour`" in "".join(run.until("2 episodes: 0 built, 1 current"))
        studio.episode(2)
        run.until("2 episodes: 1 built, 1 current ")
        studio.write("episodes/series.yaml", ": [")
        run.until("error")
        studio.start(2)
        studio.episode(1, text="Third words.")
        run.until("made +d13-001/voice")
        run.until("watching")
        run.process.send_signal(signal.SIGINT)
        run.until("no longer watching")
        assert run.process.wait(60) == 0


def test_a_save_ends_the_build_that_runs_and_what_it_made_is_reused(tmp_path: Path) -> None:
    studio = Studio(tmp_path / "series").start(3)
    with watching(studio, "-v", "--backend", "voice=slow") as run:
        run.until(r"start +d13-00./voice")
        studio.episode(3, text="Other words.")
        run.until("3 episodes: .*not built")
        output = "".join(run.until("3 episodes: 3 built, 0 current"))
        assert len(re.findall(r"^made +d13-00./voice", output, re.MULTILINE)) == 2


def test_a_ctrl_c_beside_a_save_ends_the_watching(tmp_path: Path) -> None:
    studio = Studio(tmp_path / "series").start(3)
    with watching(studio, "-v", "--backend", "voice=slow") as run:
        run.until(r"start +d13-00./voice")
        studio.episode(3, text="Other words.")
        run.process.send_signal(signal.SIGINT)
        assert run.process.wait(60) == 130


def test_what_no_episode_reads_starts_no_build(tmp_path: Path) -> None:
    studio = Studio(tmp_path / "series").start(1)
    with watching(studio) as run:
        run.until("watching")
        studio.write("episodes/notes.txt", "x")
        studio.write("episodes/.001.episode.yaml.swp", "x")
        studio.write("other/x.txt", "x")
        time.sleep(1.5)
        studio.episode(1, text="Other words.")
        output = run.until("watching")
        assert len([line for line in output if line.startswith("1 episode: ")]) == 1


@pytest.mark.parametrize("option", ["-n", "--check", "-B", "--only=voice", "--remake=voice"])
def test_other_ways_of_building_are_refused(tmp_path: Path, option: str) -> None:
    ran = toy(Studio(tmp_path / "series").start(1), "build", "--watch", option)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.startswith("error: --watch builds after every save\n")


def _mixing(at: Lowering) -> Lowered:
    """As always, the Foley as a mix."""
    lowered = short.lower(at)
    foley = next(one for one in lowered.actions if one.stage == "foley")
    mix = replace(foley, stage="mix", outputs=("mix.wav",))
    deliverables = tuple(
        replace(one, artifact=mix.artifact()) if one.artifact.action == mix.id else one for one in lowered.deliverables
    )
    return Lowered(tuple(mix if one is foley else one for one in lowered.actions), deliverables)


def test_a_new_mix_can_be_heard_before_the_rest_is_made(tmp_path: Path) -> None:
    studio = Studio(tmp_path).start(1)
    studio.lower = _mixing
    events: list[Event] = []
    build(replace(request(studio), hears=True, jobs=1), events.append, Stop())
    (sound,) = [one for one in events if isinstance(one, SoundWritten)]
    assert Path(sound.path).is_file()
    assert next(one.id for one in events if isinstance(one, ActionMade)) == "d13-001/foley"
    events.clear()
    studio.episode(1, text="Other words.")
    build(replace(request(studio), hears=True), events.append, Stop())
    assert not [one for one in events if isinstance(one, SoundWritten)]  # It is the same.
