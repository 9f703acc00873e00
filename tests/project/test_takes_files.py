"""Takes files that merges and people leave: each line is read, or refused at its line."""

from pathlib import Path

import pytest

from episodec.digest import Digest
from episodec.engine.takes import ApprovedTake, LockedOutput
from episodec.project.takes import read_takes, takes_text
from episodec.spec.diagnostic import Diagnostic


def row(*, label: str = "a/voice", key: str = "1", content: str = "3", sha256: str = "") -> str:
    """A line of a takes file; the digests by their repeated digit."""
    output = f"['{content * 32}', 1{f', {sha256 * 64!r}' if sha256 else ''}]"
    return (
        f"- {{label: {label}, for: '{key * 32}', asked: '{'2' * 32}', backend: say, under: '{'4' * 32}', "
        f"outputs: {{voice.wav: {output}}}}}\n"
    )


def reading(folder: Path, *rows: str) -> tuple[list[ApprovedTake], list[Diagnostic]]:
    (folder / "a.takes.yaml").write_text("episodec: 1\ntakes:\n" + "".join(rows))
    _, locks, diagnostics = read_takes(str(folder), "a.takes.yaml")
    return locks, diagnostics


def test_two_takes_for_the_same_words_are_told_after_a_wrong_line(tmp_path: Path) -> None:
    locks, diagnostics = reading(tmp_path, "- 3\n", row(), row(content="5"))
    assert [(one.code, one.span and one.span.line) for one in diagnostics] == [("F430", 3), ("F431", 5)]
    assert len(locks) == 2


def test_each_line_may_be_there_twice(tmp_path: Path) -> None:
    locks, diagnostics = reading(tmp_path, row(), row(), row(key="6"), row(key="6"))
    assert not diagnostics
    assert len(locks) == 2


def test_the_same_bytes_may_be_approved_under_two_labels_and_with_a_shared_cache(tmp_path: Path) -> None:
    locks, diagnostics = reading(tmp_path, row(), row(label="b/voice", sha256="7"), row(label="c/voice"))
    assert not diagnostics
    assert [one.outputs["voice.wav"].sha256 for one in locks] == ["7" * 64]


@pytest.mark.parametrize(
    "word", ["True", "NULL", "Off", ".5", "+1", "-1", ".inf", "@a", "---", "<<", "a: b", "a'b", "é", ""]
)
def test_any_name_is_read_as_it_was_written(tmp_path: Path, word: str) -> None:
    digests = [Digest(f"xxh3-128:{digit * 32}") for digit in "1234"]
    lock = ApprovedTake(word, digests[0], digests[1], word, digests[2], {word: LockedOutput(digests[3], 1)})
    (tmp_path / "a.takes.yaml").write_text(takes_text([lock]))
    _, locks, diagnostics = read_takes(str(tmp_path), "a.takes.yaml")
    assert (locks, diagnostics) == ([lock], [])
