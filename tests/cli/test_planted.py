"""Modules that lie in the folder where a command is started, as in a stranger's checkout, are never imported."""

import importlib.metadata
import subprocess
import sys
from pathlib import Path

import pytest

from tests.builds.studio import Studio
from tests.cli.command import environment

INSTALLED = {*importlib.metadata.packages_distributions(), "sitecustomize", "usercustomize"}
NAMES = sorted(name for name in {*sys.stdlib_module_names, *INSTALLED} if name.isidentifier())


@pytest.fixture
def series(tmp_path: Path) -> Path:
    return Studio(tmp_path).start(1).root


def _imported(series: Path, command: list[str], names: list[str]) -> list[str]:
    """Which modules of these names are imported by a command where they lie beside the series."""
    for name in names:
        (series / f"{name}.py").write_text(f"open('RAN-{name}', 'w').close()\nraise SystemExit('planted')\n")
    words = [*command, "plan", "--backend", "voice=espeak"]
    subprocess.run(words, cwd=series, env=environment(series), capture_output=True, check=False)
    return sorted(path.name for path in series.glob("RAN-*"))


def test_the_command_imports_no_module_that_lies_beside_a_series(series: Path) -> None:
    assert _imported(series, [str(Path(sys.executable).with_name("episodec"))], NAMES) == []


def test_nor_does_python_m_once_our_code_runs(series: Path) -> None:
    (series / "first.py").write_text("import sys\nprint(*sys.modules)\n")
    asked = [sys.executable, "-m", "first"]
    pythons = subprocess.run(asked, cwd=series, env=environment(series), capture_output=True, text=True, check=True)
    before = {"episodec", *pythons.stdout.split()}  # What Python imports by itself, and the package of `-m`.
    assert {"numpy", "yaml", "json", "argparse"}.isdisjoint(before)
    assert _imported(series, [sys.executable, "-m", "episodec"], [name for name in NAMES if name not in before]) == []
