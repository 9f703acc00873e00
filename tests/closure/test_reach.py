"""Code that is reached by name, in small packages: an edit changes the code of a class exactly when it may matter."""

from pathlib import Path

import pytest

from tests.closure.trees import Tree

PACKAGE = {
    "p/__init__.py": "",
    "p/b.py": """\
import math
from p import tools
from p.ways import walk as go, other
from p.types import Order
from p.base import Base

LIMIT = 3

def unused():
    return 1

class B(Base):
    size: int = 1

    def run(self, order: "Order"):
        from p import late
        go(LIMIT)
        tools.cut(order.whole())
        return late.act()
""",
    "p/ways.py": """\
from p.deep import far
SPEED = 1
def walk(x=SPEED): return far(x)
def other(): return 2
def helper(): return 3
""",
    "p/deep.py": "RATES = (1, 2)\ndef far(x): return RATES[x]\ndef never(): return 0\n",
    "p/tools.py": "def cut(x): return _cut(x)\ndef _cut(x): return x\ndef glue(x): return x\n",
    "p/types.py": "class Order:\n    def whole(self): return _whole(self)\n\n"
    "def _whole(x): return 1\n\nclass Task: ...\n",
    "p/base.py": "class Base:\n    def more(self): return extra()\n\ndef extra(): return 1\n",
    "p/late.py": "print('imported')\ndef act(): return 5\ndef rest(): return 6\n",
    "p/sub/__init__.py": "",
}


def changes(root: Path, edits: dict[str, tuple[str, str]], more: dict[str, str] | None = None) -> bool:
    """Whether edits of the package, (before, after) by file, change what class B reaches."""
    files = {**PACKAGE, **(more or {})}
    before = Tree(root / "before").write(files).decided("p.b:B").symbols
    for name, (old, new) in edits.items():
        assert old in files[name]
        files[name] = files[name].replace(old, new)
    return Tree(root / "after").write(files).decided("p.b:B").symbols != before


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("p/b.py", "LIMIT = 3", "LIMIT = 4"),
        ("p/b.py", "size: int = 1", "size: float = 1"),
        ("p/b.py", "return late.act()", "return late.act() + 1"),
        ("p/b.py", "import walk as go, other", "import helper as go, other"),
        ("p/ways.py", "SPEED = 1", "SPEED = 2"),
        ("p/ways.py", "far(x)", "far(x) + 1"),
        ("p/deep.py", "RATES = (1, 2)", "RATES = (1, 3)"),
        ("p/tools.py", "def _cut(x): return x", "def _cut(x): return -x"),
        ("p/types.py", "def _whole(x): return 1", "def _whole(x): return 2"),
        ("p/types.py", "return _whole(self)", "return _whole(self) + 1"),
        ("p/base.py", "def extra(): return 1", "def extra(): return 2"),
        ("p/late.py", "def act(): return 5", "def act(): return 6"),
        ("p/late.py", "print('imported')", "print('changed')"),
        ("p/__init__.py", "", "print('a parent')\n"),
    ],
)
def test_what_is_reached_counts(tmp_path: Path, name: str, old: str, new: str) -> None:
    assert changes(tmp_path, {name: (old, new)})


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("p/b.py", "def unused():\n    return 1", "def unused():\n    return 2"),
        ("p/b.py", "import math", "import math, cmath"),
        ("p/ways.py", "def helper(): return 3", "def helper(): return 4"),
        ("p/ways.py", "def other(): return 2", "def other(): return far(2)"),
        ("p/deep.py", "def never(): return 0", "def never(): return 1"),
        ("p/deep.py", "def never(): return 0", "def never(): return 0\ndef new(): return 1\nNEW = 2\n"),
        ("p/tools.py", "def glue(x): return x", "class Glue: ..."),
        ("p/types.py", "class Task: ...", "class Task:\n    cpus: int = 1"),
        ("p/late.py", "def rest(): return 6", "def rest(): return 7"),
        ("p/tools.py", "def _cut(x)", "def _cut(x: int)"),
        ("p/sub/__init__.py", "", "x = 1"),
    ],
)
def test_what_is_not_reached_does_not(tmp_path: Path, name: str, old: str, new: str) -> None:
    assert not changes(tmp_path, {name: (old, new)})


WAYS = {
    "a star": ("from p.ways import *", "helper()"),
    "a module's attribute by its name": ("from p import ways", "getattr(ways, 'hel' + 'per')()"),
    "a module passed on": ("import p.ways as w", "go(w)"),
    "a module passed on by its dotted name": ("import p.ways", "go(p.ways)"),
    "a module by a literal name": ("import importlib", "importlib.import_module('p.ways').helper()"),
    "a program that is a module": ("import sys", "go([sys.executable, '-m', 'p.ways'])"),
    "a name of a package": ("from p import sub", "sub.helper()"),
    "a name that its module makes up": ("from p.made import helper", "helper()"),
    "an import inside a function": ("", "(lambda: __import__('p.ways').helper())"),
    "a relative import": ("from .ways import helper", "helper()"),
    "an import under a condition": (
        "try:\n    from p.ways import helper\nexcept ImportError:\n    helper = None",
        "helper",
    ),
    "another name for it": ("from p.ways import helper\nstep = helper", "step()"),
    "a default": ("from p.ways import helper", "(lambda x=helper: x())()"),
    "a decorator": ("from p.ways import helper\n@helper\ndef made(): ...", "1"),
    "a call while it is imported": ("from p import ways\nVALUES = ways.helper()", "1"),
    "an annotation": ("from p.ways import helper\ndef made(x: 'list[helper]'): ...", "made()"),
}
MORE = {"p/sub/__init__.py": "from p.ways import helper\n", "p/made.py": "from p.ways import *\nglobals()['x'] = 1\n"}


@pytest.mark.parametrize("way", WAYS)
def test_every_way_to_a_function_is_followed(tmp_path: Path, way: str) -> None:
    head, call = WAYS[way]
    more = {**MORE, "p/b.py": f"{head}\nclass B:\n    def run(self, order):\n        return {call}\n"}
    assert changes(tmp_path, {"p/ways.py": ("def helper(): return 3", "def helper(): return 4")}, more)


def test_a_module_in_which_order_counts_is_one(tmp_path: Path) -> None:
    more = {"p/ways.py": "A = 1\nB = A\nA = 2\ndef walk(x): return B\n", "p/b.py": PACKAGE["p/b.py"]}
    assert changes(tmp_path, {"p/ways.py": ("B = A\nA = 2", "A = 2\nB = A")}, more)


def test_names_that_are_swapped_where_they_are_imported_count(tmp_path: Path) -> None:
    more = {"p/b.py": "from p.ways import helper as a, other as b\nclass B:\n    def run(self): return a() - b()\n"}
    assert changes(tmp_path, {"p/b.py": ("helper as a, other as b", "other as a, helper as b")}, more)


def test_files_that_are_opened_and_programs_that_are_started_count(tmp_path: Path) -> None:
    more = {
        "p/b.py": "from episodec.ownfile import own_file\n"
        "STYLE = own_file(__file__, 'style.css')\nDRIVER = own_file(__file__, 'driver.py')\n"
        "class B:\n    def run(self): return STYLE, DRIVER\n",
        "p/style.css": "a {}",
        "p/script.js": "1",
        "p/driver.py": "from p.ways import helper\n# A comment.\nLIMIT = 1\n",
    }
    for place, (name, old, new, is_seen) in enumerate(
        [
            ("p/style.css", "a {}", "b {}", True),
            ("p/script.js", "1", "2", False),
            ("p/driver.py", "LIMIT = 1", "LIMIT = 2", True),
            ("p/driver.py", "# A comment.", "# Another.", False),
            ("p/ways.py", "def helper(): return 3", "def helper(): return 4", True),
        ]
    ):
        edits = {name: (old, new)}
        assert changes(tmp_path / str(place), edits, {**PACKAGE, **more}) == is_seen, (name, old)


def test_a_module_that_knows_its_own_place_is_its_whole_folder(tmp_path: Path) -> None:
    more = {"p/b.py": "import os\nclass B:\n    def run(self): return os.path.dirname(__file__)\n", "p/data.bin": "1"}
    assert changes(tmp_path, {"p/data.bin": ("1", "2")}, more)


def test_broken_python_counts_as_it_is(tmp_path: Path) -> None:
    more = {"p/ways.py": "def walk(:  # not 1\n"}
    assert changes(tmp_path, {"p/ways.py": ("not 1", "not 2")}, more)


def test_the_runner_counts_for_everybody_and_what_it_leads_to_does_not(tmp_path: Path) -> None:
    tree = Tree(tmp_path).write(PACKAGE).copy_ours()
    before = tree.decided("p.b:B").symbols
    errors = tree.root / "episodec/errors.py"
    errors.write_text(errors.read_text() + "\n\nclass Unheard(EpisodecError):\n    exit_code = 7\n")
    assert tree.decided("p.b:B").symbols == before
    perform = tree.root / "episodec/runner/perform.py"
    perform.write_text(perform.read_text().replace('"tmp"', '"other"'))
    after = tree.decided("p.b:B").symbols
    assert {name for name in after if after[name] != before.get(name)} == {"episodec.runner.perform._working_in"}


def test_an_edit_is_seen_whatever_its_size_and_times(tmp_path: Path) -> None:
    import os

    tree = Tree(tmp_path).write(PACKAGE)
    before = tree.decided("p.b:B").symbols
    path = tree.root / "p/deep.py"
    stat = path.stat()
    path.write_text(path.read_text().replace("(1, 2)", "(1, 3)"))
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert tree.decided("p.b:B").symbols != before
