"""The manual that is made of the schemas: complete, well formed, and the one that is committed."""

import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from episodec.spec.manual import manual, value_text
from tests.spec.specs import SCHEMAS

ROOT = Path(__file__).parents[2]


def described(schema: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Every field of a schema with its description, wherever it stands."""
    for name, field in schema.get("properties", {}).items():
        yield name, field["description"]
        yield from described(field)
    for inner in (schema.get("items"), schema.get("additionalProperties"), *schema.get("definitions", {}).values()):
        if isinstance(inner, dict):
            yield from described(inner)


def test_the_committed_manual_is_what_the_schemas_say() -> None:
    command = [sys.executable, "-m", "episodec", "schema", "--manual"]
    process = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert (ROOT / "docs/spec.md").read_text() == process, "run: episodec schema --manual > docs/spec.md"


@pytest.mark.parametrize("kind", SCHEMAS)
def test_every_field_has_its_row(kind: str) -> None:
    schema = SCHEMAS[kind]
    text = manual({kind: schema})
    rows = {tuple(cell.strip() for cell in line.split(" | ")) for line in text.splitlines() if line.startswith("| `")}
    by_name = {(name.strip("|` "), what.removesuffix("|").strip()) for name, _, _, what in rows}
    assert by_name == set(described(schema))


def test_every_row_has_the_cells_of_its_head() -> None:
    tables = [line for line in manual(SCHEMAS).splitlines() if line.startswith("|")]
    assert {len(re.split(r"(?<!\\)\|", line)) for line in tables} == {6}


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ({"type": "integer", "minimum": 1}, "whole number, at least 1"),
        ({"type": "number", "exclusiveMinimum": -90, "exclusiveMaximum": 90}, "number, more than −90, less than 90"),
        ({"type": "integer", "minimum": 1, "maximum": 1000000}, "whole number, 1 to 1 000 000"),
        ({"type": "boolean", "default": False}, "`true` or `false`"),
        ({"type": "string", "enum": ["a", "b", "c"]}, "`a`, `b` or `c`"),
        ({"const": "orbit"}, "`orbit`"),
        ({"type": "array", "items": {"type": "number"}, "minItems": 3, "maxItems": 3}, "list of 3 numbers"),
        ({"type": ["string", "null"]}, "text, none"),
        ({"type": ["object", "string"], "properties": {}}, "section, below, or text"),
    ],
    ids=str,
)
def test_what_a_value_may_be_is_said_in_words(field: Mapping[str, Any], text: str) -> None:
    assert value_text(field) == text
