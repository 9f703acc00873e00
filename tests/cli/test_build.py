import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.builds.studio import ROOT, Studio
from tests.cli.command import environment, shell, timeless, toy, toy_process

FILMS = "".join(f"film    dist/video/alpha_d13_episode{number}.mp4\n" for number in (1, 2))


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio(tmp_path / "series").start(2)


def test_a_build_says_why_it_makes_each_action_and_a_second_has_nothing_to_do(studio: Studio) -> None:
    first = toy_process(studio, "build", "episodes/")
    assert first.returncode == 0
    assert timeless(first.stdout) == f"2 episodes: 2 built, 0 current · 6 actions made, 0 reused · T\n{FILMS}"
    output = [line.split(None, 1)[1] for line in timeless(first.stderr).splitlines()]
    assert [" ".join(line.split()) for line in sorted(output)] == [
        f"d13-00{number}/{stage} T never made" for number in (1, 2) for stage in ("foley", "video", "voice")
    ]
    second = toy_process(studio, "build", "episodes/")
    assert (second.returncode, second.stdout, second.stderr) == (0, f"2 episodes: all current\n{FILMS}", "")


def test_a_changed_sentence_is_the_reason_of_one_action(studio: Studio) -> None:
    toy(studio, "build")
    studio.episode(1, text="Other words.")
    again = toy(studio, "build")
    assert [" ".join(line.split()) for line in timeless(again.stderr).splitlines()] == [
        "made d13-001/voice T text changed"
    ]
    assert timeless(again.stdout) == f"2 episodes: 1 built, 1 current · 1 action made, 2 reused · T\n{FILMS}"


def test_the_fast_way_and_the_long_way_say_the_same(studio: Studio) -> None:
    toy(studio, "build")
    process = {toy(studio, *words).stdout for words in (["build"], ["build", "-v"], ["build", "-j1", "episodes"])}
    fast = subprocess.run(
        [sys.executable, "-m", "episodec", "build", "episodes/"],
        cwd=studio.root,
        env=environment(studio.root),
        capture_output=True,
        text=True,
        check=False,
    )
    assert process | {fast.stdout} == {f"2 episodes: all current\n{FILMS}"}


def test_a_build_with_nothing_to_do_imports_nothing_heavy(studio: Studio) -> None:
    toy(studio, "build")
    ran = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "episodec", "build", "episodes/"],
        cwd=studio.root,
        env=environment(studio.root),
        capture_output=True,
        text=True,
        check=True,
    )
    imported = {line.rpartition("|")[2].strip() for line in ran.stderr.splitlines() if "|" in line}
    assert "episodec.series.noop" in imported
    heavy = {
        "argparse",
        "dataclasses",
        "inspect",
        "dataset",
        "json",
        "logging",
        "pathlib",
        "rich",
        "subprocess",
        "typing",
        "xxhash",
        "yaml",
    }
    assert imported & heavy == set()
    assert {one for one in imported if one.startswith("episodec.")} == {
        "episodec.cli",
        "episodec.cli.results",
        "episodec.project",
        "episodec.project.tree",
        "episodec.series",
        "episodec.series.noop",
        "episodec.store",
        "episodec.store.delivered",
        "episodec.store.traces",
    }


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["build"], 0),
        (["plan"], 0),
        (["build", "--nonsense"], 2),
        (["nonsense"], 2),
        ([], 2),
        (["build", "99"], 2),
        (["build", "nowhere/"], 2),
        (["-C", "nowhere", "build"], 2),
        (["build", "--backend", "voice"], 2),
        (["build", "--backend", "voice=fail"], 1),
        (["build", "--backend", "voice=fail", "-k"], 1),
        (["build", "--backend", "voice=nobody"], 2),
        (["build", "--profile", "nobody"], 1),
        (["why", "d13-009/voice"], 2),
        (["explain", "Z999"], 2),
        (["--help"], 0),
    ],
    ids=str,
)
def test_exit_codes(studio: Studio, words: list[str], code: int) -> None:
    ran = toy(studio, *words)
    assert ran.returncode == code
    assert "Traceback" not in ran.stderr
    assert code == 0 or ran.stderr != ""


def test_the_rest_is_built_with_keep_going_and_the_exit_code_says_so(studio: Studio) -> None:
    studio.write("episodes/003.episode.yaml", "episodec: 1\nnumber: nonsense\n")
    assert toy(studio, "build").returncode == 1
    assert not (studio.root / "dist").exists()
    kept = toy(studio, "build", "-k")
    assert kept.returncode == 3
    assert "2 built" in kept.stdout
    assert "1 not built" in kept.stdout


def test_a_failure_shows_its_sentence_its_hint_and_the_end_of_its_log(studio: Studio) -> None:
    failed = toy_process(studio, "build", "1", "--backend", "voice=fail")
    assert failed.returncode == 1
    output = failed.stderr
    assert "failed  d13-001/voice" in output
    assert "  the toy fails\n" in output
    assert "    help: ask for another toy\n" in output
    assert "  | about to fail\n" in output
    assert "cache/logs/d13-001/voice." in output


@pytest.mark.parametrize("words", [["-n"], ["--dry-run"]])
def test_a_dry_run_is_the_plan_and_changes_nothing(studio: Studio, words: list[str]) -> None:
    dry = toy(studio, "build", *words)
    assert dry.returncode == 0
    assert dry.stdout == toy(studio, "plan").stdout
    assert "make     d13-001/voice" in dry.stdout
    assert not (studio.root / "dist").exists()


def test_json_is_one_valid_event_a_line_from_the_start_to_the_summary(studio: Studio) -> None:
    ran = toy(studio, "build", "--json")
    events = [json.loads(line) for line in ran.stdout.splitlines()]
    assert events[0]["event"] == "stream-started"
    assert events[0]["version"] == 1
    assert events[-1] == {**events[-1], "event": "summary", "exit_code": 0}
    kinds = {event["event"] for event in events}
    assert {"build-started", "action-started", "action-made", "episode-published", "build-finished"} <= kinds
    (started, *_) = [event for event in events if event["event"] == "action-started"]
    assert started["reason"] == {"kind": "never-made"}


def test_diagnostics_are_events_of_the_stream(studio: Studio) -> None:
    studio.write("episodes/003.episode.yaml", "episodec: 1\nnumber: nonsense\n")
    ran = toy(studio, "build", "--json")
    assert ran.returncode == 1
    tree = [json.loads(line) for line in ran.stdout.splitlines()]
    assert {event["path"] for event in tree if event["event"] == "diagnostic"} == {"episodes/003.episode.yaml"}


def test_every_run_that_does_something_leaves_a_log_with_the_host_and_the_events(studio: Studio) -> None:
    toy(studio, "build", "1")
    toy(studio, "build", "1")
    (log,) = (studio.root / "cache" / "runs").glob("*.jsonl")
    first, *events = [json.loads(line) for line in log.read_text().splitlines()]
    assert first["event"] == "run-started"
    assert {"host", "python", "episodec", "command"} <= first.keys()
    assert "action-made" in {event["event"] for event in events}


def test_check_makes_everything_again_and_finds_what_differs(studio: Studio) -> None:
    same = toy_process(studio, "build", "--check")
    assert same.returncode == 0
    assert same.stdout.splitlines()[-1] == "check: 6 actions made again, all the same"
    blobs = {path for path in (studio.root / "cache" / "blobs").rglob("*") if path.is_file()}
    assert toy(studio, "build", "--check", "-q").stderr == ""
    assert {path for path in (studio.root / "cache" / "blobs").rglob("*") if path.is_file()} == blobs


def test_check_leaves_out_what_is_not_deterministic(studio: Studio) -> None:
    ran = toy(studio, "build", "--check", "--backend", "voice=random")
    assert ran.returncode == 0
    assert ran.stdout.splitlines()[-1] == "check: 4 actions made again, all the same; 2 not deterministic or not made"


@pytest.mark.parametrize(
    ("more", "colored"),
    [
        ({}, False),
        ({"FORCE_COLOR": "1"}, True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        ({"FORCE_COLOR": "0"}, False),
    ],
)
def test_colours_come_when_they_are_asked_for(studio: Studio, more: dict[str, str], colored: bool) -> None:  # noqa: FBT001 - a column of the table.
    assert ("\x1b[" in toy(studio, "build", **more).stderr) == colored


def test_the_flag_decides_over_the_environment(studio: Studio) -> None:
    assert "\x1b[" in toy(studio, "build", "--color", "always", NO_COLOR="1").stderr
    assert "\x1b[" not in toy(studio, "build", "-B", "--color", "never", FORCE_COLOR="1").stderr


@pytest.mark.parametrize("closing", [">&-", "2>&-", ">&- 2>&-", "| true", "2>&1 | true"])
def test_a_build_that_nobody_listens_to_is_built_all_the_same(studio: Studio, closing: str) -> None:
    words = f"{sys.executable} -m tests.cli.toy build {closing}"
    subprocess.run(["/bin/sh", "-c", words], cwd=studio.root, env=environment(studio.root), check=False, timeout=60)
    if "|" in closing:  # The shell waits for the last of the pipe only.
        for _ in range(100):
            if (studio.root / "dist" / "manifest").is_dir() and len(os.listdir(studio.root / "dist" / "manifest")) == 2:  # noqa: PTH208
                break
            subprocess.run(["sleep", "0.1"], check=True)
    assert toy(studio, "build").stdout == f"2 episodes: all current\n{FILMS}"


def test_a_locale_without_unicode_is_no_failure(studio: Studio) -> None:
    ran = toy_process(studio, "build", LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0", PYTHONIOENCODING="ascii")
    assert ran.returncode == 0
    assert "2 built" in ran.stdout


def test_python_m_is_the_program() -> None:
    process = subprocess.run(
        [sys.executable, "-m", "episodec", "version"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert process.stdout.startswith("episodec 0.")


@pytest.mark.parametrize("words", [["plan"], ["build"], ["status", "--json"], ["build", "-B"]])
def test_an_answer_that_a_full_disk_takes_is_told_and_is_no_mistake_of_ours(studio: Studio, words: list[str]) -> None:
    toy(studio, "build")
    with open("/dev/full", "w") as full:  # noqa: PTH123
        ran = subprocess.run(
            [sys.executable, "-m", "tests.cli.toy", *words],
            cwd=studio.root,
            env=environment(studio.root),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert ran.returncode == 1
    assert "stdout cannot be written" in ran.stderr
    assert "mistake" not in ran.stderr


def test_a_fast_answer_that_a_full_disk_takes_is_told(studio: Studio) -> None:
    toy(studio, "build")
    ran = shell(studio, f"{sys.executable} -m episodec build > /dev/full")
    assert ran.returncode == 1
    assert ran.stderr.splitlines()[:2] == ["error: stdout cannot be written", "  reason  No space left on device"]


@pytest.mark.parametrize("words", ["build", "build ..", "plan", "status"])
def test_a_working_folder_that_is_gone_is_told_in_one_sentence(studio: Studio, words: str) -> None:
    ran = shell(studio, f"mkdir gone && cd gone && rmdir ../gone && {sys.executable} -m episodec {words}")
    assert ran.returncode == 2
    assert "the working folder is gone" in ran.stderr
    assert "Traceback" not in ran.stderr
