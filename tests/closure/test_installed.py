"""Other people's packages: found through imports, with what they need, by the names of their metadata folders."""

from pathlib import Path

import pytest

from episodec.closure.installed import look, plain_name, search_path
from tests.closure.trees import Tree

FILES = {
    "p/__init__.py": "import never\n",
    "p/b.py": "import far.inner as f\nimport loose\nimport json\nclass B:\n    def run(self): f.go(); loose.go()\n"
    "    def more(self):\n        from absent import gone\n        gone()\n",
    "never/__init__.py": "",
    "far/inner/__init__.py": "",
    "loose.py": "def go(): ...\n",
    "Far_Lib-1.0.dist-info/METADATA": "Name: Far-Lib\nRequires-Dist: deep.lib>=2\n"
    "Requires-Dist: extra; extra == 'x'\n\n",
    "Far_Lib-1.0.dist-info/RECORD": "far/inner/__init__.py,,\nFar_Lib-1.0.dist-info/METADATA,,\n",
    "deep_lib-2.0.dist-info/METADATA": "Name: deep.lib\nRequires-Dist: far-lib\nRequires-Dist: elsewhere ; os_name\n\n",
    "extra-3.0.dist-info/METADATA": "Name: extra\n\n",
    "beside-4.0.dist-info/METADATA": "Name: beside\n\n",
}


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree(tmp_path).write(FILES)


def test_versions_of_what_is_imported_and_of_all_it_needs_count(tree: Tree) -> None:
    actual = tree.decided("p.b:B").packages
    assert {name: actual[name] for name in ("far-lib", "deep-lib", "module absent")} == {
        "far-lib": "1.0",
        "deep-lib": "2.0",
        "module absent": None,
    }
    assert not {"extra", "beside", "json", "module json"} & set(actual)


def test_what_is_imported_by_name_is_told_from_what_that_needs(tree: Tree) -> None:
    assert tree.decided("p.b:B").named == {"far-lib", "module absent", "module loose", "module never"}


@pytest.mark.parametrize(("info", "other"), [("Far_Lib-1.0", "Far_Lib-1.1"), ("deep_lib-2.0", "deep_lib-2.0.post1")])
def test_another_version_is_another_fingerprint(tree: Tree, info: str, other: str) -> None:
    before = tree.decided("p.b:B").packages
    (tree.root / f"{info}.dist-info").rename(tree.root / f"{other}.dist-info")
    after = tree.decided("p.b:B").packages
    assert {name for name in after if after[name] != before[name]} == {plain_name(info.partition("-")[0])}


def test_what_no_distribution_brought_counts_by_its_bytes(tree: Tree) -> None:
    before = tree.decided("p.b:B")
    tree.write({"loose.py": "def go(): return 1\n"})
    after = tree.decided("p.b:B")
    assert after.packages["module loose"] != before.packages["module loose"]
    assert str(tree.root / "loose.py") in after.watches


def test_a_package_in_front_of_an_installed_one_is_not_taken_for_it(tree: Tree, tmp_path: Path) -> None:
    site = tmp_path / "site"
    for name in ("far", "Far_Lib-1.0.dist-info"):
        (site / name).parent.mkdir(exist_ok=True)
        (tree.root / name).rename(site / name)
    tree.write({"far/inner/__init__.py": "def go(): ...\n"})
    actual = tree.code([str(site)]).decided("p.b:B", None)
    assert actual.packages["module far"] is not None


def test_the_first_of_two_versions_on_the_path_counts(tmp_path: Path) -> None:
    for place, version in (("one", "1.0"), ("two", "2.0")):
        (tmp_path / place / f"lib-{version}.dist-info").mkdir(parents=True)
    actual = look([str(tmp_path / "one"), str(tmp_path / "two"), "/nowhere"])
    assert [one.version for one in actual.distributions.values()] == ["1.0"]


def test_workers_look_beside_this_package_first_and_never_where_pythonpath_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    path = search_path(["/extra"])
    assert path[:2] == [str(Path(__file__).parents[2]), "/extra"]
    assert str(tmp_path) not in path
    assert any(folder.endswith("site-packages") for folder in path)
