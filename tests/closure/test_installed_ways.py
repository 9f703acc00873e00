"""Code that is installed in unusual ways, or declared for people: what counts of it, and what does not."""

import ast
import sys
from collections.abc import Iterator
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_file_location
from pathlib import Path

import pytest

from episodec.closure import facts
from episodec.closure.sources import ANALYSERS
from tests.closure.trees import Tree

VOICE = """\
from beep.tones import tone

class Beep:
    stages = frozenset({"voice"})
    deterministic = True
    licence = "A sentence on terms."
    notes = {"beep-loud": "It is loud."}

    def fingerprint(self, settings, digests):
        return None

    def run(self, order):
        return tone()
"""
CODE = {"beep/__init__.py": "", "beep/voice.py": VOICE, "beep/tones.py": "def tone():\n    return 1\n"}
OFFERED = {
    "beep-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: beep\nVersion: 1.0\nRequires-Dist: episodec\n"
    "Requires-Dist: waves>=2\n",
    "beep-1.0.dist-info/RECORD": "beep/__init__.py,,\nbeep/tones.py,,\nbeep/voice.py,,\n",
    "beep-1.0.dist-info/entry_points.txt": "[episodec.backends]\nbeep = beep.voice:Beep\n",
}
TARGET = "beep.voice:Beep"


def test_all_that_finds_facts_decides_whether_they_are_remembered() -> None:
    todo, actual = ["facts"], set[str]()
    folder = Path(facts.__file__).parent
    while todo:
        name = todo.pop()
        actual.add(name)
        for node in ast.walk(ast.parse((folder / f"{name}.py").read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("episodec.closure."):
                todo += {str(node.module).rpartition(".")[2]} - actual
    assert actual == set(ANALYSERS)


def test_a_backend_says_itself_what_it_needs_however_it_imports_that(tmp_path: Path) -> None:
    tree = Tree(tmp_path).write({**CODE, **OFFERED})
    assert tree.decided(TARGET).packages == {"beep": "1.0"}
    tree.write({"waves-2.1.dist-info/METADATA": "Metadata-Version: 2.1\nName: waves\nVersion: 2.1\n"})
    assert tree.decided(TARGET).packages == {"beep": "1.0", "waves": "2.1"}


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Path]:
    """A package that only a finder of an editable installation finds."""
    root = tmp_path / "elsewhere"
    for name, text in CODE.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)

    class Finder:
        @classmethod
        def find_spec(cls, name: str, _path: object = None, _target: object = None) -> ModuleSpec | None:
            file = root / "beep/__init__.py"
            return (
                spec_from_file_location(name, file, submodule_search_locations=[str(file.parent)])
                if name == "beep"
                else None
            )

    Finder.__module__ = "__editable___beep_1_0_finder"
    sys.meta_path.append(Finder)
    yield root
    sys.meta_path.remove(Finder)


def test_all_of_a_package_counts_that_an_editable_installation_leads_to(tmp_path: Path, elsewhere: Path) -> None:
    tree = Tree(tmp_path / "installed").write(OFFERED)
    before = tree.decided(TARGET).symbols
    assert {"beep.tones.tone", "beep.voice.Beep"} <= set(before)
    (elsewhere / "beep/tones.py").write_text("def tone():\n    return 22\n")
    assert tree.decided(TARGET).symbols != before


def test_a_package_that_is_imported_counts_wherever_an_editable_installation_leads_to(
    tmp_path: Path, elsewhere: Path
) -> None:
    user = "import beep.tones\n\nclass User:\n    def run(self, order):\n        return beep.tones.tone()\n"
    tree = Tree(tmp_path / "installed").write({"user.py": user})
    before = tree.decided("user:User").packages
    (elsewhere / "beep/tones.py").write_text("def tone():\n    return 22\n")
    assert tree.decided("user:User").packages != before


def test_data_in_a_folder_beside_a_module_of_the_same_name_counts(tmp_path: Path) -> None:
    tree = Tree(tmp_path).write({**CODE, **OFFERED, "beep/tones/factor.txt": "1"})
    before = tree.decided(TARGET).symbols
    tree.write({"beep/tones/factor.txt": "2"})
    assert tree.decided(TARGET).symbols != before


@pytest.mark.parametrize(
    ("old", "new", "counts"),
    [
        ("A sentence on terms.", "Another sentence.", False),
        ("It is loud.", "It is very loud.", False),
        ("return tone()", "return tone() + 1", True),
        ("deterministic = True", "deterministic = False", True),
    ],
)
def test_what_a_backend_declares_for_people_does_not_count(tmp_path: Path, old: str, new: str, *, counts: bool) -> None:
    tree = Tree(tmp_path).write({**CODE, **OFFERED})
    before = tree.decided(TARGET).symbols
    tree.write({"beep/voice.py": VOICE.replace(old, new)})
    assert (tree.decided(TARGET).symbols != before) is counts


@pytest.mark.parametrize("reads", ["self.licence", "type(self).licence", "Beep.licence"])
def test_what_a_backend_reads_of_itself_counts(tmp_path: Path, reads: str) -> None:
    voice = VOICE.replace("return tone()", f"return tone() + len({reads})")
    tree = Tree(tmp_path).write({**CODE, **OFFERED, "beep/voice.py": voice})
    before = tree.decided(TARGET).symbols
    tree.write({"beep/voice.py": voice.replace("A sentence on terms.", "Another sentence.")})
    assert tree.decided(TARGET).symbols != before


def test_links_that_lead_back_up_in_a_package_end(tmp_path: Path) -> None:
    tree = Tree(tmp_path).write({**CODE, **OFFERED})
    before = tree.decided(TARGET).symbols
    for name in ("one", "two"):
        (tmp_path / "beep" / name).symlink_to(".")
    assert tree.decided(TARGET).symbols == before
    (tmp_path / "waves").mkdir()
    (tmp_path / "waves/shape.py").write_text("SHAPE = 1\n")
    (tmp_path / "beep/three").symlink_to("../waves")
    assert "beep.three.shape.SHAPE" in tree.decided(TARGET).symbols


@pytest.mark.parametrize("name", ["tones.py~", "#tones.py#", ".#tones.py", "data/one~"])
def test_what_editors_leave_beside_a_file_counts_for_nothing(tmp_path: Path, name: str) -> None:
    tree = Tree(tmp_path).write({**CODE, **OFFERED, "beep/data/one": "1"})
    before = tree.decided(TARGET)
    (tmp_path / "beep" / name).symlink_to("user@machine.1:2") if name.startswith(".#") else tree.write(
        {f"beep/{name}": "half"}
    )
    after = tree.decided(TARGET)
    assert after.symbols == before.symbols
    assert after.watches == before.watches
    assert tree.write({"beep/more": "1"}).decided(TARGET).symbols != before.symbols


THROUGH = "from waves import shape\n\n" + VOICE
WAVES = {
    "waves/__init__.py": "",
    "waves/shape.py": "from episodec.plugin.sound import write_wav\n\ndef shape():\n    return write_wav\n",
    "waves-2.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: waves\nVersion: 2.0\nRequires-Dist: episodec>=0.1\n",
    "waves-2.0.dist-info/RECORD": "waves/__init__.py,,\nwaves/shape.py,,\n",
}
PASSED_ON = {
    "more/__init__.py": "import waves.shape\n",
    "more-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: more\nVersion: 1.0\nRequires-Dist: waves\n",
    "more-1.0.dist-info/RECORD": "more/__init__.py,,\n",
}


@pytest.mark.parametrize(
    "files",
    [
        {"beep/voice.py": THROUGH, **WAVES},
        {"beep/voice.py": THROUGH.replace("from waves import shape", "import more"), **WAVES, **PASSED_ON},
        {"beep/voice.py": THROUGH, **{name: text for name, text in WAVES.items() if name.startswith("waves/")}},
    ],
    ids=["that needs ours", "that needs one that needs ours", "that no distribution brought"],
)
def test_our_code_counts_that_is_reached_through_packages_of_others(tmp_path: Path, files: dict[str, str]) -> None:
    tree = Tree(tmp_path).write({**CODE, **OFFERED})
    assert "episodec.audio.wav.write_wav" not in tree.decided(TARGET).symbols
    decided = tree.write(files).decided(TARGET)
    assert "episodec.audio.wav.write_wav" in decided.symbols
    assert "episodec.audio.wav.write_wav" not in decided.own
