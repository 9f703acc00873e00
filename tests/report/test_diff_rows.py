"""Rows of changed fields: a text of several lines is on one line, and short where there is none to compare it with."""

import pytest

from episodec.digest import Canonical
from episodec.project.changes_fields import FieldChange
from episodec.project.shared_changes import SharedChange
from episodec.report.diff_rows import row_text, shared_rows
from episodec.report.paint import plain

BODY = "## A heading\n\n| a | b |\n|---|---|\n" + "| one of many rows | of a table |\n" * 20


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (None, BODY, "nothing → ## A heading | a | b | |---|---| | one of many rows | of a table | | one of many…"),
        (BODY, None, "## A heading | a | b | |---|---| | one of many rows | of a table | | one of many… → nothing"),
        (BODY, BODY.replace("heading", "title"), "… ## A [-heading-] {+title+} | a | b …"),
        ("one\n", "two\n", "one → two"),
        (0.5, 1.5, "0.5 → 1.5"),
    ],
)
def test_a_text_of_several_lines_is_on_one(before: Canonical, after: Canonical, expected: str) -> None:
    change = SharedChange("episodes/series.yaml", None, (FieldChange("post.footer", before, after),), ())
    (row,) = shared_rows(change)
    assert row_text(row, plain) == expected
