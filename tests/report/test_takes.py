"""Approved takes as text."""

from episodec.questions.takes import TakesAnswer
from episodec.report.takes import takes_lines


def test_a_series_without_models_reads_that_there_is_nothing_to_approve_and_why() -> None:
    assert takes_lines(TakesAnswer(".", ()), is_check=False) == [
        "nothing to approve: no stage of these episodes uses the adapter of another system"
    ]
