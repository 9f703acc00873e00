"""Each system that is not ours is one package and its lines in the register: without them, all else stands."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SYSTEMS = tuple(sorted(it.parent.name for it in (ROOT / "episodec" / "backends").glob("*/__init__.py")))

IMPORT_ALL = """
import importlib, pkgutil, episodec
names = [it.name for it in pkgutil.walk_packages(episodec.__path__, "episodec.")]
driver = lambda name: name.endswith((".driver", ".__main__"))
for name in names:
    driver(name) or importlib.import_module(name)
print(len(names))
"""
FLOORS = "from importlinter.cli import lint_imports_command; lint_imports_command()"


def without(systems: tuple[str, ...], folder: Path) -> Path:
    """A copy of the package and its contracts, from which these systems are taken out: a folder and its lines each."""
    shutil.copytree(ROOT / "episodec", folder / "episodec", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "schema", folder / "schema")
    shutil.copy(ROOT / "pyproject.toml", folder)
    register = folder / "episodec" / "backends" / "__init__.py"
    text = register.read_text(encoding="utf-8")
    for system in systems:
        shutil.rmtree(folder / "episodec" / "backends" / system)
        text, count = re.subn(rf'^    "[^"]+": "episodec\.backends\.{system}\..*\n', "", text, flags=re.MULTILINE)
        assert count > 0
    register.write_text(text, encoding="utf-8")
    return folder


def python(folder: Path, *arguments: str) -> str:
    """The output of Python there, with the copy as its package."""
    command = [sys.executable, *arguments]
    ran = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, env={"PYTHONPATH": "."})
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def check_stands(folder: Path) -> None:
    assert int(python(folder, "-c", IMPORT_ALL)) > 300
    python(folder, "-m", "episodec", "doctor")
    assert "0 broken" in python(folder, "-c", FLOORS)


def test_all_systems_can_be_taken_out_together(tmp_path: Path) -> None:
    check_stands(without(SYSTEMS, tmp_path))


@pytest.mark.campaign
@pytest.mark.parametrize("system", SYSTEMS)
def test_each_system_can_be_taken_out(system: str, tmp_path: Path) -> None:
    check_stands(without((system,), tmp_path))
