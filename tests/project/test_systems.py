"""The settings of foreign systems: the same as in docs/backends.md, and a file of them that is valid once filled in."""

import re
from pathlib import Path

import yaml

from episodec.project.systems import SYSTEMS, missing_settings, settings_text

DOCS = Path(__file__).parents[2] / "docs/backends.md"


def documented() -> dict[str, list[str]]:
    """The settings of each system in the documentation's examples."""
    blocks = re.findall(r"```yaml\nbackends:\n  ([\w-]+):\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    return {name: re.findall(r"^    (\w+):", block, re.MULTILINE) for name, block in blocks}


def test_they_are_those_of_the_documentation() -> None:
    assert {name: [one.name for one in system.settings] for name, system in SYSTEMS.items()} == documented()


def test_the_file_to_fill_in_is_nothing_but_comments_and_valid_without_them() -> None:
    text = settings_text(dict.fromkeys(SYSTEMS, "Some licence"))
    assert yaml.safe_load(text) == {"episodec": 1}
    blocks = text[text.index("# backends:") :].splitlines()
    tree = yaml.safe_load("\n".join(line.removeprefix("#").removeprefix(" ") for line in blocks))
    assert tree["backends"] == {
        name: {one.name: one.example for one in system.settings} for name, system in SYSTEMS.items()
    }
    assert yaml.safe_load(settings_text({})) == {"episodec": 1}


def test_missing_settings_are_those_without_which_it_cannot_start() -> None:
    assert missing_settings("fish-speech", {"python": "/x", "repo": " "}) == ("repo", "checkpoints")
    assert missing_settings("espeak", {}) == ()
