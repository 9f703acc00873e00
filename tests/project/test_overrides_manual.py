"""docs/overrides.md is what the backends declare; the schema's names of stages are those that there are."""

import re
from pathlib import Path

import pytest

from episodec.backends import BUILTIN
from episodec.overrides import of_stage
from episodec.project.overrides_manual import overrides_manual
from episodec.runner.loading import load
from episodec.stages import STAGES
from tests.backends.test_overrides import declared
from tests.builds.studio import Studio
from tests.project.test_overrides import diagnostics_of, studio
from tests.spec.specs import SCHEMAS

__all__ = ["studio"]  # A fixture.

ROOT = Path(__file__).parents[2]


def test_the_committed_page_is_what_the_backends_declare() -> None:
    built = overrides_manual(BUILTIN)
    assert (ROOT / "docs/overrides.md").read_text() == built, "run: episodec schema --overrides > docs/overrides.md"


def test_every_override_has_its_row_under_its_stage_and_backend() -> None:
    sections = re.split(r"^## `(.+)`$", overrides_manual(BUILTIN), flags=re.MULTILINE)
    rows = set()
    for stage, text in zip(sections[1::2], sections[2::2], strict=True):
        tables = re.split(r"^### `(.+)`$", text, flags=re.MULTILINE)
        for backend, table in zip(tables[1::2], tables[2::2], strict=True):
            rows |= {(stage, backend, name) for name in re.findall(r"^\| `(.+?)` \|", table, flags=re.MULTILINE)}
    backends = {backend for backend, _, _ in declared()}
    loaded = {backend: load(BUILTIN[backend]) for backend in backends}
    assert rows == {
        (stage, name, override)
        for name, one in loaded.items()
        for stage in one.stages
        for override in of_stage(one, stage)
    }


def test_a_row_says_value_default_and_meaning() -> None:
    text = overrides_manual({"aac": BUILTIN["aac"], "wan": BUILTIN["wan"], "relief": BUILTIN["relief"]})
    assert "| `bitrate_kbps` | a whole number from 64 to 320 kbit/s | 192 | The bit rate of the sound. |" in text
    assert "| `slices` | a whole number from 1 to 1024 | 24 | The number of time samples of the motion. |" in text
    assert re.search(
        r"\| `side` \| a whole number from 64 to 1280 pixels \| 960, or 928 with one expert \| Side of", text
    )


def test_the_example_is_a_spec_of_today(studio: Studio) -> None:  # The fixture.
    example = re.findall(r"```yaml\n(.*?)```", overrides_manual({}), flags=re.DOTALL)
    assert [diagnostics_of(studio, one) for one in example] == [[]]


@pytest.mark.parametrize(
    "field",
    [
        SCHEMAS["episode"]["properties"]["backends"],
        SCHEMAS["episode"]["properties"]["overrides"],
        SCHEMAS["series"]["properties"]["profiles"]["additionalProperties"]["properties"]["backends"],
    ],
)
def test_editors_are_told_the_stages(field: dict[str, dict[str, object]]) -> None:
    assert field["propertyNames"] == {"title": "Stage", "enum": list(STAGES), "errorCode": "E210"}
