"""Diagnostics as text: carets under what they mean, nothing that drives a terminal, formats that programs read."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from episodec.spec.diagnostic import Diagnostic, Related, Span, diagnose, in_order
from episodec.spec.render import OutputFormat, render, summarize
from episodec.text import cells, escape


def rendered_span(line: str, start: int, end: int) -> str:
    actual = diagnose("S103", "message", "a.yaml", Span(1, start, 1, end))
    return render([actual], {"a.yaml": line}).split("\n")[4]


@pytest.mark.parametrize(
    ("line", "start", "end", "underline"),
    [
        ("ab: cd", 5, 7, "  |     ^^"),
        ("日本: cd", 5, 7, "  |       ^^"),
        ("a: 日本", 4, 6, "  |    ^^^^"),
        ("e\u0301e\u0301: cd", 7, 9, "  |     ^^"),
        ("\ta: b", 5, 6, "  |        ^"),
        ("\x1b[0m: b", 7, 8, "  |          ^"),
        ("ключ: b", 7, 8, "  |       ^"),
        ("a: ", 4, 4, "  |    ^"),
    ],
)
def test_the_caret_stands_under_the_value(line: str, start: int, end: int, underline: str) -> None:
    assert rendered_span(line, start, end) == underline


@given(st.text())
def test_nothing_that_is_shown_drives_a_terminal(text: str) -> None:
    actual = diagnose("S103", text, text, Span(1, 1, 1, 3), hint=text, related=[Related(text, Span(1, 1, 1, 2), text)])
    formats: list[OutputFormat] = ["full", "concise"]
    for output_format in formats:
        picture = render([actual], {text: text}, output_format)
        assert all(char == "\n" or char.isprintable() or char in " \u3000\u200d" or char.isspace() for char in picture)
        assert "\x1b" not in picture
        assert "\x9b" not in picture
        assert "\u202e" not in picture


def test_colour_is_only_there_when_asked_for() -> None:
    actual = [diagnose("E207", "message", "a.yaml", Span(1, 1, 1, 2))]
    assert "\x1b[1;33mwarning[E207]" in render(actual, {}, color=True)
    assert "\x1b" not in render(actual, {})


def test_a_place_in_an_unknown_text_is_named() -> None:
    actual = [diagnose("X301", "message", "b.yaml", Span(7, 3, 7, 4), related=[Related("c.yaml", None, "there")])]
    assert render(actual, {}) == "error[X301]: message\n --> b.yaml:7:3\n ::: c.yaml\n  = note: there\n"


def test_github_annotations_are_escaped() -> None:
    actual = [diagnose("S103", "100% wrong\nreally: yes, no", "a,b:c.yaml", Span(2, 3, 2, 5), hint="mend it")]
    assert render(actual, {}, "github") == (
        "::error file=a%2Cb%3Ac.yaml,title=S103%3A error,line=2,endLine=2,col=3,endColumn=5"
        "::100%25 wrong%0Areally: yes, no%0Ahelp: mend it\n"
    )


def test_json_is_a_list_of_objects() -> None:
    actual = [diagnose("S103", "message", "a.yaml", Span(2, 3, 2, 5), related=[Related("b.yaml", None, "there")])]
    assert json.loads(render(actual, {}, "json")) == [
        {
            "code": "S103",
            "severity": "error",
            "message": "message",
            "path": "a.yaml",
            "span": {"line": 2, "column": 3, "end_line": 2, "end_column": 5},
            "help": None,
            "related": [{"path": "b.yaml", "span": None, "text": "there"}],
        }
    ]
    assert json.loads(render([], {}, "json")) == []


def test_diagnostics_are_ordered_by_place_and_said_once() -> None:
    def at(path: str, line: int | None, code: str = "S103") -> Diagnostic:
        return diagnose(code, "m", path, Span(line, 1, line, 2) if line else None)

    ordered = [at("a", None), at("a", 2, "E201"), at("a", 2), at("a", 10), at("b", 1)]
    assert in_order([*reversed(ordered), at("b", 1)]) == ordered


def test_the_summary_counts() -> None:
    error, warning = diagnose("S103", "m", "a"), diagnose("E207", "m", "b")
    assert summarize([error, error, warning], 9) == "Found 2 errors and 1 warning in 2 files."
    assert summarize([warning], 9) == "Found 1 warning in 1 file."
    assert summarize([], 1) == "1 file checked: no errors."


def test_wide_characters_take_two_cells_and_combining_ones_none() -> None:
    assert [cells(text) for text in ("ab", "日本", "e\u0301", "Ёж")] == [2, 4, 1, 2]
    assert escape("a\tb\x7f") == "a    b\\x7f"
