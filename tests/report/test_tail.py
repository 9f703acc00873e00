"""The last line of a log, as it is shown beside an action that takes long."""

from pathlib import Path

import pytest

from episodec.report.tail import LogTail


@pytest.mark.parametrize(
    ("given", "visible"),
    [
        ("", ""),
        ("one\ntwo\n", "two"),
        ("one\ntw", "tw"),
        ("one\n\n  \n", "one"),
        ("10 %\r20 %\r30 %", "30 %"),
        ("10 %\r", "10 %"),
        ("\x1b[2K\x1b[32mgreen\x1b[0m\n", "green"),
        ("\x1b]0;a title\x07words\n", "words"),
        ("\x1b[1mbold\x1b[0m \u202eowned\n", "bold \\u202eowned"),
        ("loss 0,1 · осталось 40 с\n", "loss 0,1 · осталось 40 с"),
        ("x\n" * 10_000 + "end\n", "end"),
        ("x" * 10_000, "x" * 4096),
    ],
)
def test_the_last_line_that_says_something(tmp_path: Path, given: str, visible: str) -> None:
    log = tmp_path / "log"
    tail = LogTail(log)
    log.write_text(given, newline="")
    assert tail.line() == visible


def test_a_log_that_is_not_there_says_nothing(tmp_path: Path) -> None:
    assert LogTail(tmp_path / "nowhere").line() == ""


def test_what_an_earlier_attempt_said_is_over(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("failed\n")
    tail = LogTail(log)
    assert tail.line() == ""
    with log.open("a") as file:
        file.write("again\n")
    assert tail.line() == "again"
