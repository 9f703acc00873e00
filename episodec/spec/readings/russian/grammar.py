"""Russian numerals with the nouns they count: cases, genders, forms of nouns. Knows no signs and no abbreviations."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from episodec.spec.readings.common import NEAR, listed, word_after, word_before
from episodec.spec.readings.numerals import CASES, MOST_DIGITS, russian, russian_ordinal

POINT = "точка"
COMMA = "запятая"

# Prepositions and comparatives that govern one case.
GOVERNS: Mapping[str, str] = {
    word: case
    for case, words in {
        "g": "до от из без для после около более менее больше меньше свыше порядка кроме вместо против выше ниже "
        "дольше длиннее короче старше младше дороже дешевле быстрее медленнее среди из-за из-под",
        "d": "к ко благодаря согласно вопреки",
        "i": "между",
        "p": "о об обо при",
    }.items()
    for word in words.split()
}
_WHOLE = dict(zip(CASES, ("целая", "целой", "целой", "целую", "целой", "целой"), strict=True))
_WHOLES = dict(zip(CASES, ("целых", "целых", "целым", "целых", "целыми", "целых"), strict=True))
_NO_NOUNS = frozenset(
    listed("и или из от до но не ли бы при они мы вы мои твои свои если чтобы почти были стали могли")
)
_FEMININE = re.compile(r"(?:минут|секунд|сцен|строк|страниц|недел|стран|частот|картинк|тысяч|копейк|тонн|миль|точк)")
_COORDINATED = re.compile(r"(?<!\S)\d[\d.,]*\s?%?\s(?:и|или)\s$")
_DIMENSION = re.compile(r"\d\sна\s$")  # `1024 на 1024`: said as two nominatives.
_ABOUT = re.compile(r"(?i)(?<!\w)ок\.\s$")
_ACCUSATIVE = frozenset(listed("в во на за через про сквозь спустя"))
_INDECLINABLE = frozenset(listed("цунами оригами татами салями"))


@dataclass(frozen=True, slots=True)
class Noun:
    """A counted noun in all its forms; the cases are in the order of CASES."""

    gender: str
    singular: tuple[str, ...]
    many: tuple[str, ...]
    after: str = ""  # Follows the noun unchanged: `в секунду`.
    few: str = ""  # After two to four, where it is not the genitive: `квадратных метра`.

    def counted(self, number: "WrittenNumber", case: str) -> str:
        """The form that follows this number."""
        form = self._counted(number, case)
        return f"{form} {self.after}".rstrip()

    def form(self, case: str) -> str:
        """The singular."""
        return f"{self.singular[CASES.index(case)]} {self.after}".rstrip()

    def _counted(self, number: "WrittenNumber", case: str) -> str:
        if number.fraction is not None:
            return self.singular[1]
        if number.ends_in_one:
            return self.singular[CASES.index(case)]
        if case not in "na":
            return self.many[CASES.index(case)]
        return (self.few or self.singular[1]) if number.is_few else self.many[1]


@dataclass(frozen=True, slots=True)
class WrittenNumber:
    """A number as written: its digits, and those after the decimal mark."""

    whole: str
    fraction: str | None = None

    @property
    def ends_in_one(self) -> bool:
        """Whether the noun after it is singular."""
        return self._end % 10 == 1 and self._end != 11

    @property
    def is_few(self) -> bool:
        """Whether it ends in two, three or four."""
        return self._end % 10 in {2, 3, 4} and self._end not in {12, 13, 14}

    @property
    def _end(self) -> int:
        return int(self.whole[-2:])

    def spoken(self, case: str = "n", gender: str = "m") -> str:
        """The number in words. Leading zeros are said; a number with too many digits is said digit by digit."""
        if self.fraction is not None:
            return self._decimal(case)
        return cardinal(self.whole, case, gender)

    def _decimal(self, case: str) -> str:
        assert self.fraction is not None
        if len(self.fraction) > 6:
            return f"{cardinal(self.whole)} {COMMA} {' '.join(map(cardinal, self.fraction))}"
        share, parts = int(self.fraction), 10 ** len(self.fraction)
        is_singular = WrittenNumber(str(share)).ends_in_one
        named = (
            russian_ordinal(parts, case, "f")
            if is_singular
            else russian_ordinal(parts, "g" if case in "na" else case, "p")
        )
        whole = (_WHOLE if self.ends_in_one else _WHOLES)[case]
        return f"{cardinal(self.whole, case, 'f')} {whole} {russian(share, case, 'f')} {named}"


def number_of(text: str) -> WrittenNumber:
    """A number as written in a text: spaces between thousands, a comma or a point before decimals."""
    whole, mark, fraction = "".join(text.split()).replace(".", ",").partition(",")
    return WrittenNumber(whole, fraction if mark else None)


def cardinal(digits: str, case: str = "n", gender: str = "m") -> str:
    """Digits as a cardinal. Leading zeros are said; a number with too many digits is said digit by digit."""
    if len(digits) > MOST_DIGITS:
        return " ".join(russian(int(digit)) for digit in digits)
    rest = digits.lstrip("0")
    if rest == digits or not rest:
        zeros = len(digits) - 1 if not rest else 0
        return " ".join([*["ноль"] * zeros, russian(int(digits), case, gender)])
    return " ".join([*["ноль"] * (len(digits) - len(rest)), russian(int(rest), case, gender)])


def versions(text: str) -> str:
    """`один точка пять точка один`."""
    return f" {POINT} ".join(cardinal(part) for part in text.split("."))


def compound(number: int) -> str:
    """The form of a number at the beginning of a word: `пяти`, `тридцати`, `сто`, `девяносто`."""
    special = {"одного": "одно", "ста": "сто", "девяноста": "девяносто", "тысячи": "тысяче"}
    return "".join(special.get(word, word) for word in russian(number, "g").split())


def governor(text: str, start: int) -> str:
    """The word that governs the number beginning here: the one before it, or before a preceding `5 и`."""
    near = text[max(0, start - NEAR) : start]
    while earlier := _COORDINATED.search(near):
        near = near[: earlier.start()]
    if _ABOUT.search(near):
        return "около"
    return "" if _DIMENSION.search(near) else word_before(near, len(near))


def case_of(before: str, after: str) -> str:
    """The case of a number from its governor and the ending of the noun after it; else the nominative."""
    noun = after.lower()
    if noun.endswith(("ами", "ями", "ьми")) and noun not in _INDECLINABLE:
        return "i"
    if before in GOVERNS:
        return GOVERNS[before]
    if before in {"с", "со"}:
        return "g"
    if before in {"в", "во", "на", "по"} and noun.endswith(("ах", "ях")):
        return "p"
    if before == "по" and noun.endswith(("ам", "ям")):
        return "d"
    return "a" if before in _ACCUSATIVE else "n"


def noun_after(text: str, start: int) -> str:
    """The word after a space from this place, in lower case, if it may be a noun; else empty."""
    noun = word_after(text, start).lower()
    return "" if noun in _NO_NOUNS or not re.search("[а-яё]", noun) else noun


def agreement(number: WrittenNumber, case: str, text: str, start: int) -> tuple[str, str]:
    """The case and the gender of a number from the noun that begins in the text at `start`, after a space."""
    noun = noun_after(text, start)
    if not noun:
        return case, "m"
    if number.ends_in_one:
        return _of_one(noun, case)
    if number.is_few and case in "na":
        is_adjective = noun.endswith(("ых", "их"))
        return case, _of_few(noun_after(text, start + 1 + len(noun)) if is_adjective else noun)
    return case, "m"


def _of_few(noun: str) -> str:
    """The gender from a noun after two to four: of genitives, only the feminine ends this way."""
    return "f" if noun.endswith(("ы", "и", "ые", "ие")) and not noun.endswith(("мени", "пути")) else "m"


_OF_ONE: Mapping[str, tuple[tuple[tuple[str, ...], str, str], ...]] = {
    "n": (
        (("у", "ю"), "a", "f"),
        (("о", "е", "мя"), "n", "n"),
        (("а", "я", "сть", "дверь", "ночь", "модель", "сеть", "запись"), "n", "f"),
    ),
    "a": ((("у", "ю", "сть"), "a", "f"), (("о",), "a", "n"), (("е",), "p", "m")),
    "g": ((("ы", "и", "ой", "ей"), "g", "f"),),
    "d": ((("е", "и", "ой", "ей"), "d", "f"),),
    "i": ((("ой", "ей", "ью"), "i", "f"),),
    "p": ((("и", "ой", "ей"), "p", "f"),),
}
"""Case and gender from the ending of a noun after one, by the governed case; masculine for other endings."""


def _of_one(noun: str, case: str) -> tuple[str, str]:
    case, gender = next(((case_told, of) for ends, case_told, of in _OF_ONE[case] if noun.endswith(ends)), (case, "m"))
    return case, "f" if case != "n" and gender == "m" and _FEMININE.match(noun) else gender
