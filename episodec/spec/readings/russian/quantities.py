"""Amounts of Russian texts: numbers with units, currencies and nouns, ranges, fractions, versions, plain numbers."""

import re
from collections.abc import Iterator

from episodec.spec.readings.common import Reading, Rule, alternatives, at, listed, stop_of_unit, word_after
from episodec.spec.readings.numerals import russian, russian_ordinal
from episodec.spec.readings.russian import tables
from episodec.spec.readings.russian.grammar import (
    WrittenNumber,
    agreement,
    cardinal,
    case_of,
    governor,
    number_of,
    versions,
)
from episodec.spec.readings.russian.patterns import DASH, END, FREE, INT, NUM, Match

_UNITS = alternatives(tables.UNITS)
_SCALES = alternatives(tables.SCALES)
_SIGNS = "[$€£¥₽]"
_RESULT = re.compile(r"\s?\d+\s?=")
_AFTER_A_UNIT = frozenset(listed("и или а но при на до от за из по для у над под перед после через"))


def _is_unit(match: Match) -> bool:
    """Whether a unit of one letter is a unit: next to the number, before a mark, or before a word that cannot follow
    it in a phrase: `5 с половиной` has no seconds.
    """
    if match["unit"] not in tables.AMBIGUOUS or match.end("number") == match.start("unit"):
        return True
    after = word_after(match.string, match.end("unit"))
    return not after or after in _AFTER_A_UNIT


def _measured(match: Match) -> Iterator[Reading]:
    """`5 кг`, `10–15 %`, `0,5 с`, `2 млн ₽`: the unit agrees with the number, and both with the preposition."""
    if match["unit"] and not _is_unit(match):
        return
    before, after = governor(match.string, match.start()), word_after(match.string, match.end())
    number = number_of(match["number"])
    scale = tables.SCALES[match["scale"]] if match["scale"] else None
    unit = tables.UNITS[match["unit"]] if match["unit"] else None
    case = _case(before, after, match["unit"])
    inner = scale or unit
    assert inner is not None
    start = match.start("first" if match["first"] else "number")
    yield Reading(start, match.end("number"), _ranged(match["first"], number, case, inner.gender))
    if scale:
        dot = stop_of_unit(match) if match["dot"] and not unit else ""
        yield Reading(match.start("scale"), match.end("dot"), scale.counted(number, case) + dot)
    if unit:
        spoken = unit.many[1] if scale else unit.counted(number, case)
        dot = stop_of_unit(match) if match["end"] else ""
        yield Reading(
            match.start("unit"), match.end("end"), f"{spoken} {unit.after}".rstrip() + dot if scale else spoken + dot
        )


def _case(before: str, after: str, unit: str | None) -> str:
    case = case_of(before, after if unit is None else "")
    return "p" if before == "в" and unit is not None and after == "от" else case


def _ranged(first: str | None, last: WrittenNumber, case: str, gender: str) -> str:
    """`десять-пятнадцать`, or the last number alone."""
    spoken = last.spoken(case, gender)
    return f"{number_of(first).spoken(case, gender)}-{spoken}" if first else spoken


def _money(match: Match) -> Iterator[Reading]:
    """`$5`, `5,50 ₽`, `$1,5 млн`: the currency's name goes last; two decimals are hundredths."""
    sign, number = match["sign"] or match["unit"], number_of(match["number"])
    unit, hundredth = tables.CURRENCIES[sign]
    case = case_of(governor(match.string, match.start()), "")
    scale = tables.SCALES[match["scale"]] if match["scale"] else None
    if scale:
        spoken = f"{_ranged(match['first'], number, case, scale.gender)} {scale.counted(number, case)} {unit.many[1]}"
    elif hundredth and number.fraction is not None and len(number.fraction) == 2 and not match["first"]:
        parts = (WrittenNumber(number.whole), unit), (WrittenNumber(str(int(number.fraction))), hundredth)
        kept = [(part, noun) for part, noun in parts if part.whole.strip("0")] or [parts[0]]
        spoken = " ".join(f"{part.spoken(case, noun.gender)} {noun.counted(part, case)}" for part, noun in kept)
    else:
        spoken = f"{_ranged(match['first'], number, case, unit.gender)} {unit.counted(number, case)}"
    yield Reading(match.start(), match.end(), spoken)


def _by(match: Match) -> Iterator[Reading]:
    """`1024×1024`: the sign is read as `на`; in a product with a result, as `умножить на`."""
    spoken = "умножить на" if _RESULT.match(match.string, match.end()) else "на"
    yield at(match, 0, spoken)


def _fraction(match: Match) -> Iterator[Reading]:
    """`3/4`. A value of one or more is two numbers: `24/7`, `50/50`."""
    share, parts = int(match["share"]), int(match["parts"])
    if 0 < share < parts <= 100:
        yield at(match, 0, _share(share, parts, case_of(governor(match.string, match.start()), "")))
    else:
        yield at(match, 0, f"{cardinal(match['share'])} на {cardinal(match['parts'])}")


def _share(share: int, parts: int, case: str) -> str:
    if share % 10 == 1 and share % 100 != 11:
        return f"{russian(share, case, 'f')} {russian_ordinal(parts, case, 'f')}"
    return f"{russian(share, case, 'f')} {russian_ordinal(parts, 'g' if case in 'na' else case, 'p')}"


def _version(match: Match) -> Iterator[Reading]:
    """`1.5.1`, `v2.0`, `Fish Speech 1.5`: numbers with points between."""
    word = "версия " if match["v"] else ""
    yield Reading(
        match.start("v") if match["v"] else match.start("number"), match.end("number"), word + versions(match["number"])
    )


def _chain(match: Match) -> Iterator[Reading]:
    """`123-45-67`: number by number."""
    yield at(match, 0, " ".join(cardinal(part) for part in re.split(r"\D", match[0])))


def _plain(match: Match) -> Iterator[Reading]:
    """A number alone or before a noun, which gives its gender and, with the word before, its case."""
    before, after = governor(match.string, match.start()), word_after(match.string, match.end())
    number = number_of(match["number"])
    case, gender = agreement(number, case_of(before, after), match.string, match.end())
    yield Reading(match.start(), match.end(), _ranged(match["first"], number, case, gender))


def _lettered(match: Match) -> Iterator[Reading]:
    """`4K`, `3D`, `1080p`."""
    names = {"K": "ка", "К": "ка", "D": "дэ", "p": "пи"}
    yield at(match, 0, f"{cardinal(match['number'])} {names[match['letter']]}")


def _phone(match: Match) -> Iterator[Reading]:
    """`+7 (495) 123-45-67`: group by group."""
    plus = "плюс " if match[0].startswith("+") else ""
    yield at(match, 0, plus + " ".join(cardinal(part) for part in re.findall(r"\d+", match[0])))


def _mixed(match: Match) -> Iterator[Reading]:
    """`3½`."""
    ends = {"½": "с половиной", "¼": "с четвертью", "¾": "и три четверти"}
    yield at(match, 0, f"{cardinal(match['number'])} {ends[match['part']]}")


def _power(match: Match) -> Iterator[Reading]:
    """`10⁵`."""
    exponent = int(match[0].translate(str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")))
    yield at(match, 0, f"в {russian_ordinal(exponent, 'p', 'f')} степени")


_RANGE = rf"(?:(?P<first>{NUM})(?:\s?[%°])?{DASH}(?!\d+\s?=))?(?P<number>{NUM})"
_SCALE = rf"(?P<scale>{_SCALES})(?P<dot>\.?)"

RULES: tuple[Rule, ...] = (
    (re.compile(r"(?<![\w+])\+?\d{1,3}[\s-]?[\s(]\d{3}\)?[\s-]\d{3}-\d\d-\d\d(?!\w)"), _phone),
    (re.compile(rf"{FREE}(?P<v>)(?P<number>\d+(?:\.\d+){{2,}}){END}"), _version),
    (re.compile(rf"(?<!\w)(?P<v>[vV])\.?(?P<number>\d+(?:\.\d+)*){END}"), _version),
    (re.compile(rf"(?:[A-Za-z]|(?<!\w)(?i:верси[а-яё]))\s(?P<v>)(?P<number>\d+\.\d+)(?!\s?%){END}"), _version),
    (re.compile(rf"(?P<sign>{_SIGNS})\s?{_RANGE}(?P<unit>)(?:\s?(?P<scale>{_SCALES})\b)?(?!\w)"), _money),
    (re.compile(rf"{FREE}{_RANGE}(?P<scale>)(?P<sign>)(?<=[.,]\d\d)\s?(?P<unit>[$€£¥₽])"), _money),
    (re.compile(rf"{FREE}{_RANGE}\s?{_SCALE}(?:\s?(?P<unit>{_UNITS})(?P<end>\.?))?(?!\w)"), _measured),
    (re.compile(rf"{FREE}{_RANGE}\s?(?P<scale>)(?P<dot>)(?P<unit>{_UNITS})(?P<end>\.?)(?!\w)"), _measured),
    (re.compile(r"(?:(?<=\d)|(?<=\d\s))[×xх](?=\s?\d)"), _by),
    (re.compile(rf"{FREE}(?P<number>\d+)(?P<part>[½¼¾])"), _mixed),
    (re.compile(r"(?<=\w)(?:[⁰¹⁴-⁹][⁰¹²³⁴-⁹]{0,5}|[²³][⁰¹²³⁴-⁹]{1,5})"), _power),
    (re.compile(rf"{FREE}(?P<share>\d{{1,15}})/(?P<parts>\d{{1,15}}){END}"), _fraction),
    (re.compile(rf"{FREE}\d+(?:-\d+){{2,}}{END}"), _chain),
    (re.compile(rf"{FREE}(?P<number>\d+)(?P<letter>[KКDp])(?!\w)"), _lettered),
    (re.compile(rf"{FREE}{_RANGE}{END}"), _plain),
    (re.compile(rf"(?<=\d[×xх/:])(?P<first>)(?P<number>{INT})(?!\w)"), _plain),
    (re.compile(rf"{FREE}(?P<first>)(?P<number>\d+)(?=[×xх/:]\d)"), _plain),
)
