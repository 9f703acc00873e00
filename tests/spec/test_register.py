"""`voice.register` of a character: how high it speaks, by a word or in Hz."""

import pytest

from episodec.spec.types_of_character import REGISTERS
from tests.spec.specs import ROOT, character, codes

HEAD = "episodec: 1\n"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("low", (85.0, 145.0)),
        ("middle", (145.0, 180.0)),
        ("high", (180.0, 230.0)),
        ("[190, 210.5]", (190.0, 210.5)),
    ],
)
def test_a_register_is_a_word_or_a_range(written: str, expected: tuple[float, float]) -> None:
    actual, wrong = character(f"{HEAD}voice: {{register: {written}}}\n")
    assert wrong == []
    assert actual is not None
    assert actual.voice.register == expected


def test_without_a_register_any_is_right() -> None:
    actual, _ = character(f"{HEAD}voice: {{characters_per_second: 18}}\n")
    assert actual is not None
    assert actual.voice.register is None


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("tenor", "S106"),
        ("[200]", "S106"),
        ("[180, 200, 220]", "S106"),
        ("[10, 200]", "S105"),
        ("[180, 2000]", "S105"),
        ("200", "S103"),
        ("[230, 180]", "E219"),
        ("[200, 200]", "E219"),
    ],
)
def test_what_is_no_register_is_told_at_its_place(written: str, code: str) -> None:
    actual, wrong = character(f"{HEAD}voice:\n  register: {written}\n")
    assert actual is None
    assert codes(wrong) == [code]
    assert wrong[0].span is not None
    assert wrong[0].span.line == 3


def test_registers_join_without_a_gap() -> None:
    edges = [edge for pair in REGISTERS.values() for edge in pair]
    assert edges == sorted(edges)
    assert edges[1:-1:2] == edges[2::2]


def test_the_manual_says_each_register_in_hz() -> None:
    manual = (ROOT / "docs/spec.md").read_text(encoding="utf-8")
    for name, (least, most) in REGISTERS.items():
        assert f"`{name}` ({least:g} to {most:g})" in manual
