"""The campaign of planted faults: what counts as caught, and that each fault can still be planted."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.campaign.faults import FAULTS, ROOT, Campaign, Fault, UnusableFault, Verdict, judge, plant, read_faults

TEST = """\
import subprocess, sys
from episodec import answer

def test_here():
    assert answer.ANSWER in (42, 43)

def test_in_a_child():
    program = "from episodec import answer; print(answer.ANSWER)"
    command = [sys.executable, "-c", program]
    assert subprocess.run(command, cwd="/", env={}, capture_output=True, text=True).stdout == "42\\n"
"""


def fault(**more: object) -> Fault:
    usual = {
        "id": "other-answer",
        "kind": "keys",
        "blind": False,
        "file": "episodec/answer.py",
        "old": "ANSWER = 42",
        "new": "ANSWER = 43",
        "harm": "The answer is wrong.",
        "tests": ("tests/test_answer.py",),
    }
    return Fault(**{**usual, **more})  # type: ignore[arg-type]  # One value a field.


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A checkout of a small episodec."""
    root = tmp_path / "tree"
    (root / "episodec").mkdir(parents=True)
    (root / "tests").mkdir()
    (root / "episodec/__init__.py").write_text("")
    (root / "episodec/answer.py").write_text("ANSWER = 42\n")
    (root / "tests/test_answer.py").write_text(TEST)
    (root / "pyproject.toml").write_text("[tool.pytest.ini_options]\naddopts = ['-ra']\n")
    subprocess.run(["git", "init", "-q", root], check=True)
    return root


def tried(tree: Path, tmp_path: Path, fault: Fault) -> tuple[Verdict, str]:
    folder = tmp_path / "campaign"
    folder.mkdir()
    outcome = Campaign(tree, folder, seed=0, limit_s=600).try_fault(fault)
    return outcome.verdict, outcome.test


def test_a_fault_that_only_a_child_process_shows_is_caught_and_the_tree_is_as_it_was(
    tree: Path, tmp_path: Path
) -> None:
    assert tried(tree, tmp_path, fault()) == (Verdict.CAUGHT, "tests/test_answer.py::test_in_a_child")
    assert (tree / "episodec/answer.py").read_text() == "ANSWER = 42\n"


def test_tests_that_fail_without_the_fault_are_no_catch(tree: Path, tmp_path: Path) -> None:
    (tree / "tests/test_answer.py").write_text("def test_nothing():\n    assert False\n")
    actual, test = tried(tree, tmp_path, fault())
    assert actual is Verdict.BROKEN
    assert test == "without the fault: tests/test_answer.py::test_nothing"


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"old": "ANSWER = 41"}, "its old text occurs 0 times"),
        ({"old": "4"}, "its old text occurs 2 times"),
        ({"file": "episodec/gone.py"}, "there is no episodec/gone.py"),
        ({"tests": ("tests/gone.py",)}, "there is no tests/gone.py"),
    ],
)
def test_a_fault_that_the_tree_has_outgrown_is_refused(tree: Path, more: dict[str, object], sentence: str) -> None:
    (tree / "episodec/answer.py").write_text("ANSWER = 42  # 4\n")
    with pytest.raises(UnusableFault, match=sentence):
        plant(fault(**more), tree)


def test_a_copy_does_not_share_the_file_that_is_changed(tree: Path, tmp_path: Path) -> None:
    (tmp_path / "link.py").hardlink_to(tree / "episodec/answer.py")
    plant(fault(), tree)
    assert (tmp_path / "link.py").read_text() == "ANSWER = 42\n"


@pytest.mark.parametrize(
    ("code", "printed", "verdict"),
    [
        (0, "1 passed", Verdict.MISSED),
        (1, "FAILED tests/a.py::test_a[x - y] - assert 1 == 2\n", Verdict.CAUGHT),
        (1, "ERROR tests/a.py::test_a - assert 1 == 2\n", Verdict.CAUGHT),
        (1, "FAILED tests/a.py::test_a - Failed: Timeout (>300.0s) from pytest-timeout.\n", Verdict.BROKEN),
        (1, "ERROR tests/a.py - ImportError: cannot import name 'b'\n", Verdict.BROKEN),
        (2, "ERROR tests/a.py - assert 1 == 2\n", Verdict.BROKEN),
        (5, "no tests ran", Verdict.BROKEN),
        (-9, "", Verdict.BROKEN),
    ],
)
def test_only_a_test_that_fails_for_what_it_asserts_catches(code: int, printed: str, verdict: Verdict) -> None:
    assert judge(code, printed).verdict is verdict


def test_an_id_stands_once_and_fields_are_known(tmp_path: Path) -> None:
    entry = "- {id: a, kind: k, blind: false, file: f, old: o, new: n, harm: h, tests: [t]}\n"
    (tmp_path / "twice.yaml").write_text(entry * 2)
    (tmp_path / "more.yaml").write_text(entry.replace("id: a", "id: a, colour: red"))
    (tmp_path / "number.yaml").write_text(entry.replace("old: o", "old: 42"))
    for name, sentence in (("twice", "two faults have this id"), ("more", "colour"), ("number", "no text: .*old")):
        with pytest.raises(UnusableFault, match=sentence):
            read_faults(tmp_path / f"{name}.yaml")


@pytest.mark.parametrize("fault", read_faults(FAULTS), ids=lambda one: one.id)
def test_every_fault_can_be_planted_and_is_python(fault: Fault, tmp_path: Path) -> None:
    for path in (fault.file, *fault.tests):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes((ROOT / path).read_bytes() if (ROOT / path).is_file() else b"")
    plant(fault, tmp_path)
    compile((tmp_path / fault.file).read_text(encoding="utf-8"), fault.file, "exec")


def test_the_table_tells_what_became_of_each_fault_and_the_exit_code_whether_all_were_caught(
    tree: Path, tmp_path: Path
) -> None:
    file = tmp_path / "faults.yaml"
    entry = (
        "- {{id: {}, old: '{}', new: '{}', kind: k, blind: true, file: episodec/answer.py, harm: h, tests: [tests]}}"
    )
    changes = [("good", "42", "43"), ("same", "42", "6 * 7"), ("broken", "ANSWER", "import"), ("old", "41", "40")]
    file.write_text("\n".join(entry.format(*one) for one in changes))
    command = [sys.executable, "-m", "tests.campaign.faults", "--tree", str(tree), "--faults", str(file)]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 1, ran.stderr
    assert ran.stdout.splitlines()[2:] == [
        "| good | k | yes | caught | tests/test_answer.py::test_in_a_child |",
        "| same | k | yes | MISSED |  |",
        "| broken | k | yes | NO VERDICT | pytest ended with 2: SyntaxError: invalid syntax |",
        "| old | k | yes | CANNOT BE PLANTED | its old text occurs 0 times in episodec/answer.py |",
        "",
        "1 of 4 faults were caught.",
    ]
