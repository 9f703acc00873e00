"""Files made to cost much: each is told of in one way, at one place; how long it took is bench/limits.py's to say."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from episodec.spec.parse import parse_episode
from episodec.spec.reader import MAX_BYTES, MAX_VALUES, read
from episodec.spec.scalars import MAX_MARKS
from episodec.spec.sentences import tidy, words
from tests.spec.hostile import HOSTILE, Hostile
from tests.spec.specs import LANGUAGE, SERIES, codes


@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_spec_is_refused_at_its_place(hostile: Hostile) -> None:
    content = hostile.text(MAX_BYTES if hostile.code == "Y002" else MAX_BYTES // 16).encode()
    assert len(content) <= MAX_BYTES
    document, actual = read(content, "072.episode.yaml")
    if document is not None and not actual:
        _, actual = parse_episode(document, SERIES, LANGUAGE)
    assert len(actual) <= 101
    if hostile.code is None:
        assert actual == []
    else:
        first = min(actual, key=lambda it: it.span or (0, 0, 0, 0))
        assert first.code == hostile.code
        assert hostile.place is None or (first.span is not None and first.span[:2] == hostile.place)


def test_as_many_values_as_a_file_may_hold_are_read() -> None:
    most = MAX_VALUES - 3  # The mapping, its key, the list.
    document, actual = read(f"a: [{'1,' * most}]".encode(), "x")
    assert document is not None
    assert document.tree == {"a": [1] * most}
    assert actual == []


@pytest.mark.parametrize("form", ["plain", "escaped", "single"])
def test_as_many_marks_as_a_letter_may_carry_are_read(form: str) -> None:
    for count, code in ((MAX_MARKS, []), (MAX_MARKS + 1, ["Y015"])):
        marks = ("\u0301\u0316" * MAX_MARKS)[:count]
        if form == "escaped":
            marks = "".join(f"\\u{ord(mark):04x}" for mark in marks)
        quote = {"plain": "", "escaped": '"', "single": "'"}[form]
        assert codes(read(f"a: {quote}x{marks}y{marks}z{quote}\n".encode(), "x")[1]) == code


@pytest.mark.parametrize("text", ["—" * 100, "😀" * 100, "«" * 100 + "»" * 100, "́ " * 100, "क्षि" * 50, "…‥" * 60])
def test_signs_in_a_row_are_no_marks(text: str) -> None:
    assert read(f"a: x{text}\n".encode(), "x")[1] == []


LETTERS = "aAbB ıİiIſsSßẞσΣςKk\u212aéÉ-.&7_\u0301 "


@given(
    st.text(LETTERS, max_size=30),
    st.dictionaries(st.text(LETTERS, min_size=1, max_size=5), st.text("xyz", min_size=1, max_size=2), max_size=8),
)
def test_a_lexicon_is_searched_as_if_by_all_its_entries(text: str, lexicon: dict[str, str]) -> None:
    """By one pattern of all entries, as it is defined; compared by their diagnostics."""
    spoken = {tidy(name).strip(): form for name, form in lexicon.items() if tidy(name).strip()}
    spoken |= {name.casefold(): form for name, form in spoken.items() if name == name.lower()}
    names = sorted(spoken, key=lambda name: (-len(name), name))
    forms = [f"(?i:{re.escape(name)})" if name == name.lower() else re.escape(name) for name in names]
    pattern = re.compile(rf"(?<!\w)(?:{'|'.join(forms) or '(?!)'})(?!\w)")

    def form(match: re.Match[str]) -> str:
        return spoken.get(match[0] if match[0] in spoken else match[0].casefold(), match[0])

    sentence = " ".join(text.split())
    output = " ".join(word.spoken for word in words(sentence, lexicon))
    assert re.findall(r"[^\W_]", output) == re.findall(r"[^\W_]", pattern.sub(form, sentence))
