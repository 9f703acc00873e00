"""Text from strangers' specs, logs and file names cannot drive the terminal that it is shown on."""

import io
import os
import sys
import time
from pathlib import Path

import pytest

from episodec.building.recheck import Checked, Difference
from episodec.cli.build import check_summary
from episodec.digest import Digest
from episodec.engine.action import ActionId
from episodec.engine.events import (
    ActionFailed,
    ActionMade,
    ActionStarted,
    BuildFinished,
    BuildStarted,
    Event,
    FilesRemoved,
    Interrupting,
)
from episodec.engine.key import ActionKey
from episodec.engine.plan import Changed, Forced, Lost, NeverMade, Reason
from episodec.errors import BackendError
from episodec.report.lines import Narrator, summary
from episodec.report.progress import LiveProgress, PlainProgress
from episodec.report.reasons import word_diff
from episodec.report.words import reason_text
from episodec.text import seconds_text, size_text, table
from tests.builds.studio import Studio
from tests.cli.command import toy

HOSTILE = "\x1b]0;owned\x07\x1b[2J\u202egnp.exe\x9b31m[red]x[/red]"


def is_harmless(text: str) -> bool:
    return all(character.isprintable() or character == "\n" for character in text)


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        (NeverMade(), "never made"),
        (Lost(), "its result is no longer in the cache"),
        (Forced(), "forced (-B)"),
        (Changed(("params.text",)), "text changed"),
        (Changed(("inputs.recording.wav",)), "recording.wav changed"),
        (Changed(("fingerprint.tool",)), "backend espeak's tool changed"),
        (Changed(("fingerprint",)), "backend espeak changed"),
        (Changed(("params.a", "params.b", "params.c", "params.d", "params.e")), "a, b, c and 2 more changed"),
        (Changed(("version",)), "key version changed"),
    ],
)
def test_reasons_are_told_in_the_users_words(reason: Reason, words: str) -> None:
    assert reason_text(reason, "espeak") == words


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.04, "0.0 s"),
        (9.94, "9.9 s"),
        (9.96, "10 s"),
        (59.6, "1 min 00 s"),
        (3599.7, "1 h 00 min"),
        (7500, "2 h 05 min"),
    ],
)
def test_durations(seconds: float, text: str) -> None:
    assert seconds_text(seconds) == text


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (999, "999 B"),
        (1000, "1.0 kB"),
        (999_949, "999.9 kB"),
        (999_960, "1.0 MB"),
        (2_880_044, "2.9 MB"),
        (999_960_000, "1.0 GB"),
        (999_960_000_000, "1.0 TB"),
        (10**12, "1.0 TB"),
        (10**16, "10000.0 TB"),
    ],
)
def test_sizes(size: int, text: str) -> None:
    assert size_text(size) == text


@pytest.mark.parametrize(
    ("running", "text"),
    [
        (0, "stopping"),
        (1, "stopping when 1 running action is finished; Ctrl-C again stops it now"),
        (2, "stopping when 2 running actions are finished; Ctrl-C again stops them now"),
    ],
)
def test_a_stop_tells_how_many_it_waits_for(running: int, text: str) -> None:
    assert Narrator().lines(Interrupting(running)) == [text]


@pytest.mark.parametrize(
    ("differ", "text"),
    [
        (0, "check: 2 actions made again, all the same"),
        (1, "check: 2 actions made again, 1 output differs"),
        (2, "check: 2 actions made again, 2 outputs differ"),
    ],
)
def test_a_check_tells_how_many_outputs_differ(differ: int, text: str) -> None:
    difference = Difference(ActionId("one"), "voice", "espeak", "speech.wav", Digest("a"), Digest("b"))
    assert check_summary([Checked(2, (difference,) * differ, (), 0, interrupted=False)]) == text


def test_tables() -> None:
    assert table([["a", "b"], ["日本", "c"], ["\x1b[31mx\x1b[0m", "d"]]) == [
        "a     b",
        "日本  c",
        "\x1b[31mx\x1b[0m     d",
    ]


def test_nothing_hostile_reaches_the_terminal() -> None:
    name, key = ActionId(f"d13-001/{HOSTILE}"), ActionKey("key")
    narrator = Narrator(verbose=True)
    error = BackendError(HOSTILE, facts={HOSTILE: HOSTILE}, hint=HOSTILE)
    events: list[Event] = [
        ActionStarted(name, key, "voice", HOSTILE, Changed((f"params.{HOSTILE}", "fingerprint.x")), 1, Path()),
        ActionMade(name, key, 1.0, unchanged=True),
        ActionFailed(name, error, Path(f"/x/{HOSTILE}.log"), f"{HOSTILE}\n{HOSTILE}\rover"),
        ActionFailed(name, ZeroDivisionError(HOSTILE), Path(), ""),
        FilesRemoved((f"dist/{HOSTILE}",)),
    ]
    text = "\n".join(line for event in events for line in narrator.lines(event))
    assert "owned" in text
    assert is_harmless(text)
    assert is_harmless("\n".join(word_diff(f"a {HOSTILE}", HOSTILE, lambda text, _: text)))


def test_markup_in_names_stays_text_on_a_terminal() -> None:
    out = io.StringIO()
    live = LiveProgress(out, Narrator())
    live.hear(BuildStarted(1, 0, 1, 1, 2.0))
    live.hear(ActionStarted(ActionId("[red]x[/red]:smile:"), ActionKey("key"), "voice", "b", NeverMade(), 1, Path()))
    live.hear(ActionMade(ActionId("[red]x[/red]:smile:"), ActionKey("key"), 1.0, unchanged=False))
    live.hear(BuildFinished(1, 0, 0, 0, 1.0, {}))
    live.close()
    assert "[red]x[/red]:smile:" in out.getvalue()


def silent(out: io.StringIO, every_s: float) -> PlainProgress:
    """The progress of a build that says nothing."""
    progress = PlainProgress(out, Narrator(), every_s=every_s, clock=lambda: 5.0)
    progress.hear(BuildStarted(1, 0, 2, 2, 60.0))
    progress.hear(ActionStarted(ActionId("d13-001/voice"), ActionKey("key"), "voice", "b", NeverMade(), 1, Path()))
    return progress


def test_a_silent_build_says_every_now_and_then_that_it_lives() -> None:
    out = io.StringIO()
    progress = silent(out, 0.02)
    end = time.monotonic() + 60
    while out.getvalue().count("\n") < 2:
        assert time.monotonic() < end
        time.sleep(0.01)
    progress.close()
    line = "at work · 0 of 2 actions · 0.0 s · about 1 min 00 s left · d13-001/voice (0.0 s)"
    assert set(out.getvalue().splitlines()) == {line}


def test_a_build_is_silent_for_as_long_as_it_may() -> None:
    out = io.StringIO()
    progress = silent(out, 3600)
    time.sleep(0.1)
    progress.close()
    assert out.getvalue() == ""


@pytest.mark.parametrize(
    ("numbers", "text"),
    [
        ((72, 72, 0, 0, 0), "72 episodes: all current"),
        ((1, 1, 0, 0, 0), "1 episode: all current"),
        ((72, 71, 1, 3, 9), "72 episodes: 1 built, 71 current · 3 actions made, 9 reused · 4.2 s"),
        ((3, 1, 1, 1, 0), "3 episodes: 1 built, 1 current, 1 not built · 1 action made, 0 reused · 4.2 s"),
    ],
)
def test_the_last_line(numbers: tuple[int, int, int, int, int], text: str) -> None:
    assert summary(*numbers, seconds=4.2) == text
    assert summary(*numbers, seconds=4.2, noted=2) == f"{text} · 2 with notes, see `episodec status`"


def test_a_hostile_file_name_is_shown_escaped(tmp_path: Path) -> None:
    studio = Studio(tmp_path / "series").start(1)
    studio.write("episodes/\x1b[31mred.episode.yaml", "episodec: 1\nnumber:   x\n")
    for words in (
        ["validate"],
        ["status"],
        ["plan"],
        ["build"],
        ["fmt", "--check"],
        ["validate", "--output-format", "concise"],
    ):
        ran = toy(studio, *words)
        assert "\\x1b[31mred" in ran.stdout + ran.stderr, words
        assert "\x1b" not in ran.stdout + ran.stderr, words


def test_a_bug_of_ours_is_told_as_one_and_its_traceback_kept(tmp_path: Path) -> None:
    studio = Studio(tmp_path / "series").start(1)
    toy(studio, "build")
    script = (
        "import sys; from episodec.cli import app; from episodec.questions import status; "
        "sys.modules['episodec.cli.status'] = type('Broken', (), {'add': staticmethod(lambda p: None), "
        "'run': staticmethod(lambda c: {}['x'])}); sys.exit(app.run(sys.argv[1:]))"
    )
    import subprocess

    from tests.cli.command import environment

    def broken(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", script, *words]
        where = environment(studio.root)
        return subprocess.run(command, cwd=studio.root, env=where, capture_output=True, text=True, check=False)

    ran = broken("status")
    assert ran.returncode == 2
    assert ran.stderr.startswith("internal error in episodec (not caused by your files):\n  KeyError: 'x'\n")
    (kept,) = (studio.root / "cache" / "runs").glob("mistake-*.txt")
    assert "Traceback" in kept.read_text()
    assert os.fspath(kept) in ran.stderr
    assert "Traceback" in broken("status", "-v").stderr
