"""The line about a shared cache at the end of a build, and the answers of `cache`."""

from episodec.building.transfers import Transfer
from episodec.engine.events import ResultsShared
from episodec.questions.forgetting import Forgotten
from episodec.remote.totals import ReadCounts, Totals, WriteCounts
from episodec.report.lines import Narrator, shared_lines
from episodec.report.shared import forgotten_lines, pulled_lines, pushed_lines


def test_a_build_says_what_it_shared_in_one_line() -> None:
    event = ResultsShared("s3://b/c", 412, 1_200_000_000, 1, 3, 5000, 2, 4, 1)
    (line,) = shared_lines(event)
    assert line == (
        "shared  s3://b/c: 412 results found there · 1.2 GB fetched · 3 results written to it, 5.0 kB"
        " · 2 not written in time · 1 record not trusted · 4 requests failed"
        " · 1 result written first by others, which the next build takes"
    )
    assert shared_lines(ResultsShared("s3://b/c", 0, 0, 0, 0, 0, 0, 0, 0)) == []
    assert Narrator(quiet=True).lines(event) == []


def test_a_push_and_a_pull_say_what_they_moved() -> None:
    totals = Totals("s3://b/c", ReadCounts(3, 1, 0, 0, 2000), WriteCounts(4, 5000, 1, 1), answers=True)
    assert pushed_lines([Transfer(9, 8, totals), Transfer(2, 1, None)]) == [
        "4 results written, 5.0 kB · 2 were there · 1 not written in time · 1 failed",
        "nothing to write: 1 of 2 results are here",
    ]
    assert pulled_lines([Transfer(9, 8, totals), Transfer(2, 2, None)]) == [
        "8 of 9 results are here · 2.0 kB fetched",
        "2 of 2 results are here",
    ]


def test_what_is_forgotten_is_listed_with_what_is_not() -> None:
    published = tuple(f"dist/{number}" for number in range(12))
    answer = Forgotten("a.wav", ("one",), (), 3, 5, published, (), 2, 7, ("its history",))
    lines = forgotten_lines(answer, dry_run=True)
    assert "  from dist/ would be removed: 12 files" in lines
    assert "    and 4 more" in lines
    assert lines[-4:] == ["cannot be removed by episodec:", "  its history", lines[-2], "    one"]
