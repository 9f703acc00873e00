"""Which lines of a spec say a sentence, a camera segment, a segment of time."""

import subprocess
from pathlib import Path

import pytest

from episodec.engine.action import Action, ActionId
from episodec.project.spec_source import git_blob, source_of
from episodec.spec.reader import read
from episodec.stages.lowering import Lowered


def lines(spec: str, *sentences: str) -> dict[str, tuple[tuple[int, int], ...]]:
    document, diagnostics = read(spec.encode(), "a.episode.yaml")
    assert document is not None
    assert not diagnostics
    actions = tuple(
        Action(ActionId(f"1/voice/{place}"), "voice", "say", ("speech.wav",), {"words": [[w, w] for w in one.split()]})
        for place, one in enumerate(sentences)
    )
    return dict(source_of("", document, Lowered(actions)).lines)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("|\n    One word. Two words.\n    Three\n    words here.\n", ((3, 3), (3, 3), (4, 5))),
        ("|-\n\n    One word.\n\n    [smile] Two words. [pause 1]\n    Three words here.\n", ((4, 4), (6, 6), (7, 7))),
        (">\n    One word. Two\n    words. Three words here.\n", ((3, 3), (3, 4), (4, 4))),
        ("One word. Two words. Three words here.\n", ((2, 2), (2, 2), (2, 2))),
        ('"One word. Two\\\n   \\ words. Three words here."\n', ((2, 2), (2, 3), (3, 3))),
        ('"One w\\u006frd. Two words. Three words here."\n', ((2, 2), (2, 2), (2, 2))),
    ],
)
def test_a_sentence_stands_where_its_words_do(text: str, expected: tuple[tuple[int, int], ...]) -> None:
    spans = lines(f"voice:\n  text: {text}", "One word.", "Two words.", "Three words here.")
    assert spans["voice"] == expected


def test_a_mark_s_letters_are_no_words() -> None:
    spans = lines("voice:\n  text: |\n    [pause 1]\n    a b\n", "a b")
    assert spans["voice"] == ((4, 4),)


def test_segments_stand_where_they_are_written() -> None:
    spec = "camera:\n  - {move: static, frames: 1}\n  - move: orbit\n    # slowly\n    frames: 2\n\n# end\ntime: []\n"
    assert lines(spec) == {"camera": ((2, 2), (3, 5)), "time": ()}


def test_git_has_the_same_name_for_a_spec(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes("привет\n".encode())
    process = subprocess.run(["git", "hash-object", "--no-filters", tmp_path / "a"], capture_output=True, check=True)
    assert git_blob((tmp_path / "a").read_bytes()) == process.stdout.decode().strip()
