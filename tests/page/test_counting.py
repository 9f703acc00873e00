"""Ordinals and counted units in the languages of posts."""

from fractions import Fraction

import pytest

from episodec.page.counting import amount, counted, ordinal


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        *((0, "0th"), (1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (12, "12th"), (13, "13th")),
        *((21, "21st"), (72, "72nd"), (111, "111th"), (112, "112th"), (1003, "1003rd")),
    ],
)
def test_ordinals_are_english(number: int, expected: str) -> None:
    assert ordinal(number, "en-GB") == expected
    assert ordinal(number, "fr", "f") == expected  # A language without a table.


@pytest.mark.parametrize(("gender", "expected"), [("m", "72-й"), ("f", "72-я"), ("n", "72-е")])
def test_russian_ordinals_have_a_gender(gender: str, expected: str) -> None:
    assert ordinal(72, "ru", gender) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        *(("0", "секунд"), ("1", "секунда"), ("2", "секунды"), ("4", "секунды"), ("5", "секунд"), ("11", "секунд")),
        *(("12", "секунд"), ("14", "секунд"), ("21", "секунда"), ("30", "секунд"), ("32", "секунды")),
        *(("101", "секунда"), ("111", "секунд"), ("1/2", "секунды"), ("43/2", "секунды")),
    ],
)
def test_russian_has_three_plurals_and_a_fraction_takes_the_second(value: str, expected: str) -> None:
    assert counted(Fraction(value), "second", "RU-ru").endswith(f" {expected}")


@pytest.mark.parametrize(
    ("value", "unit", "language", "expected"),
    [
        ("1", "second", "en", "1 second"),
        ("15/2", "second", "en", "7.5 seconds"),
        ("15/2", "second", "ru", "7,5 секунды"),
        ("1", "frame", "en", "1 frame"),
        ("901", "frame", "ru", "901 кадр"),
    ],
)
def test_a_number_has_its_unit(value: str, unit: str, language: str, expected: str) -> None:
    assert counted(Fraction(value), unit, language) == expected


def test_an_amount_has_at_most_three_decimals() -> None:
    assert [amount(Fraction(1, 30), one) for one in ("en", "ru")] == ["0.033", "0,033"]
