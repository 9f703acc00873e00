"""From bytes to plain values, with places; hostile files answer at once."""

import math
import unicodedata
from collections.abc import Mapping

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from episodec.spec.diagnostic import Span
from episodec.spec.document import Document
from episodec.spec.reader import MAX_BYTES, read
from episodec.spec.scalars import OutOfRange, is_ambiguous, resolve


def tree(text: str) -> Mapping[str, object]:
    document, actual = read(text.encode(), "x.yaml")
    assert document is not None
    assert not actual
    return document.tree


def refusals(content: bytes) -> list[str]:
    _, actual = read(content, "x.yaml")
    return [one.code for one in actual]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("072", 72),
        ("-18", -18),
        ("+3", 3),
        ("0o17", 15),
        ("0x1F", 31),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("2.", 2.0),
        ("1:30", "1:30"),
        ("on", "on"),
        ("Yes", "Yes"),
        ("2001-01-01", "2001-01-01"),
        ("1_000", "1_000"),
        ("0b11", "0b11"),
        ("true", True),
        ("FALSE", False),
        ("~", None),
        ("", None),
        ("null", None),
        ("nULL", "nULL"),
        ("12a", "12a"),
        ("-", "-"),
        (".", "."),
    ],
)
def test_plain_scalars_follow_yaml_1_2(text: str, value: object) -> None:
    resolved = resolve(text)
    assert resolved == value
    assert type(resolved) is type(value)


@pytest.mark.parametrize("text", [".inf", "-.INF", ".nan", "1e999", "9" * 40, "1." + "0" * 100])
def test_numbers_that_no_field_holds_are_refused(text: str) -> None:
    with pytest.raises(OutOfRange):
        resolve(text)
    assert refusals(f"a: {text}\n".encode()) == ["Y013"]


@given(st.one_of(st.integers(-(10**19), 10**19), st.floats(allow_nan=False, allow_infinity=False)))
def test_numbers_come_back_as_they_were_written(number: float) -> None:
    assert math.isclose(resolve(repr(number)), number, rel_tol=0)  # type: ignore[arg-type]


@given(st.text("onyesfaltrue0123456789-+.:_eExTZ~", max_size=8))
def test_text_that_any_yaml_takes_for_something_else_is_ambiguous(text: str) -> None:
    try:
        old = yaml.safe_load(f"[{text}]")
    except (yaml.YAMLError, ValueError, OverflowError):
        return
    if text.strip() == text and old and not isinstance(old[0], str | dict) and not text.endswith(":"):
        assert is_ambiguous(text)


@pytest.mark.parametrize("text", ['a: "072"\n', "a: '072'\n", "a: |-\n  072\n", "a: >-\n  072\n"])
def test_quotes_and_blocks_make_text(text: str) -> None:
    assert tree(text) == {"a": "072"}


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"a: " + b"[" * 50_000, "Y007"),
        (b"a: " + b"{a: " * 50_000, "Y007"),
        (b"a:\n" + b"".join(b" " * n + b"- \n" for n in range(1, 400)), "Y007"),
        (b"[" * 50_000, "Y014"),
        (b"a: &a [x]\nb: &b [*a, *a]\n", "Y009"),
        (b"a: 1\n<<: {b: 2}\n", "Y009"),
        (b"a: !!python/object/apply:os.system [true]\n", "Y010"),
        (b"a: !!str 1\n", "Y010"),
        (b"a: ! 1\n", "Y010"),
        (b"# " + b"x" * MAX_BYTES, "Y002"),
        (b"a: \x00\n", "Y003"),
        (b"a: \x1b[31m\n", "Y003"),
        (b"a: 1\rb: 2\n", "Y003"),
        ("a: \x85\n".encode(), "Y003"),
        (b'a: "\\e[31m"\n', "Y003"),
        (b'a: "\\u202e"\n', "Y003"),
        ("a: \u2067x\n".encode(), "Y004"),
        ("a: x\U000e0041\n".encode(), "Y004"),
        ("a: \U0001f3f4\U000e0041\U000e0042\n".encode(), "Y004"),  # A flag that is not closed.
        (
            "a: \U0001f3f4\U000e0067\U000e0062\U000e0031\U000e007f\U000e0041\n".encode(),
            "Y004",
        ),  # A letter behind a flag.
        (b'a: "\\U000E0041"\n', "Y003"),
        (b"a: \xff\n", "Y001"),
        ("a: 1".encode("utf-16"), "Y001"),
        ("a: 1".encode("utf-16-be"), "Y001"),
        ("a: 1".encode("utf-32"), "Y001"),
        (b"a: 1\n---\nb: 1\n", "Y012"),
        (b"1: a\n", "Y011"),
        (b"{a: b}: c\n", "Y011"),
        (b"- a\n", "Y014"),
        (b"", "Y005"),
        (b"---\n...\n", "Y005"),
        (b'a: "\\ud800"\n', "Y006"),
        (b"a: 1\na: 2\n", "Y008"),
    ],
)
def test_hostile_and_mistaken_files_are_refused(content: bytes, code: str) -> None:
    assert refusals(content) == [code]


@given(st.binary(max_size=200))
def test_any_bytes_give_an_answer(content: bytes) -> None:
    document, actual = read(content, "x.yaml")
    assert document is not None or actual


@given(st.text("ab:-[]{}#&*!|>'\"%@`, \n\t\\?01", max_size=60))
def test_any_text_gives_an_answer_with_a_place_inside_it(text: str) -> None:
    document, actual = read(text.encode(), "x.yaml")
    assert document is not None or actual
    lines = text.split("\n")
    for first in actual:
        assert first.span is None or 1 <= first.span.line <= len(lines) + 1


def test_a_byte_order_mark_and_crlf_are_accepted() -> None:
    document, actual = read(b"\xef\xbb\xbfa: 1\r\nb: |\r\n  x\r\n  y\r\n", "x.yaml")
    assert not actual
    assert document is not None
    assert document.tree == {"a": 1, "b": "x\ny\n"}
    assert document.spans[("a",)] == Span(1, 4, 1, 5)


def test_text_is_normalised_to_nfc() -> None:
    decomposed = unicodedata.normalize("NFD", "Ёё café")
    composed = unicodedata.normalize("NFC", decomposed)
    assert tree(f'{decomposed}: {decomposed}\nb: "e\\u0301"\n') == {composed: composed, "b": "é"}


def test_keys_that_differ_only_in_normal_form_are_one_key() -> None:
    assert refusals("é: 1\ne\u0301: 2\n".encode()) == ["Y008"]


def test_of_a_key_that_stands_twice_the_first_value_is_kept_to_find_more_errors() -> None:
    document, actual = read(b"a: 1\na: {b: 2, b: 3}\n", "x.yaml")
    assert [one.code for one in actual] == ["Y008", "Y008"]
    assert document is not None
    assert document.tree == {"a": 1}


def test_places_are_those_of_the_values() -> None:
    text = "a: {b: [1, 'x y']}\nc: |\n  one\n  two\n\n# end\nd:\n  - e: 1  # why\n\n  - f\n"
    document, _ = read(text.encode(), "x.yaml")
    assert document is not None
    assert document.spans[("a", "b", 1)] == Span(1, 12, 1, 17)
    assert document.key_spans[("a", "b")] == Span(1, 5, 1, 6)
    assert document.spans[("c",)] == Span(2, 4, 4, 6)
    assert document.spans[("d",)] == Span(8, 3, 10, 6)
    assert document.span("d", 0, "e", "nothing here") == Span(8, 8, 8, 9)


def test_columns_count_characters() -> None:
    document, _ = read("ключ: 👩 слово\nb: 1\n".encode(), "x.yaml")
    assert document is not None
    assert document.spans[("ключ",)] == Span(1, 7, 1, 14)


def plain_values() -> st.SearchStrategy[object]:
    scalars = st.none() | st.booleans() | st.integers(-999, 999) | st.text("abc ёю: #-'\"\\\n", max_size=12)
    return st.recursive(
        scalars,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abcё-", min_size=1), inner, max_size=3),
        max_leaves=12,
    )


@given(st.dictionaries(st.sampled_from(["aa", "bb", "cc"]), plain_values(), min_size=1))
def test_what_another_writer_writes_is_read(value: dict[str, object]) -> None:
    document, actual = read(yaml.safe_dump(value, allow_unicode=True).encode(), "x.yaml")
    if any(one.code in {"Y006", "Y003"} for one in actual):
        return
    assert isinstance(document, Document)
    assert document.tree == value


def test_the_flag_of_a_country_within_a_country_is_text() -> None:
    flag = "\U0001f3f4" + "".join(chr(0xE0000 + ord(letter)) for letter in "gbeng") + "\U000e007f"
    document, diagnostics = read(f"a: {flag} and {flag}{flag}\n".encode(), "a.yaml")
    assert document is not None
    assert not diagnostics


@pytest.mark.parametrize("text", ["{ ?foo: bar }\n", "tags: [?x]\n", "tags: [ ?x, b]\n", "voice: {?text: 1}\n"])
def test_a_question_mark_that_libyaml_drops_is_refused(text: str) -> None:
    """YAML 1.2 reads the key `?foo` (yaml-test-suite, 652Z)."""
    _, actual = read(text.encode(), "x.yaml")
    assert [(one.code, (one.help or "")[:20]) for one in actual] == [("Y006", "put quotes around it")]


@pytest.mark.parametrize("text", ["{ ? foo: bar }\n", "?foo: 1\n", "a: {x?y: 1}\n", "a: ?foo\n", '{ "?foo": 1 }\n'])
def test_other_question_marks_are_read(text: str) -> None:
    document, actual = read(text.encode(), "x.yaml")
    assert document is not None
    assert not actual
