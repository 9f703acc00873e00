"""Ordinals, and numbers with the unit they count, in the language of an episode; English where there is no table."""

from collections.abc import Mapping
from fractions import Fraction

# English: one and many. Russian: 1 секунда, 2 секунды, 5 секунд; a fraction takes the second.
_UNITS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "en": {"second": ("second", "seconds"), "frame": ("frame", "frames")},
    "ru": {"second": ("секунда", "секунды", "секунд"), "frame": ("кадр", "кадра", "кадров")},
}
_GENDERS = {"m": "й", "f": "я", "n": "е"}  # Russian ordinals end in one letter: 72-й, 72-я, 72-е.
_SUFFIXES = {1: "st", 2: "nd", 3: "rd"}


def ordinal(number: int, language: str, gender: str = "m") -> str:
    """`72nd` in English, `72-й` in Russian, in the gender `m`, `f` or `n`."""
    if _table(language) == "ru":
        return f"{number}-{_GENDERS[gender]}"
    is_teen = number % 100 in range(11, 14)
    return f"{number}{'th' if is_teen else _SUFFIXES.get(number % 10, 'th')}"


def counted(value: Fraction, unit: str, language: str) -> str:
    """`1 second`, `7.5 seconds`, `31 секунда`, `7,5 секунды`. `unit`: `second` or `frame`."""
    table = _table(language)
    return f"{amount(value, language)} {_UNITS[table][unit][_form(value, table)]}"


def amount(value: Fraction, language: str) -> str:
    """A number with at most three decimals and the decimal mark of the language."""
    digits = f"{float(value):.3f}".rstrip("0").rstrip(".")
    return digits.replace(".", ",") if _table(language) == "ru" else digits


def _table(language: str) -> str:
    primary = language.partition("-")[0].lower()
    return primary if primary in _UNITS else "en"


def _form(value: Fraction, table: str) -> int:
    if table == "en":
        return 0 if value == 1 else 1
    if value.denominator != 1:
        return 1
    tens, ones = value.numerator % 100, value.numerator % 10
    if ones == 1 and tens != 11:
        return 0
    return 1 if ones in {2, 3, 4} and tens not in {12, 13, 14} else 2
