"""However much is wrong with a file, the report of it stays one that a person can read."""

import json

import pytest

from episodec.spec.diagnostic import MAX_SHOWN, bounded, diagnose
from episodec.spec.render import OutputFormat, render
from tests.spec.specs import EPISODE, codes, episode, series

HOSTILE = "a\x1b[31mb\x9b\u202e\udcff\x7f"


def test_a_thousand_mistakes_are_told_as_a_hundred_and_their_number() -> None:
    segments = "".join(
        "  - {move: keyframes, frames: 1, keys: [{frame: 5, position: [0, 0, 2]}]}\n" for _ in range(1000)
    )
    parsed, actual = episode(f"{EPISODE}frames: 1000\ncamera:\n{segments}")
    assert parsed is None
    assert len(actual) == MAX_SHOWN + 1
    assert actual[-1].message.endswith("; and 899 more in this file")


def test_warnings_never_push_an_error_out_of_sight() -> None:
    warnings = [diagnose("E207", f"the text may be too long, {n}", "spec") for n in range(150)]
    assert codes(bounded([*warnings, diagnose("E205", "blank", "spec")]))[0] == "E205"
    assert len(bounded(warnings)) == MAX_SHOWN + 1


@pytest.mark.parametrize("form", ["github", "json", "concise", "full"])
def test_no_format_lets_a_file_name_drive_a_terminal(form: OutputFormat) -> None:
    actual = diagnose("F401", f"{HOSTILE} does not exist", f"{HOSTILE}.episode.yaml", hint=f"did you mean `{HOSTILE}`?")
    text = render([actual], {}, form)
    assert all(one.isprintable() or one == "\n" for one in text)
    if form == "json":
        assert json.loads(text)[0]["path"] == f"{HOSTILE}.episode.yaml"


@pytest.mark.parametrize("name", ["static", "video", "manifest", "captions", "check", "plan", "audio", "index.html"])
def test_a_profile_is_not_named_as_a_folder_of_deliverables(name: str) -> None:
    output = f"episodec: 1\ntitle: Alpha\nprofiles:\n  draft: {{}}\n  {name}: {{}}\n"
    assert codes(series(output)[1]) == ["P507"]
    assert codes(series(output + f"profile: {name}\n")[1]) == []
