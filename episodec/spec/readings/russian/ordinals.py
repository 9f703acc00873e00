"""Ordinals of Russian texts: Roman numerals, numbers with an ending (`72-й`), numbers of nouns in the singular."""

import re
from collections.abc import Iterator

from episodec.spec.readings.common import Reading, Rule, alternatives, at, roman, stop, word_before
from episodec.spec.readings.numerals import russian, russian_ordinal
from episodec.spec.readings.russian import tables
from episodec.spec.readings.russian.grammar import compound, noun_after
from episodec.spec.readings.russian.patterns import DASH, FREE, Match

_ROMAN = r"(?<![\w-])(?P<roman>[IVXLC]+)"


def _case_of_singular(noun: str, gender: str, before: str) -> str:
    """The case of a noun with a known stem, by its ending and the word before."""
    is_place = before in {"в", "во", "на"}
    if gender == "f":
        is_prepositional = noun.endswith("е") or before in {"в", "во", "на", "о", "при"}
        endings = {"ая": "n", "ь": "n", "ую": "a", "еи": "p" if is_prepositional else "g", "ы": "g"}
        return next((case for ends, case in endings.items() if noun[-1] in ends), "n")
    if noun.endswith(("ом", "ем")):
        return "i"
    endings = {"ая": "g", "ую": "p" if is_place else "d", "и": "p", "е": "n" if gender == "n" else "p"}
    return next((case for ends, case in endings.items() if noun[-1] in ends), "n")


def _roman_before(match: Match) -> Iterator[Reading]:
    """`XX век`, `в XXI веке`, `XIX–XX вв.`."""
    number, last = roman(match["roman"]), roman(match["last"] or "I")
    if number is None or last is None:
        return
    before = word_before(match.string, match.start())
    noun = match["noun"] or match["short"]
    if match["short"]:
        case = {"в": "p", "к": "d", "на": "n"}.get(before, "g")
        if noun == "в.":
            spoken = {"p": "веке", "d": "веку", "n": "век", "g": "века"}[case]
        else:
            spoken = {"p": "веках", "d": "векам", "n": "века", "g": "веков"}[case]
        gender = "m"
        yield at(match, "short", spoken + stop(match))
    else:
        stem = next(stem for stem in tables.NUMBERED if noun.lower().startswith(stem))
        gender = tables.NUMBERED[stem]
        ending = noun.lower()
        case = "g" if match["last"] and ending.endswith("ов") else "p" if ending.endswith(("ах", "ях")) else ""
        case = case or ("n" if match["last"] else _case_of_singular(ending, gender, before))
    first = russian_ordinal(number, case, gender)
    if match["last"]:
        yield Reading(match.start("roman"), match.end("last"), f"{first}-{russian_ordinal(last, case, gender)}")
    else:
        yield at(match, "roman", first)


def _roman_after(match: Match) -> Iterator[Reading]:
    """`Глава IV`, `в части II`."""
    number = roman(match["roman"])
    if number is not None:
        noun = match["noun"].lower()
        gender = next(gender for stem, gender in tables.NUMBERED.items() if noun.startswith(stem))
        case = _case_of_singular(noun, gender, word_before(match.string, match.start("noun")))
        yield at(match, "roman", russian_ordinal(number, case, gender))


def _ruler(match: Match) -> Iterator[Reading]:
    """`Пётр I`, `при Екатерине II`."""
    number = roman(match["roman"])
    if number is None:
        return
    is_woman = match["name"].startswith(tuple(tables.RULERS[1]))
    name = match["name"]
    if is_woman:
        case = "n" if name.endswith(("а", "я")) else "a" if name.endswith(("у", "ю")) else "g"
    else:
        cases = {"а": "g", "я": "g", "у": "d", "ю": "d", "ом": "i", "ем": "i", "ём": "i", "е": "p"}
        case = next((case for end, case in cases.items() if name.endswith(end)), "n")
    yield at(match, "roman", russian_ordinal(number, case, "f" if is_woman else "m").capitalize())


_OBLIQUE_FEMININE = ("ы", "и", "е", "ой", "ей", "ью")
_ENDINGS: dict[str, tuple[str, str]] = {
    **dict.fromkeys(("й", "ый", "ий", "ой"), ("n", "m")),
    **dict.fromkeys(("я", "ая", "ья"), ("n", "f")),
    **dict.fromkeys(("е", "ое", "ье"), ("n", "n")),
    **dict.fromkeys(("ые", "ьи"), ("n", "p")),
    **dict.fromkeys(("го", "ого", "его"), ("g", "m")),
    **dict.fromkeys(("му", "ому", "ему"), ("d", "m")),
    **dict.fromkeys(("ю", "ую", "ью"), ("a", "f")),
    **dict.fromkeys(("м", "ом", "ем"), ("p", "m")),
    **dict.fromkeys(("ым", "им"), ("i", "m")),
    **dict.fromkeys(("х", "ых", "их"), ("g", "p")),
    **dict.fromkeys(("ми", "ыми", "ими"), ("i", "p")),
    **dict.fromkeys(("ей",), ("g", "f")),
}


def _with_ending(match: Match) -> Iterator[Reading]:
    """`72-й`, `5-го`, `1990-е`, and the cardinals `3-х`, `5-ти`.

    Where an ending belongs to two forms, the next word decides: `5-й минуты`, `5-м кадром`, `90-м годам`.
    """
    number, ending = int("".join(match["number"].split())), match["ending"]
    noun = noun_after(match.string, match.end())
    case, gender = _ENDINGS.get(ending, ("", ""))
    if ending in {"и", "ти"} or (ending in {"х", "ёх", "ех"} and number in {2, 3, 4}):
        yield at(match, 0, russian(number, "g"))
        return
    if (ending in {"ми", "мя"} and number < 5) or (ending in {"ю", "ью"} and noun.endswith(("ами", "ями"))):
        yield at(match, 0, russian(number, "i"))
        return
    if not case:
        return
    if ending in {"й", "ой"} and noun.endswith(_OBLIQUE_FEMININE):
        case, gender = "g", "f"
    if ending == "м" and noun.endswith(("ам", "ям")):
        case, gender = "d", "p"
    elif ending == "м" and noun.endswith(("ом", "ем", "ём")):
        case = "i"
    if (
        ending == "е"
        and number >= 10
        and number % 10 == 0
        and not noun.endswith(("о", "е"))
        and noun not in tables.MONTHS
    ):
        gender = "p"
    yield at(match, 0, russian_ordinal(number, case, gender))


def _compound(match: Match) -> Iterator[Reading]:
    """`30-секундный`, `5-процентный`: one word."""
    yield at(match, 0, compound(int(match["number"])) + match["rest"])


def _percentage(match: Match) -> Iterator[Reading]:
    """`100%-й`: one word."""
    endings = {"й": "ый", "я": "ая", "е": "ое", "го": "ого", "му": "ому", "м": "ым", "х": "ых", "ю": "ую"}
    ending = match["ending"].removeprefix("н")
    yield at(match, 0, f"{compound(int(match['number']))}процентн{endings.get(ending, ending)}")


def _masculine(match: Match) -> Iterator[Reading]:
    """`72 эпизод`: after a cardinal the noun would have another form."""
    number = int(match["number"])
    if number % 10 != 1 or number % 100 == 11:
        yield at(match, "number", russian_ordinal(number))


_THOUSANDS = r"[1-9]\d{0,2}(?:\s\d{3}){1,4}"
_NUMBERED = rf"(?P<noun>(?:{alternatives(tables.NUMBERED)})[а-яё]{{0,3}})(?!\w)"
_RULERS = rf"(?P<name>(?:{alternatives([*tables.RULERS[0], *tables.RULERS[1]])})[а-яё]{{0,3}})"

RULES: tuple[Rule, ...] = (
    (
        re.compile(rf"{_ROMAN}(?:{DASH}(?P<last>[IVXLC]+))?\s(?:(?i:{_NUMBERED})|(?P<short>вв?\.))"),
        _roman_before,
    ),
    (re.compile(rf"(?<!\w)(?i:{_NUMBERED})\s{_ROMAN}(?!\w)"), _roman_after),
    (re.compile(rf"(?<!\w){_RULERS}\s{_ROMAN}(?!\w)"), _ruler),
    (
        re.compile(rf"{FREE}(?P<number>{_THOUSANDS}|\d{{1,15}})-(?P<ending>[а-яё]{{1,3}})(?!\w)"),
        _with_ending,
    ),
    (
        re.compile(
            rf"{FREE}(?P<number>\d{{1,15}})-(?P<rest>[а-яё]{{3,}}(?:ый|ая|ое|ые|ий|яя|ого|ой|ому|ом|ым|ых|ую|ыми|их|его|им|ем|ими|ие|ия|ию|ии|но))(?!\w)"
        ),
        _compound,
    ),
    (re.compile(rf"{FREE}(?P<number>\d{{1,15}})\s?%-(?P<ending>н?[а-яё]{{1,3}})(?!\w)"), _percentage),
    (re.compile(rf"{FREE}(?P<number>\d{{1,15}})\s(?:{alternatives(tables.MASCULINE)})(?![\w/])"), _masculine),
)
