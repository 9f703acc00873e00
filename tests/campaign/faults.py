"""Judges the test suite: plants the faults of faults.yaml, one at a time in a copy of the tree, and runs their tests.

A fault is caught when one of its tests fails for what it asserts. A timeout, a fault that does not import and a test
that fails without the fault are no catch: none of them says that the behaviour is tested.

    python -m tests.campaign.faults                      all faults
    python -m tests.campaign.faults wav-odd-chunk-unpadded
    python -m tests.campaign.faults --sample 10 --seed 3
"""

import argparse
import os
import random
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from threading import Lock

import yaml

ROOT = Path(__file__).parents[2]
FAULTS = Path(__file__).with_name("faults.yaml")
FIELDS = {"id", "kind", "blind", "file", "old", "new", "harm", "tests"}
NEEDED_BYTES = 1 << 30  # What tests write beside a copy, with room to spare.

# The last lines of pytest, by its option -ra.
_FAILED = re.compile(r"^(?:FAILED|ERROR) (?P<test>.+?)(?: - (?P<reason>.*))?$", re.MULTILINE)
_RAISED = re.compile(r"^E +(.+)$", re.MULTILINE)
# Beginnings of reasons that say nothing about what a test asserts.
_NO_CATCH = (
    "Failed: Timeout",
    "ImportError",
    "ModuleNotFoundError",
    "IndentationError",
    "SyntaxError",
    "NameError",
)

# `python -m pytest`, with signals as a terminal's programs have them: what a shell starts in the background, or nohup,
# ignores some, and so would the builds that tests of interrupts start.
_PYTEST = """
import runpy, signal
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)
runpy.run_module("pytest", run_name="__main__", alter_sys=True)
"""


class UnusableFault(Exception):
    """A fault that is written wrongly or can no longer be planted."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One small change for the worse, and the tests that are to see it."""

    id: str
    kind: str
    blind: bool  # Whether its author had not seen the tests.
    file: str
    old: str  # Occurs in the file exactly once.
    new: str
    harm: str
    tests: tuple[str, ...]  # Files or folders, from the root.


class Verdict(Enum):
    """The fate of a fault."""

    CAUGHT = "caught"
    MISSED = "MISSED"
    UNUSABLE = "CANNOT BE PLANTED"
    BROKEN = "NO VERDICT"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of a run of tests, or of a fault."""

    verdict: Verdict
    test: str  # The first test that failed, or what went wrong.
    seconds: float = 0.0


def read_faults(file: Path) -> tuple[Fault, ...]:
    """The faults of a file, in its order.

    Raises:
        UnusableFault: an entry has other fields than `FIELDS` or a number for a text, or an id is there twice.
    """
    faults: dict[str, Fault] = {}
    for entry in yaml.safe_load(file.read_text(encoding="utf-8")):
        if set(entry) != FIELDS:
            raise UnusableFault(f"{entry.get('id')}: its fields differ by {sorted(set(entry) ^ FIELDS)}")
        odd = [name for name in FIELDS - {"blind", "tests"} if not isinstance(entry[name], str)]
        if odd:
            raise UnusableFault(f"{entry['id']}: these fields are no text: {sorted(odd)}")
        fault = Fault(**{**entry, "tests": tuple(entry["tests"])})
        if fault.id in faults:
            raise UnusableFault(f"{fault.id}: two faults have this id")
        faults[fault.id] = fault
    return tuple(faults.values())


def plant(fault: Fault, tree: Path) -> None:
    """Changes the fault's file in the tree; a file that is shared with another tree is replaced, not written to.

    Raises:
        UnusableFault: the file or a test is gone, or `old` does not occur exactly once.
    """
    for path in (fault.file, *fault.tests):
        if not (tree / path).exists():
            raise UnusableFault(f"there is no {path}")
    file = tree / fault.file
    text = file.read_text(encoding="utf-8")
    count = text.count(fault.old)
    if count != 1:
        raise UnusableFault(f"its old text occurs {count} times in {fault.file}")
    file.unlink()
    file.write_text(text.replace(fault.old, fault.new), encoding="utf-8")


def judge(code: int, printed: str) -> Outcome:
    """The verdict of pytest's exit code and output on the code under test."""
    if code == 0:
        return Outcome(Verdict.MISSED, "")
    failures = [(match["test"], match["reason"] or "") for match in _FAILED.finditer(printed)]
    if code != 1 or not failures:
        last = _RAISED.findall(printed)[-1:] or printed.strip().splitlines()[-1:] or ["it printed nothing"]
        return Outcome(Verdict.BROKEN, f"pytest ended with {code}: {last[0]}")
    test, reason = failures[0]
    if reason.startswith(_NO_CATCH):
        return Outcome(Verdict.BROKEN, f"{test} fails by {reason}")
    return Outcome(Verdict.CAUGHT, test)


def copy_tree(source: Path, to: Path) -> None:
    """Copies what git tracks or would track, and gives the copy an environment that imports its package, not ours.

    Raises:
        UnusableFault: Python started in the copy's environment would import another package.
    """
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=source, capture_output=True, text=True, check=True).stdout
    for name in filter(None, listed.split("\0")):
        if (source / name).is_file():  # A file may be deleted and still tracked.
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source / name, to / name, follow_symlinks=False)
    python = _environment(to)
    program = "import episodec; print(episodec.__file__)"
    bare = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")}
    ran = subprocess.run([python, "-c", program], cwd="/", env=bare, capture_output=True, text=True, check=True)
    if not Path(ran.stdout.strip()).is_relative_to(to):
        raise UnusableFault(f"a child process would import {ran.stdout.strip()}")


def _environment(tree: Path) -> Path:
    """The Python of a new environment in the tree: the packages are links to those of this process's environment.

    Tests start children with nothing of our variables, so PYTHONPATH would not reach all of them.
    """
    ours = Path(sysconfig.get_paths()["purelib"])
    venv = tree / ".venv"
    packages = venv / ours.relative_to(sys.prefix)
    packages.mkdir(parents=True)
    (venv / "bin").mkdir()
    for program in Path(sys.prefix, "bin").iterdir():
        if program.name.startswith("python"):
            (venv / "bin" / program.name).symlink_to(os.path.realpath(program))
    shutil.copy(Path(sys.prefix, "pyvenv.cfg"), venv)
    for path in ours.iterdir():
        if path.name != "__pycache__" and not _is_way_to_episodec(path):
            (packages / path.name).symlink_to(path)
    (packages / "_episodec.pth").write_text(f"{tree}\n", encoding="utf-8")
    return venv / "bin" / "python"


def _is_way_to_episodec(path: Path) -> bool:
    """Whether the file is what an editable installation adds to the import path."""
    return path.suffix == ".pth" and any(
        Path(line, "episodec").is_dir() for line in path.read_text(encoding="utf-8").splitlines()
    )


class Campaign:
    """One run over faults: fresh copies, and the copy without a fault in which all tests have to pass."""

    def __init__(self, source: Path, folder: Path, seed: int, limit_s: float) -> None:
        self._source = source
        self._folder = folder
        self._seed = seed
        self._limit_s = limit_s
        self._sound: dict[str, Outcome] = {}
        self._sound_lock = Lock()

    def try_fault(self, fault: Fault) -> Outcome:
        """Plants a fault and runs its tests."""
        began = time.monotonic()
        for test in fault.tests:
            sound = self._without_fault(test)
            if sound.verdict is not Verdict.MISSED:
                return Outcome(Verdict.BROKEN, f"without the fault: {sound.test or test}", time.monotonic() - began)
        began = time.monotonic()
        tree = self._folder / fault.id
        try:
            copy_tree(self._source, tree)
            plant(fault, tree)
            outcome = self._tested(tree, fault.tests)
        except UnusableFault as error:
            outcome = Outcome(Verdict.UNUSABLE, str(error))
        finally:
            shutil.rmtree(tree, ignore_errors=True)
        return Outcome(outcome.verdict, outcome.test, time.monotonic() - began)

    def _without_fault(self, test: str) -> Outcome:
        with self._sound_lock:
            if test not in self._sound:
                tree = self._folder / "sound"
                if not tree.exists():
                    copy_tree(self._source, tree)
                exists = (tree / test).exists()
                missing = Outcome(Verdict.BROKEN, f"there is no {test}")
                self._sound[test] = self._tested(tree, (test,)) if exists else missing
            return self._sound[test]

    def _tested(self, tree: Path, tests: Iterable[str]) -> Outcome:
        options = ["-x", "-q", "-n0", "-p", "no:cacheprovider", f"--hypothesis-seed={self._seed}"]
        command = [str(tree / ".venv" / "bin" / "python"), "-c", _PYTEST, *options, *tests]
        scratch = Path(tempfile.mkdtemp(dir=self._folder))
        # Reasons of failures are cut at the screen's width.
        variables = {**os.environ, "COLUMNS": "1000", "TMPDIR": str(scratch)}
        variables.pop("PYTHONPATH", None)
        try:
            ran = subprocess.run(
                command,
                cwd=tree,
                env=variables,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                check=False,
                timeout=self._limit_s,
            )
        except subprocess.TimeoutExpired:
            return Outcome(Verdict.BROKEN, f"its tests take more than {self._limit_s:.0f} s")
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
        return judge(ran.returncode, ran.stdout)


def table(faults: Sequence[Fault], outcomes: Mapping[str, Outcome]) -> str:
    """The verdicts as a table in Markdown, in the order of the faults."""
    rows = [("fault", "kind", "blind", "verdict", "by"), ("---",) * 5]
    for fault in faults:
        outcome = outcomes[fault.id]
        by = outcome.test.replace("|", "\\|")
        rows.append((fault.id, fault.kind, "yes" if fault.blind else "", outcome.verdict.value, by))
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def main() -> int:
    """Exit code 0 if every fault asked for was caught."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("ids", nargs="*", metavar="ID", help="faults to plant; all of them by default")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="faults at a time")
    parser.add_argument("--sample", type=int, metavar="N", help="only N of the faults, drawn by --seed")
    parser.add_argument("--seed", type=int, default=0, help="of --sample and of Hypothesis")
    parser.add_argument("--limit", type=float, default=1800, metavar="SECONDS", help="for the tests of one fault")
    parser.add_argument("--faults", type=Path, default=FAULTS, metavar="FILE", help="another list of faults")
    parser.add_argument("--tree", type=Path, default=ROOT, metavar="FOLDER", help="another checkout of episodec")
    asked = parser.parse_args()
    faults = read_faults(asked.faults)
    unknown = set(asked.ids) - {fault.id for fault in faults}
    if unknown:
        parser.error(f"there is no fault {', '.join(sorted(unknown))} in {asked.faults}")
    if asked.ids:
        faults = tuple(fault for fault in faults if fault.id in asked.ids)
    if asked.sample is not None:
        drawn = set(random.Random(asked.seed).sample([fault.id for fault in faults], min(asked.sample, len(faults))))
        faults = tuple(fault for fault in faults if fault.id in drawn)
    with tempfile.TemporaryDirectory(prefix="episodec-faults-", dir=_roomy(), ignore_cleanup_errors=True) as folder:
        campaign = Campaign(asked.tree.resolve(), Path(folder).resolve(), asked.seed, asked.limit)
        outcomes = _try_all(faults, campaign.try_fault, asked.jobs)
    caught = sum(outcome.verdict is Verdict.CAUGHT for outcome in outcomes.values())
    sys.stdout.write(f"{table(faults, outcomes)}\n\n{caught} of {len(faults)} faults were caught.\n")
    return 0 if caught == len(faults) else 1


def _try_all(faults: Sequence[Fault], attempt: Callable[[Fault], Outcome], jobs: int) -> dict[str, Outcome]:
    outcomes = {}

    def tried(fault: Fault) -> tuple[Fault, Outcome]:
        return fault, attempt(fault)

    with ThreadPoolExecutor(jobs) as pool:
        for fault, outcome in pool.map(tried, faults):
            sys.stderr.write(f"{fault.id}: {outcome.verdict.value} {outcome.test} ({outcome.seconds:.0f} s)\n")
            outcomes[fault.id] = outcome
    return outcomes


def _roomy() -> str | None:
    """Memory where there is room, else None: the usual folder of temporary files."""
    memory = "/dev/shm"  # A folder of its own is made there.
    return memory if Path(memory).is_dir() and shutil.disk_usage(memory).free > NEEDED_BYTES else None


if __name__ == "__main__":
    sys.exit(main())
