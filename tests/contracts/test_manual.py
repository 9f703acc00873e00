"""The manual that is made of the contracts: complete, well formed, and the one that is committed."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from episodec.backends import BUILTIN
from episodec.contracts.catalogue import CONTRACTS
from episodec.runner.loading import load

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def manual() -> str:
    command = [sys.executable, "-m", "episodec", "schema", "--stages"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


def test_the_committed_manual_is_what_the_contracts_say(manual: str) -> None:
    assert (ROOT / "docs/stages.md").read_text() == manual, "run: episodec schema --stages > docs/stages.md"


@pytest.mark.parametrize("stage", CONTRACTS)
def test_each_part_of_a_contract_stands_in_its_section(manual: str, stage: str) -> None:
    contract = CONTRACTS[stage]
    (section,) = re.findall(rf"^## `{stage}`\n(.*?)(?=^## |\Z)", manual, re.DOTALL | re.MULTILINE)
    assert contract.makes in section
    rows = re.findall(r"^\| `([^`]+)`", section, re.MULTILINE)
    assert rows == [one.name for part in (contract.inputs, contract.params, contract.outputs) for one in part]
    backends = {name for name, target in BUILTIN.items() if stage in load(target).stages}
    (messages,) = re.findall(r"^Implemented by (.*)\.$", section, re.MULTILINE)
    assert set(re.findall(r"`([^`]+)`", messages)) == backends


def test_every_row_has_the_cells_of_its_head(manual: str) -> None:
    for table in re.findall(r"(?:^\|.*\n)+", manual, re.MULTILINE):
        assert len({len(re.split(r"(?<!\\)\|", line)) for line in table.splitlines()}) == 1


def test_each_format_is_told_once_and_under_one_name(manual: str) -> None:
    formats = {one.format for each in CONTRACTS.values() for one in each.inputs}
    formats |= {one.format for each in CONTRACTS.values() for one in each.outputs}
    rows = [f"| {one.name} | {one.words} |" for one in formats]
    lines = manual.partition("## Formats\n")[2].splitlines()
    assert sorted(lines[3:]) == sorted(rows)
    assert len({one.name for one in formats}) == len(formats)
