"""Tests that share a start share a process; what takes longest begins first."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests import scheduling

ROOT = Path(__file__).parents[1]


def test_every_file_that_is_named_is_there() -> None:
    assert [file for file in scheduling.FIRST if not (ROOT / file).is_file()] == []


def test_groups_are_pipelines_files_with_shared_fixtures_and_single_tests() -> None:
    assert scheduling.group_of("tests/backends/test_wan.py::test_a") == "pipelines"
    assert scheduling.group_of("tests/splat/test_relief.py::test_b[1]") == "tests/splat/test_relief.py"
    assert scheduling.group_of("tests/sound/test_palette.py::test_b[1]") == "tests/sound/test_palette.py"
    assert scheduling.group_of("tests/engine/test_laws.py::test_c") == "tests/engine/test_laws.py::test_c"


@pytest.mark.campaign
def test_tests_of_a_shared_fixture_run_in_one_process() -> None:
    command = [sys.executable, "-m", "pytest", "-n", "2", "--dist", "loadscope", "-v", "-k", "chunks"]
    ran = subprocess.run(
        [*command, "tests/video/test_splice.py"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    processes = {line.split()[0] for line in ran.stdout.splitlines() if "PASSED" in line}
    assert len(processes) == 1, ran.stdout
