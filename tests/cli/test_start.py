"""The cost of a command before it does anything: the modules it imports, and its answers without reading a spec."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from episodec import __version__, cli
from episodec.cli.app import run
from episodec.cli.commands import COMMANDS
from tests.builds.studio import Studio
from tests.cli.command import environment, episodec, here, toy

HEAVY = {
    "asyncio",
    "dataclasses",
    "difflib",
    "email",
    "hashlib",
    "importlib.metadata",
    "inspect",
    "json",
    "jsonschema",
    "jsonschema_rs",
    "logging",
    "numpy",
    "pathlib",
    "rich",
    "subprocess",
    "tempfile",
    "xxhash",
    "yaml",
}
LIGHT = {
    "episodec.cli",
    "episodec.project",
    "episodec.project.tree",
    "episodec.series",
    "episodec.series.noop",
    "episodec.store",
    "episodec.store.traces",
}
"""Of ours, what any command imports."""


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    """Two episodes, built."""
    studio = Studio(tmp_path / "series").start(2)
    assert toy(studio, "build").returncode == 0
    return studio


def imported(root: Path, *words: str) -> set[str]:
    """The modules that a command imports, which must succeed."""
    root.mkdir(exist_ok=True)
    ran = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "episodec", *words],
        cwd=root,
        env=environment(root),
        capture_output=True,
        text=True,
        check=True,
    )
    return {line.rpartition("|")[2].strip() for line in ran.stderr.splitlines() if "|" in line}


@pytest.mark.parametrize(
    ("words", "more"),
    [
        (["--help"], {"episodec.cli.commands", "episodec.errors"}),
        (["-h"], {"episodec.cli.commands", "episodec.errors"}),
        (["version"], set[str]()),
        (["--version"], set[str]()),
    ],
    ids=("--help", "-h", "version", "--version"),
)
def test_help_and_the_version_import_no_command(words: list[str], more: set[str], tmp_path: Path) -> None:
    actual = imported(tmp_path, *words)
    assert actual & HEAVY == set()
    assert {one for one in actual if one.startswith("episodec.")} == LIGHT | more


def test_help_names_all_commands_and_the_version_is_the_package_s(tmp_path: Path) -> None:
    process = episodec(tmp_path, "--help")
    assert (process.returncode, process.stderr) == (0, "")
    assert re.findall(r"^    ([a-z][a-z-]*)  ", process.stdout, re.MULTILINE) == list(COMMANDS)
    assert here(tmp_path, lambda: run(["-v", "--help"]), {}).stdout == process.stdout
    assert episodec(tmp_path, "version").stdout == f"episodec {__version__}\n"
    assert here(tmp_path, lambda: run(["version"]), {}).stdout == f"episodec {__version__}\n"
    for words in (["--version"], ["-q", "--version"], ["--version", "-C", "nowhere"]):
        process = episodec(tmp_path, *words)
        assert (process.returncode, process.stdout, process.stderr) == (0, f"episodec {__version__}\n", "")


@pytest.mark.parametrize(
    ("command", "more"),
    [
        ("plan", set[str]()),
        (
            "status",
            {"episodec.cli.screen", "episodec.errors", "episodec.report", "episodec.text"}
            | {"episodec.report.current", "episodec.report.paint"},
        ),
    ],
)
def test_a_question_about_a_series_that_stands_neither_reads_nor_lowers(
    command: str, more: set[str], studio: Studio
) -> None:
    actual = imported(studio.root, command)
    assert actual & (HEAVY | {"argparse"}) == set()
    assert {one for one in actual if one.startswith("episodec.")} == LIGHT | more


@pytest.mark.parametrize("words", ["plan", "plan -q", "plan -v .", "status", "status -v", "status episodes -q"])
@pytest.mark.parametrize("color", ["", "1"])
def test_what_is_answered_at_once_has_the_words_of_the_long_way(words: str, color: str, studio: Studio) -> None:
    studio.write("episodes/séance\u202e.episode.yaml", (studio.root / "episodes/002.episode.yaml").read_bytes())
    (studio.root / "episodes/002.episode.yaml").unlink()
    assert toy(studio, "build").returncode == 0
    at_once = here(studio.root, lambda: cli.main(words.split()), {"FORCE_COLOR": color})
    long = toy(studio, *words.split(), FORCE_COLOR=color)
    assert (at_once.returncode, at_once.stdout, at_once.stderr) == (0, long.stdout, "")
    assert long.returncode == 0
    assert at_once.stdout.splitlines()[-1] == f"2 episodes: {'2' if words.startswith('status') else 'all'} current"


@pytest.mark.parametrize("command", ["plan", "status"])
def test_a_link_that_is_not_followed_is_told_though_all_stands(command: str, studio: Studio, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/9.episode.yaml").write_text("episodec: 1\n")
    (studio.root / "episodes/more").symlink_to(tmp_path / "elsewhere")
    process = toy(studio, command)
    assert (process.returncode, process.stdout.splitlines()[-1].split()[0]) == (0, "2")
    assert process.stderr == "note: episodes/more is a link that leads out of the project: its specs are left out\n"


@pytest.mark.parametrize(
    ("change", "state"),
    [
        ("spec", "changed"),
        ("deliverable", "changed"),
        ("shared", "changed"),
        ("new", "new"),
        ("gone", "gone"),
    ],
)
def test_whatever_moved_is_seen_by_a_question(change: str, state: str, studio: Studio) -> None:
    match change:
        case "spec":
            studio.episode(2, text="Other words.")
        case "deliverable":
            (studio.root / "dist/video/alpha_d13_episode2.mp4").write_text("mine")
        case "shared":
            studio.write("episodes/characters/alpha/character.yaml", "episodec: 1\ntitle: Beta\n")
        case "new":
            studio.episode(3)
        case _:
            (studio.root / "episodes/002.episode.yaml").unlink()
    assert state in {line.split()[0] for line in toy(studio, "status").stdout.splitlines()}
    assert "all current" not in toy(studio, "plan").stdout


@pytest.mark.parametrize(
    ("words", "given", "hint"),
    [
        ("stauts", "stauts", "did you mean `status`?"),
        ("-C . voiceref encode", "voiceref", "did you mean `voice-ref`?"),
        ("Build", "Build", "did you mean `build`?"),
        ("xyz", "xyz", "`episodec --help` lists them all"),
        ("init", "init", "did you mean `new`?"),
        ("render", "render", "did you mean `build`?"),
        ("-C . clean", "clean", "did you mean `gc`?"),
        ("build --profle x", "--profle", "did you mean `--profile`?"),
        ("doctor --bogus", "--bogus", "`episodec doctor --help` lists the options"),
        ("version --foo", "--foo", "`episodec version --help` lists the options"),
        ("version verbose", "verbose", "`episodec version --help` lists the options"),
        ("plan --output-fromat=json", "--output-fromat=json", "did you mean `--output-format`?"),
        ("version now", "now", "`episodec version --help` lists the options"),
    ],
)
def test_a_misspelt_command_or_option_is_told_with_the_nearest(
    words: str, given: str, hint: str, tmp_path: Path
) -> None:
    process = episodec(tmp_path, *words.split())
    is_option = " " in words and not words.startswith("-C")
    sentence = "unrecognized argument" if is_option else "there is no such command"
    assert (process.returncode, process.stdout) == (2, "")
    assert process.stderr.splitlines() == [f"error: {sentence}", f"  given  {given}", f"  help: {hint}"]


def test_without_a_command_one_is_told_where_to_begin(tmp_path: Path) -> None:
    process = episodec(tmp_path)
    assert (process.returncode, process.stdout) == (2, "")
    assert process.stderr == (
        "error: no command given\n"
        "  help: `episodec new` writes a first series, `episodec build` builds this one, "
        "`episodec --help` lists them all\n"
    )


@pytest.mark.parametrize("words", [["--help"], ["version"], ["build"], ["plan"], ["status"]], ids=str)
def test_an_answer_without_a_reader_is_no_failure(words: list[str], studio: Studio) -> None:
    command = f'"{sys.executable}" -m episodec {" ".join(words)}'
    for where, code in ((">&-", 0), (">/dev/full", 1)):
        ran = subprocess.run(
            ["sh", "-c", f"{command} {where}"],
            cwd=studio.root,
            env=environment(studio.root),
            capture_output=True,
            text=True,
            check=False,
        )
        assert (ran.returncode, "Traceback" in ran.stderr) == (code, False)
        assert (ran.stderr == "") == (code == 0)
