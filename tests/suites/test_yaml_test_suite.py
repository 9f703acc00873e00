"""yaml-test-suite: what it says is invalid is refused, and what is read means what it says. What differs stands here,
each with its reason.
"""

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from episodec.spec.diagnostic import has_errors
from episodec.spec.reader import read

CASES: Mapping[str, Mapping[str, Any]] = json.loads(Path(__file__).with_name("yaml_test_suite.json").read_text())[
    "cases"
]

ACCEPTED_THOUGH_INVALID = {
    "9C9N": "libyaml lets lines of a list in brackets stand at the margin: the meaning is the only possible one",
    "QB6E": "libyaml lets lines of a quoted text stand at the margin: the same",
    "DK95/01": "libyaml lets a quoted text go on after a tab: the same",
    "S98Z": "libyaml takes the comment after an empty block for one: the value is empty either way",
    "SU5Z": "libyaml lets a comment touch a quoted text: nothing else could be meant",
    "X4QW": "libyaml lets a comment touch the sign of a block: nothing else could be meant",
}

READ_OTHERWISE = {"L24T/01": "libyaml keeps no line of spaces at the end of a literal text at the end of a file"}

OF_THE_LANGUAGE = {
    "Y003": "control characters are no text of an author's, not even escaped",
    "Y005": "a spec is not empty",
    "Y009": "no anchors, aliases and merge keys",
    "Y010": "no tags and directives",
    "Y011": "keys are text",
    "Y012": "one document a file",
    "Y014": "a spec is a mapping",
}
"""Valid YAML that the language refuses, by the code that says why."""

OF_LIBYAML = {
    "2JQS": "an empty key",
    "2LFX": "a directive nobody knows",
    "4ABK": "a colon that touches the next value in braces",
    "4MUZ/00": "a colon on the line after its key",
    "4MUZ/01": "a colon on the line after its key",
    "4MUZ/02": "a colon on the line after its key",
    "58MP": "a value that begins with a colon",
    "5MUD": "a colon on the line after its key",
    "652Z": "a key that begins with a question mark: libyaml drops it, so it is refused",
    "6CA3": "a tab before a bracket",
    "6LVF": "a directive nobody knows",
    "96NN/00": "a tab in an empty block",
    "96NN/01": "a tab in an empty block",
    "A2M4": "a tab after a dash",
    "BEC7": "a YAML version to come",
    "DK95/00": "a tab as indentation",
    "DK95/03": "a line of a tab",
    "DK95/04": "a line of a tab",
    "FRK4": "an empty key in braces",
    "HWV9": "the mark of a document's end alone",
    "K3WX": "a colon on the line after its key",
    "MUS6/05": "a directive nobody knows",
    "MUS6/06": "a directive nobody knows",
    "NHX8": "an empty key",
    "NKF9": "an empty key",
    "Q5MG": "a tab before a brace",
    "QT73": "the mark of a document's end alone",
    "S3PD": "an empty key",
    "SM9W/01": "an empty key",
    "UT92": "a document mark inside braces",
    "VJP3/01": "a colon on the line after its key",
    "W5VH": "an alias with a colon in its name",
    "Y79Y/001": "a tab in an empty block",
}
"""Valid YAML that the parser cannot read, and says so."""


def outcome(name: str) -> str:
    """`invalid` and refused, or `accepted`; else by which codes it is refused, or whether it `means` what it should."""
    case = CASES[name]
    document, actual = read(case["yaml"].encode(), "x.yaml")
    if case.get("error"):
        return "accepted" if document is not None and not has_errors(actual) else "invalid"
    if actual or document is None:
        return " ".join(sorted({one.code for one in actual}))
    return "means" if document.tree == json.loads(case["json"]) else "means something else"


def test_each_case_is_read_or_refused_as_it_should_be() -> None:
    """In one test: hundreds would cost more to begin than to run."""
    outcomes = {name: outcome(name) for name in CASES}
    assert {name for name, found in outcomes.items() if found == "accepted"} == ACCEPTED_THOUGH_INVALID.keys()
    assert {name for name, found in outcomes.items() if found == "means something else"} == READ_OTHERWISE.keys()
    assert {name for name, found in outcomes.items() if found == "Y006"} == OF_LIBYAML.keys()
    assert set(outcomes.values()) <= {"invalid", "accepted", "means", "means something else", "Y006", *OF_THE_LANGUAGE}
    counts = Counter(outcomes.values())
    assert (len(CASES), counts["invalid"], counts["means"]) == (402, 88, 71)
