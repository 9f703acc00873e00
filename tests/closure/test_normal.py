"""A normal form: equal for what does the same, different for all else, and the same text under each Python."""

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from episodec.closure import normal
from episodec.closure.facts import facts_of
from episodec.closure.normal import normal_form
from episodec.digest import digest_bytes

EVERYTHING = r'''
"""A docstring."""
from __future__ import annotations
import os.path as p, sys
from .. import x as y
f"{p:}" f"{p!r:>{y}}" "a" f"{p=}" f"{ y = :>5}" f"a{{b}}" f"" ""
f"{'a' 'b'}{p}" rf"\d{y}" f"{p:{y}.{y}}"
async def g(a, /, b: int = 1, *c: "C", d, e=..., **k: str) -> list[int]:
    "doc"
    z: int
    k.z: int = 3
    global q
    async with p as (q, r): await y
    async for i in [j async for j in k if j if not i]: yield i
    else: del k[1:2, ...], q
    class C(p, metaclass=y):
        n: int = 1
        m: str
    return lambda *s, t=None: (u := s or 1 < t <= -1)
try: raise KeyError from None
except* (ValueError, OSError) as error: assert error, "x"
finally: pass
match p:
    case {"a": 1, **rest} | [1, *_] if rest: pass
    case y.z(1, b=None) as whole: pass
    case _: pass
while True:
    if x: break
    else: continue
u"x", b"\x00x", 1e999, -0.0, 10**5, 0xfffffffffffffffffffffffffff, 1j, ..., None, True, "\ud800й", {**p, 1: {2}, }
x = y = [*p]; x[0] += 1; x @ y; "%s" % x if x is not y else x not in y
@p.q(1)
def h(): yield from (1,); nonlocal_ = 1
'''
DIGEST = "xxh3-128:32a996b13479e70fecb06cd7029863b7"


def test_the_form_of_all_kinds_of_code_is_what_it_was_under_each_python() -> None:
    assert digest_bytes(normal_form(ast.parse(EVERYTHING)).encode("ascii")) == DIGEST


def pythons() -> list[str]:
    """The Pythons that start here: this one, and others of PATH."""
    names = [shutil.which(f"python3.{minor}") for minor in range(11, 14)]
    process = [name for name in names if name and subprocess.run([name, "-c", ""], check=False).returncode == 0]
    return [sys.executable, *process]


def test_the_pythons_of_this_machine_agree(tmp_path: Path) -> None:
    script = (
        "import ast, importlib.util, pathlib, sys\n"
        "spec = importlib.util.spec_from_file_location('normal', sys.argv[1])\n"
        "normal = importlib.util.module_from_spec(spec)\n"
        "spec.loader.exec_module(normal)\n"
        "sys.stdout.write(normal.normal_form(ast.parse(pathlib.Path(sys.argv[2]).read_bytes())))\n"
    )
    (tmp_path / "everything.py").write_text(EVERYTHING)
    for python in pythons():
        command = [python, "-W", "ignore", "-c", script, normal.__file__, str(tmp_path / "everything.py")]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        assert done.stdout == normal_form(ast.parse(EVERYTHING))


@pytest.mark.parametrize(
    "other",
    [
        "def f(x: int, *, y: 'str' = 'a') -> float:\n    return x + y  # A comment.\n",
        'def f(x, *, y="a"):\n    """A docstring."""\n    return (x\n            + y)\n',
        "def f(x, *, y=f'a'[0:0] or 'a'):\n    return x + y\n".replace("f'a'[0:0] or 'a'", "'' 'a'"),
    ],
)
def test_comments_docstrings_layout_and_annotations_do_not_count(other: str) -> None:
    assert normal_form(ast.parse(other)) == normal_form(ast.parse("def f(x, *, y='a'):\n    return x + y\n"))


def test_the_annotation_of_a_local_does_not_count_and_its_being_local_does() -> None:
    plain, hinted = "def f():\n    x: {} = 1\n", "def f():\n    x: {}\n"
    for text in (plain, hinted):
        assert len({normal_form(ast.parse(text.format(hint))) for hint in ("int", "list['str']")}) == 1
    assert normal_form(ast.parse("def f():\n    x: int\n")) != normal_form(ast.parse("def f():\n    pass\n"))


def test_what_a_declared_override_says_for_people_does_not_count() -> None:
    text = "class B:\n    overrides = {{'size': Whole(1, 9, default=3, unit={0!r}, otherwise={0!r}, meaning={0!r})}}\n"
    first, other, changed = (
        text.format("one"),
        text.format("other"),
        text.format("one").replace("default=3", "default=4"),
    )

    def form(code: str, *, docstrings: bool = False) -> str:
        return normal_form(ast.parse(code), docstrings=docstrings, declare=frozenset({"Whole"}))

    assert form(first) == form(other)
    assert form(first, docstrings=True) != form(other, docstrings=True)
    assert form(first) != form(changed)


@pytest.mark.parametrize(
    ("before", "is_declared"),
    [
        ("from episodec.overrides import Text\n", True),
        ("from episodec.plugin import Text\n", True),
        ("from episodec.plugin import Text as T\n", False),
        ("from rich.text import Text\n", False),
        ("class Text: ...\n", False),
        ("from episodec.overrides import Text\ndef f(Text): ...\n", False),
        ("from episodec.overrides import Text\nfor Text in (): ...\n", False),
        ("try:\n    from episodec.overrides import Text\nexcept ImportError:\n    from other import Text\n", False),
    ],
)
def test_only_the_types_that_declare_overrides_speak_for_people_alone(before: str, *, is_declared: bool) -> None:
    first, other = (
        facts_of(f"{before}x = {{'a': Text(meaning='{word}')}}\n".encode(), "p.m", is_package=False)
        for word in ("one", "other")
    )
    assert (first == other) is is_declared


@pytest.mark.parametrize(
    ("case", "other"),
    [
        ("f(meaning='a')", "f(meaning='b')"),
        ("Text(meaning=a)", "Text(meaning=b)"),
        ("x = 1", "x = 1.0"),
        ("x = 1", "x = True"),
        ("x = 'a'", "x = b'a'"),
        ("x = f'a{y}'", "x = f'a{y!r}'"),
        ("x = f'{y}a'", "x = f'{y}' 'b'"),
        ("x = f'a{y}b'", "x = f'ab{y}'"),
        ("x[:1]", "x[1:]"),
        ("f(a=None)", "f()"),
        ("lambda *, a, b=1: a", "lambda *, a=1, b: a"),
        ("def f(a, b): ...", "def f(b, a): ..."),
        ("def f(a, /): ...", "def f(a): ..."),
        ("{**a, 'b': 1}", "{'b': 1, **a}"),
        ("return_ = -1", "return_ = - - 1"),
        ("class C:\n    x: int = 1", "class C:\n    x: ClassVar[int] = 1"),
        ("class C:\n    x: int", "class C:\n    x = 1"),
        ("def f():\n    class C:\n        x: int", "def f():\n    class C:\n        x: str"),
        ("@singledispatch\ndef f(x: int): ...", "@singledispatch\ndef f(x: str): ..."),
        ("from . import a", "from .. import a"),
        ("async def f(): ...", "def f(): ..."),
    ],
)
def test_what_does_something_else_has_another_form(case: str, other: str) -> None:
    assert normal_form(ast.parse(case)) != normal_form(ast.parse(other))


def test_docstrings_stay_where_they_are_asked_for() -> None:
    first, other = (f"def f():\n    '{text}'\n" for text in ("one", "other"))
    assert normal_form(ast.parse(first)) == normal_form(ast.parse(other))
    assert normal_form(ast.parse(first), docstrings=True) != normal_form(ast.parse(other), docstrings=True)
