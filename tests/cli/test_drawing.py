"""Where the words of models go while candidates are drawn."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from episodec.cli.drawing import words_into

LOUD = "import sys; print('a program', file=sys.stderr)"


def drawn(log: Path, name: str) -> None:
    with words_into(log) as aloud:
        os.write(1, b"a library\n")
        subprocess.run([sys.executable, "-c", LOUD], check=True)
        aloud(lambda: os.write(1, f"made {name}\n".encode()))
        os.write(2, b"a bar\n")
        raise ZeroDivisionError


@pytest.mark.parametrize("names", [("one",), ("one", "two")])
def test_only_what_is_said_aloud_is_heard(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], names: tuple[str, ...]
) -> None:
    log = tmp_path / "runs" / "log.txt"
    for name in names:
        with pytest.raises(ZeroDivisionError):
            drawn(log, name)
        os.write(1, b"after\n")
        output = capfd.readouterr()
        assert (output.out, output.err) == (f"made {name}\nafter\n", "")
        assert log.read_text() == "a library\na program\na bar\n"  # The last time's words are gone.
