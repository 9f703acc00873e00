"""The notes of our backends as a whole: the manual lists them, and each code has one meaning and is used.

UPDATE_GOLDEN=1 writes docs/notes.md anew.
"""

import ast
import os
import re
from pathlib import Path

from episodec.backends import BUILTIN
from episodec.project.authoring import CODES
from episodec.project.backends import all_notes, declared_notes
from episodec.runner.loading import load
from tests.toys.orders import REPOSITORY

MANUAL = REPOSITORY / "docs/notes.md"
HEAD = """\
# Notes

A note is what a backend reports when its result differs from what the spec asks for. It is kept with the result. Each
build that makes or reuses the result tells it; a build with nothing to do counts the episodes that have notes.
`episodec status`, the episode's entry on the index page, and `--json` tell them all. `allow: [CODE]` in the episode's
spec silences one: programs still hear of it, with `"allowed": true`. `episodec explain CODE` prints the same text;
`episodec explain` lists the codes of diagnostics.

| code | told by | what it means |
|---|---|---|
"""

SAID_TO_LOGS = {
    "backends/hybrid.py": 3,  # How far a training is, and what it came to, which is in its report, too.
    "backends/four_d_gaussians/watch.py": 2,  # Where an interrupted run goes on: of this machine, and of no result.
    "tools/checkpoints.py": 2,  # The same.
    "backends/scene_check.py": 1,  # How fast it rendered: a duration.
    "backends/procedural.py": 1,  # Words that it does not know: a diagnostic at their line, E230.
}
"""How often our modules print, into a log that few read: nothing that an author has to know."""


def manual() -> str:
    tellers: dict[str, list[str]] = {}
    for name, target in sorted(BUILTIN.items()):
        for code in declared_notes(load(target)):
            tellers.setdefault(code, []).append(f"`{name}`")
    rows = (f"| `{code}` | {', '.join(tellers[code])} | {title} |\n" for code, title in all_notes(BUILTIN).items())
    return HEAD + "".join(rows)


def test_the_manual_lists_every_note() -> None:
    if os.environ.get("UPDATE_GOLDEN"):
        MANUAL.write_text(manual())
    assert MANUAL.read_text() == manual(), "run: UPDATE_GOLDEN=1 pytest tests/backends/test_notes.py"


def test_a_code_means_one_thing_whoever_tells_it() -> None:
    pairs = {pair for target in BUILTIN.values() for pair in declared_notes(load(target)).items()}
    assert sorted(pairs) == sorted(all_notes(BUILTIN).items())
    assert all(re.fullmatch(r"[A-Z].*\.", title) for _, title in pairs)


def test_no_code_is_a_diagnostics_or_its_name() -> None:
    assert not all_notes(BUILTIN).keys() & {*CODES, *(one.name for one in CODES.values())}


def test_each_code_is_told_somewhere_and_none_besides() -> None:
    """A code is declared once, in a mapping, and told by its text elsewhere."""
    messages: set[str] = set()
    for path in sources():
        tree = ast.parse(path.read_text())
        keys = {id(key) for node in ast.walk(tree) if isinstance(node, ast.Dict) for key in node.keys}
        messages |= {
            node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in keys
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "note":
                first = node.args[0]
                assert not isinstance(first, ast.Constant) or first.value in all_notes(BUILTIN), (
                    f"{path}: {first.value!r}"
                )
    assert all_notes(BUILTIN).keys() - messages == set()


def test_nothing_that_an_author_has_to_know_is_said_to_a_log_alone() -> None:
    actual = {}
    for path in sources():
        calls = (node.func for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call))
        if count := sum(isinstance(one, ast.Name) and one.id == "print" for one in calls):
            actual[str(path.relative_to(REPOSITORY / "episodec"))] = count
    assert actual == SAID_TO_LOGS


def sources() -> list[Path]:
    """Everything that a result may come out of; not the programs that run in other systems' Pythons."""
    folders = ("backends", "audio", "video", "scenes", "faces", "drawings", "tools", "splat", "sound", "page")
    every = (path for folder in folders for path in sorted((REPOSITORY / "episodec" / folder).rglob("*.py")))
    return [path for path in every if path.name != "driver.py"]
