"""Remembered facts of code and installations are used only as they were written: any other row is damage, and its facts
are computed again.
"""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from episodec.closure.code import BackendCode, Decided, symbols_of
from episodec.digest import digest_value
from episodec.store.digests import FileDigests
from episodec.store.index import Index
from episodec.store.layout import open_layout
from episodec.store.signature import GRAIN_NS

PACKAGE = {
    "p/__init__.py": "",
    "p/b.py": "import q\nfrom p.ways import walk\nclass B:\n    def run(self): return walk(q.step())\n",
    "p/ways.py": "def walk(x): return x\n",
    "q/__init__.py": "def step(): return 1\n",
    "q-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: q\nVersion: 1.0\n",
    "q-1.0.dist-info/RECORD": "q/__init__.py,,\n",
}


class Remembering:
    """A folder of packages and an index; each answer as a new process finds it."""

    def __init__(self, root: Path) -> None:
        for name, text in PACKAGE.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text)
        time.sleep(2 * GRAIN_NS / 1e9)  # What is younger is not remembered.
        self.root = root
        self.index = Index(open_layout(root / "store"))

    def code(self) -> BackendCode:
        return BackendCode(self.index, FileDigests(self.index, self.root), [str(self.root)])

    def decided(self) -> Decided:
        return self.code().decided("p.b:B", None)


@pytest.fixture
def packages(tmp_path: Path) -> Iterator[Remembering]:
    built = Remembering(tmp_path)
    yield built
    built.index.close()


def test_what_is_remembered_is_found_again_without_damage(packages: Remembering) -> None:
    first = packages.decided()
    assert first.packages == {"q": "1.0"}
    assert packages.decided() == first
    assert len(packages.index.rows("SELECT name FROM sources")) >= 3
    assert packages.index.replaced == 0


@pytest.mark.parametrize(
    "harm",
    [
        # Each is a row that a writer might have written, of another file, another state or another place.
        "UPDATE sources SET facts = (SELECT facts FROM sources WHERE name LIKE 'p.ways %') WHERE name LIKE 'p.b %'",
        "UPDATE sources SET facts = substr(facts, 1, 17) || '[{}, {}, null, []]'",
        "UPDATE sources SET facts = '[{}, {}, null, []]'",
        "UPDATE sources SET facts = replace(facts, 'xxh3-128:', 'xxh3-128:0')",
        "UPDATE sources SET facts = 7",
        "UPDATE installed SET found = '[[], {}]'",
        "UPDATE installed SET found = replace(found, '1.0', '1.1')",
        "UPDATE installed SET found = x'ff'",
    ],
)
def test_a_row_of_code_that_is_not_as_it_was_written_is_damage(packages: Remembering, harm: str) -> None:
    first = packages.decided()
    packages.index.write(harm)
    assert packages.decided() == first
    assert packages.index.replaced == 1
    assert packages.decided() == first
    assert packages.index.replaced == 1


@pytest.mark.parametrize("value", ["{}", '{"p.b.B": "xxh3-128:0"}', '{"a": [1]}', "[]", "null", "none", "", 7, b"\xff"])
def test_code_that_has_another_digest_than_its_name_is_damage(packages: Remembering, value: object) -> None:
    symbols = packages.decided().symbols
    digest = packages.code().keep(symbols)
    assert symbols_of(packages.index, digest) == symbols
    packages.index.write("UPDATE closures SET symbols = ?", (value,))
    assert symbols_of(packages.index, digest) is None
    assert packages.index.replaced == 1
    assert packages.code().keep(symbols) == digest
    assert symbols_of(packages.index, digest) == symbols


@pytest.mark.parametrize("name", ["p.b.B", "p/data/a=b.txt", "p/data/two\nlines.txt"])
def test_code_is_found_again_by_its_digest_whatever_its_files_are_named(packages: Remembering, name: str) -> None:
    symbols = {**packages.decided().symbols, name: "xxh3-128:0"}
    digest = packages.code().keep(symbols)
    assert symbols_of(packages.index, digest) == symbols
    assert packages.code().keep({**symbols, name: "xxh3-128:1"}) != digest
    assert packages.index.replaced == 0


def test_code_that_an_earlier_version_kept_is_no_damage(packages: Remembering) -> None:
    symbols = {"p.b.B": "xxh3-128:0"}
    digest = digest_value("code-closure", symbols)
    packages.index.write("INSERT INTO closures (digest, symbols) VALUES (?, ?)", (digest, json.dumps(symbols)))
    assert symbols_of(packages.index, digest) == symbols
    assert packages.index.replaced == 0
