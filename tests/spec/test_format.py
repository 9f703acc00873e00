"""The canonical form never changes what is parsed, is its own canonical form, and keeps comments."""

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from episodec.errors import RejectedSpecs
from episodec.sound.prompt import listen
from episodec.spec.format import format_text
from episodec.spec.reader import read
from episodec.spec.scaffold import scaffold
from tests.spec.specs import LANGUAGE, accepted


def tree(text: str) -> object:
    document, actual = read(text.encode(), "x.yaml")
    assert document is not None, actual
    return document.tree


def formatted(text: str) -> str:
    """The canonical form; that it says the same is proved by the formatter, that it is a fixed point here."""
    once = format_text(text, "episode", LANGUAGE)
    assert tree(once) == tree(text)
    assert format_text(once, "episode", LANGUAGE) == once
    return once


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("title: x\nepisodec: 1\n", "episodec: 1\ntitle: x\n"),
        ("title:   'x'   # why\n", "title: x  # why\n"),
        ("# a\n# yaml-language-server: $schema=x\ntitle: x\n", "# yaml-language-server: $schema=x\n# a\ntitle: x\n"),
        ("# about\ntitle: x\nepisodec: 1\n", "episodec: 1\n# about\ntitle: x\n"),
        ('title: "on"\n', 'title: "on"\n'),
        ("title: on\n", 'title: "on"\n'),
        ("title: 1:30\n", 'title: "1:30"\n'),
        ("number: 072\n", "number: 072\n"),
        ('title: "a: b"\n', 'title: "a: b"\n'),
        ("title: 'say \"x\"'\n", 'title: say "x"\n'),
        ("title: '\"x\"'\n", "title: '\"x\"'\n"),
        ("title: '\"it''s\" x'\n", 'title: "\\"it\'s\\" x"\n'),
        ('voice: {text: "One.\\nTwo.\\n"}\n', 'voice: {text: "One.\\nTwo.\\n"}\n'),
        ('voice:\n    text: "One.\\nTwo."\n', "voice:\n  text: |-\n    One.\n    Two.\n"),
        ('description: " a\\nb\\n"\n', "description: |2\n   a\n  b\n"),
        ("description: one\n  two\n", "description: >-\n  one\n  two\n"),
        ("description: >\n     one\n     two\n\n\n", "description: >\n  one\n  two\n"),
        ("tags: [ a,b ,  'c, d' ]\n", 'tags: [a, b, "c, d"]\n'),
        ("tags:\n- a\n- b\n", "tags:\n  - a\n  - b\n"),
        ("tags: [a, # first\n  b]\n", "tags:\n  - a  # first\n  - b\n"),
        ("tags: []\nlexicon: {}\n", "tags: []\nlexicon: {}\n"),
        ("a: 1\n\n\n\nb: 2\n", "a: 1\n\nb: 2\n"),
        ("a: 1\r\nb: |\r\n  x\r\n  y\r\n", "a: 1\nb: |\n  x\n  y\n"),
        ("voice:\n  take: 1\n  # last\n# first\nfoley:\n", "voice:\n  take: 1\n  # last\n# first\nfoley:\n"),
        ("a: |+\n  x\n\n\nb: 1\n", "a: |+\n  x\n\n\nb: 1\n"),
        ("camera:\n- frames: 1\n  move: hold\n", "camera:\n  - frames: 1\n    move: hold\n"),
        ("camera:\n- frames: 1\n  move: orbit\n", "camera:\n  - move: orbit\n    frames: 1\n"),
        ("camera:\n- # one\n  # two\n  move: x\n", "camera:\n  # one\n  # two\n  - move: x\n"),
        ("{episodec: 1, title: x}\n", "episodec: 1\ntitle: x\n"),
        ("---\na: 1\n...\n", "a: 1\n"),
        ("a: 1", "a: 1\n"),
        ('a: "x\\n "\n', 'a: "x\\n "\n'),
    ],
)
def test_the_canonical_form(text: str, expected: str) -> None:
    assert formatted(text) == expected


def test_a_text_that_is_no_yaml_is_refused() -> None:
    with pytest.raises(RejectedSpecs):
        format_text("a: [", "episode", LANGUAGE)


def test_a_list_that_is_too_long_for_a_line_becomes_a_block() -> None:
    text = formatted(f"tags: [{', '.join(f'a rather long tag {n}' for n in range(8))}]\n")
    assert text.startswith("tags:\n  - a rather long tag 0\n")


WORDS = st.text("abё :#-'\"\\,[]{}&*!|>%@\n\t01.~?", max_size=16)
SCALARS = st.none() | st.booleans() | st.integers(-99, 99) | st.floats(-9, 9) | WORDS | st.sampled_from(["on", "1:30"])
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["frames", "move", "b", "x y", "on", "- k"]), inner, max_size=3)
    ),
    max_leaves=10,
)
NAMES = ["title", "episodec", "voice", "camera", "tags", "mine"]
FLOW = st.sampled_from([None, True, False])
SPECS = st.dictionaries(st.sampled_from(NAMES), VALUES, min_size=1)


@settings(max_examples=300, deadline=None)
@given(spec=SPECS, flow=FLOW, style=st.sampled_from([None, "|", ">", '"']), indent=st.integers(2, 5))
def test_any_spec_keeps_its_meaning(
    *, spec: dict[str, object], flow: bool | None, style: str | None, indent: int
) -> None:
    text = yaml.safe_dump(
        spec, allow_unicode=True, default_flow_style=flow, default_style=style, indent=indent, width=40, sort_keys=False
    )
    document, actual = read(text.encode(), "x.yaml")
    if document is None or actual:
        return  # With a default style PyYAML writes tags, which the language refuses.
    formatted(text)


INSERTED = ["# c0", "  # c1", "    # c2", "# c3"]


def comment_lines(text: str) -> list[str]:
    return sorted(line.strip() for line in text.split("\n") if line.strip() in map(str.strip, INSERTED))


@settings(max_examples=300, deadline=None)
@given(spec=SPECS, comments=st.lists(st.tuples(st.integers(0, 30), st.sampled_from([*INSERTED, ""]))), flow=FLOW)
def test_comments_are_kept_wherever_they_stand(
    *, spec: dict[str, object], comments: list[tuple[int, str]], flow: bool | None
) -> None:
    lines = yaml.safe_dump(spec, allow_unicode=True, default_flow_style=flow, width=40).split("\n")
    for place, comment in comments:
        lines.insert(place % len(lines), comment)
    text = "\n".join(lines)
    document, actual = read(text.encode(), "x.yaml")
    if document is None or actual or any("# c" in str(value) for value in _texts(document.tree)):
        return
    assert comment_lines(formatted(text)) == comment_lines(text)


def _texts(value: object) -> list[object]:
    if isinstance(value, dict):
        return [text for part in value.values() for text in _texts(part)]
    if isinstance(value, list):
        return [text for part in value for text in _texts(part)]
    return [value]


@pytest.mark.parametrize("title", ["A title", 'He said: "no" # 1', "072", "on", "- x", "Ёжик", "it's"])
@pytest.mark.parametrize("has_picture", [True, False])
@pytest.mark.parametrize("recording", [None, "it's: mine.wav"])
def test_a_new_spec_is_accepted_and_canonical(title: str, has_picture: bool, recording: str | None) -> None:  # noqa: FBT001 - a column of the table.
    text = scaffold(72, title, has_picture=has_picture, recording=recording)
    assert text.startswith("# yaml-language-server: $schema=")
    assert format_text(text, "episode", LANGUAGE) == text
    built = accepted(text)
    assert (built.title, bool(built.camera)) == (title, has_picture)
    assert built.voice is not None
    assert built.voice.file == recording


def test_new_specs_have_prompts_of_their_own_that_the_draft_ambience_knows() -> None:
    prompts = [built.foley.prompt for number in range(147) if (built := accepted(scaffold(number, "x"))).foley]
    assert len(set(prompts)) == 147
    assert not any(listen(prompt or "").unknown for prompt in prompts)
