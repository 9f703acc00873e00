"""Text that is spoken in one go, and the pauses that a text asks for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from episodec.pacing import Gap
from episodec.spec.passages import expressions, has_marks, malformed_marks, narration, unmarked
from episodec.spec.sentences import says, sentences
from tests.spec.specs import EPISODE, accepted, codes, episode


def spoken(text: str) -> list[tuple[str, float, bool]]:
    return [(one.text, one.gap.least_s, one.gap.is_paragraph) for one in narration(text, "en").passages]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two.\nThree.", [("One.", 0, False), ("Two.", 0, False), ("Three.", 0, False)]),
        ("One.\n\n\nTwo.\n", [("One.", 0, False), ("Two.", 0, True)]),
        ("\nOne.\n  \nTwo.", [("One.", 0, False), ("Two.", 0, True)]),
        ("One. [pause 0.4] Two.", [("One.", 0, False), ("Two.", 0.4, False)]),
        ("One.\n[pause 1 s]\nTwo.", [("One.", 0, False), ("Two.", 1, False)]),
        ("This [pause 0.4 s] matters.", [("This", 0, False), ("matters.", 0.4, False)]),
        ("This [pause 2], and that.", [("This,", 0, False), ("and that.", 2, False)]),
        ("[pause 1.5] One.", [("One.", 1.5, False)]),
        ("One.[pause 1][pause 0.5]\n\nTwo.", [("One.", 0, False), ("Two.", 1.5, True)]),
        ("One [pause 1] — two", [("One", 0, False), ("— two", 1, False)]),
        ("— [pause 1] One", [("— One", 1, False)]),
    ],
)
def test_marks_and_blank_lines_are_pauses(text: str, expected: list[tuple[str, float, bool]]) -> None:
    assert spoken(text) == expected


def test_a_mark_at_the_end_is_a_pause_after_the_last_sentence() -> None:
    assert narration("One. [pause 3]", "en").after_s == 3
    assert narration("One.", "en").after_s == 0


@pytest.mark.parametrize("mark", ["[pause]", "[pause 0]", "[pause 61]", "[Pause 1]", "[pause: 1]", "[pause 0,4]"])
@pytest.mark.parametrize("around", ["One. {} Two.", "{}\nOne."])
def test_what_was_meant_as_a_mark_is_told(mark: str, around: str) -> None:
    text = around.format(mark)
    assert [text[start:end] for start, end in malformed_marks(text)] == [mark]


@pytest.mark.parametrize("text", ["[pause 0.4]", "[pause 60 s]", "[pauses] are short", "[a] pause 1", "pause 0.4"])
def test_what_is_a_mark_or_was_not_meant_as_one_is_not_told(text: str) -> None:
    assert list(malformed_marks(text)) == []


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("[smile] One. Two.", "One. Two."),
        ("One. [sad] Two.", "One. Two."),
        ("One [smile] two.", "One two."),
        ("One[smile]two.", "One two."),
        ("One [smile], two [neutral].", "One, two."),
        ("One.\n [smile]\nTwo.", "One.\nTwo."),
        ("One.\n\n[smile]\nTwo.\n[sad]", "One.\n\nTwo."),
        ("One [smile] [sad] two.", "One two."),
        ("One [smile][pause 0.5] two.", "One[pause 0.5] two."),
    ],
)
def test_marks_for_expressions_are_neither_spoken_nor_shown(text: str, plain: str) -> None:
    assert spoken(text) == spoken(plain)
    assert "[" not in unmarked(text)
    assert list(malformed_marks(text)) == []


def test_an_expression_stands_after_the_text_before_it() -> None:
    assert list(expressions("[smile] One. Two [sad] three.")) == [("", "smile"), ("[smile] One. Two ", "sad")]


@pytest.mark.parametrize("mark", ["[Smile]", "[smile 2]", "[ sad ]", "[улыбка]"])
def test_what_was_meant_as_an_expression_is_told(mark: str) -> None:
    _, actual = episode(EPISODE + f"voice:\n  text: |\n    One {mark} two.\n")
    assert [(one.code, one.message) for one in actual] == [("E262", f"`{mark}` is not a valid expression")]


def test_a_malformed_mark_is_an_error_at_its_place() -> None:
    _, actual = episode(EPISODE + "voice:\n  text: |\n    One.\n    Two [pause 0,4] three [пауза 1.\n")
    assert codes(actual) == ["E262", "E262"]
    assert [(one.span.line, one.span.column) for one in actual if one.span] == [(7, 9), (7, 27)]
    assert actual[0].message == "`[pause 0,4]` is not a valid pause"


def test_marks_in_the_text_of_a_recording_are_an_error() -> None:
    assert codes(episode(EPISODE + "voice: {file: a.wav, text: 'One. [pause 1] Two.'}\n")[1]) == ["E262"]


def test_a_text_of_marks_alone_says_nothing() -> None:
    assert codes(episode(EPISODE + "voice: {text: '[pause 1]'}\n")[1]) == ["E205"]


@given(
    st.lists(
        st.sampled_from(["One.", "two", "Three!", "\n", "\n\n", "—", "[pause 1]", " [pause 0.5 s] ", "«x»", ", "]),
        max_size=12,
    )
)
def test_every_word_is_spoken_once_and_no_mark_is(parts: list[str]) -> None:
    text = " ".join(parts)
    actual = narration(text, "en")
    assert not any(has_marks(one.text) for one in actual.passages)
    assert all(says(one.text) for one in actual.passages)
    letters = [c for one in actual.passages for c in one.text if c.isalpha()]
    assert letters == [c for c in unmarked(text) if c.isalpha()]
    if not has_marks(text):
        assert [one.text for one in actual.passages] == list(sentences(text, "en"))
        assert actual.after_s == 0
    asked = sum(one.gap.least_s for one in actual.passages) + actual.after_s
    assert asked == text.count("[pause 1]") + 0.5 * text.count("[pause 0.5 s]")


def test_a_text_with_marks_is_accepted() -> None:
    assert accepted(EPISODE + "voice: {text: 'One. [pause 0.4] Two.'}\n").voice is not None
    assert narration("One.", "en").passages[0].gap == Gap()
