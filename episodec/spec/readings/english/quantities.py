"""Amounts of English texts: numbers with units, currencies and signs, ranges, fractions, versions, plain numbers."""

import re
from collections.abc import Iterator

from episodec.spec.readings.common import Reading, Rule, alternatives, at, listed, roman, stop_of_unit, word_after
from episodec.spec.readings.english import tables
from episodec.spec.readings.english.dates import DASH, END, FREE, Match
from episodec.spec.readings.numerals import MOST_DIGITS, english, english_ordinal

_INT = r"(?:[1-9]\d{0,2}(?:,\d{3})+(?!\d)|[1-9]\d{0,2}(?:\s\d{3})+(?!\d)|\d+)"
_NUM = rf"{_INT}(?:\.\d+)?"
_SIGNS = "[$€£¥₽]"
_DIGIT_AFTER = re.compile(r"\s\d")
_RESULT = re.compile(r"\s?\d+\s?=")
_AFTER_A_UNIT = frozenset(listed("and or but at to on for from by with per of is are was were after before than"))
_PARTS = {2: ("half", "halves"), 4: ("quarter", "quarters")}


def cardinal(digits: str) -> str:
    """Digits as a cardinal. Leading zeros are said; a number with too many digits is said digit by digit."""
    rest = digits.lstrip("0")
    zeros = len(digits) - len(rest) if rest else len(digits) - 1
    if len(digits) > MOST_DIGITS:
        return " ".join(english(int(digit)) for digit in digits)
    return " ".join([*["zero"] * zeros, english(int(rest or "0"))])


def number(text: str) -> str:
    """A number as written in a text: `three point one four`."""
    whole, point, fraction = re.sub(r"[,\s]", "", text).partition(".")
    return cardinal(whole) + (f" point {' '.join(map(cardinal, fraction))}" if point else "")


def _is_one(text: str) -> bool:
    return text == "1"


def _ranged(match: Match) -> str:
    first = f"{number(match['first'])} to " if match["first"] else ""
    return first + number(match["number"])


def _measured(match: Match) -> Iterator[Reading]:
    """`5 kg`, `10–15%`.

    A unit that is one letter or a word counts as a unit only next to the number, before a mark, or before a word that
    cannot follow it in a phrase: `5 in the morning` has no inches.
    """
    unit, after = match["unit"], word_after(match.string, match.end("unit"))
    if unit in tables.AMBIGUOUS and match.end("number") != match.start("unit"):
        is_word = after and after not in _AFTER_A_UNIT
        if is_word or (unit == "in" and _DIGIT_AFTER.match(match.string, match.end("unit"))):
            return
    start = match.start("first" if match["first"] else "number")
    yield Reading(start, match.end("number"), _ranged(match))
    singular, many = tables.UNITS[unit]
    spoken = singular if _is_one(match["number"]) and not match["first"] else many
    yield Reading(match.start("unit"), match.end("end"), spoken + (stop_of_unit(match) if match["end"] else ""))


def _money(match: Match) -> Iterator[Reading]:
    """`$5`, `$5.50`, `$1.2 million`: the currency's name goes last; two decimals are hundredths."""
    singular, many, cent, cents = tables.CURRENCIES[match["sign"]]
    whole, _, fraction = match["number"].partition(".")
    scale = tables.SCALES.get(match["scale"] or match["short"] or "", "")
    if scale or match["first"] or not cent or len(fraction) != 2:
        name = singular if _is_one(match["number"]) and not scale and not match["first"] else many
        spoken = f"{_ranged(match)} {scale} {name}".replace("  ", " ")
    else:
        rest = int(fraction)
        parts = [f"{number(whole)} {singular if whole == '1' else many}"] if whole.strip("0,") or not rest else []
        parts += [f"{english(rest)} {cent if rest == 1 else cents}"] if rest else []
        spoken = " ".join(parts)
    yield at(match, 0, spoken)


def _ordinal(match: Match) -> Iterator[Reading]:
    yield at(match, 0, english_ordinal(int(match["number"].replace(",", ""))))


def _by(match: Match) -> Iterator[Reading]:
    """`1024×768`: the sign is read as "by"; in a product with a result, as "times"."""
    yield at(match, 0, "times" if _RESULT.match(match.string, match.end()) else "by")


def _fraction(match: Match) -> Iterator[Reading]:
    """`3/4`, `1 1/2`. A value of one or more is two numbers: `50/50`."""
    share, parts = int(match["share"]), int(match["parts"])
    if (share, parts) == (24, 7):
        yield at(match, 0, "twenty-four seven")
    elif 0 < share < parts <= 100:
        singular, many = _PARTS.get(parts, (english_ordinal(parts), f"{english_ordinal(parts)}s"))
        spoken = f"{english(share)} {singular if share == 1 else many}"
        yield at(match, 0, f"{number(match['whole'])} and {spoken}" if match["whole"] else spoken)
    elif not match["whole"]:
        yield at(match, 0, f"{cardinal(match['share'])} {cardinal(match['parts'])}")


def _version(match: Match) -> Iterator[Reading]:
    """`1.5.1`, `v2.0`, `version 3.11`: number by number."""
    word = "version " if match["v"] else ""
    start = match.start("v") if match["v"] else match.start("number")
    yield Reading(start, match.end("number"), word + " point ".join(map(cardinal, match["number"].split("."))))


def _chain(match: Match) -> Iterator[Reading]:
    """`555-01-99`: digit by digit, as a telephone number."""
    yield at(match, 0, ", ".join(" ".join(map(cardinal, part)) for part in re.split(r"\D", match[0])))


def _phone(match: Match) -> Iterator[Reading]:
    """`+1 555 123 4567`: digit by digit."""
    yield at(match, 0, "plus " + ", ".join(" ".join(map(cardinal, part)) for part in re.findall(r"\d+", match[0])))


def _ratio(match: Match) -> Iterator[Reading]:
    yield at(match, 0, f"{cardinal(match['first'])} to {cardinal(match['last'])}")


def _mixed(match: Match) -> Iterator[Reading]:
    """`3½`."""
    ends = {"½": "and a half", "¼": "and a quarter", "¾": "and three quarters"}
    yield at(match, 0, f"{cardinal(match['number'])} {ends[match['part']]}")


def _power(match: Match) -> Iterator[Reading]:
    """`10⁵`."""
    exponent = int(match[0].translate(str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")))
    yield at(match, 0, f"to the {english_ordinal(exponent)} power")


def _times(match: Match) -> Iterator[Reading]:
    """`10x faster`."""
    yield at(match, 0, f"{number(match['number'])} times")


def _below_one(match: Match) -> Iterator[Reading]:
    """`.5`."""
    yield at(match, 0, number(f"0{match[0]}"))


def _lettered(match: Match) -> Iterator[Reading]:
    """`4K`, `3D`, `1080p`."""
    spoken = "ten eighty" if match["number"] == "1080" else cardinal(match["number"])
    yield at(match, 0, f"{spoken} {tables.LETTERS[match['letter'].upper()]}")


def _plain(match: Match) -> Iterator[Reading]:
    yield at(match, 0, _ranged(match))


def _roman(match: Match) -> Iterator[Reading]:
    """`Chapter IV`, `World War II`. A single `I` before another word is a pronoun."""
    value = roman(match["roman"])
    after = word_after(match.string, match.end())
    is_person = match["roman"] == "I" and after not in {"", "of", "is", "has"} and not match[0].startswith("War")
    if value is not None and not is_person:
        yield at(match, "roman", english(value))


def _ruler(match: Match) -> Iterator[Reading]:
    """`Henry VIII`."""
    value = roman(match["roman"])
    if value is not None and not (match["roman"] == "I" and word_after(match.string, match.end())):
        yield at(match, "roman", f"the {english_ordinal(value)}")


_RANGE = rf"(?:(?P<first>{_NUM})(?:\s?[%°])?{DASH}(?!\d+\s?=))?(?P<number>{_NUM})"
_UNITS = alternatives(tables.UNITS)
_ROMAN = r"(?P<roman>[IVXLC]+)(?!\w)"

RULES: tuple[Rule, ...] = (
    (re.compile(rf"(?<!\w)(?:{'|'.join(tables.NUMBERED)})\s{_ROMAN}"), _roman),
    (re.compile(rf"(?<!\w)(?:{'|'.join(tables.RULERS)})\s{_ROMAN}"), _ruler),
    (re.compile(rf"{FREE}(?P<v>)(?P<number>\d+(?:\.\d+){{2,}}){END}"), _version),
    (re.compile(rf"(?<!\w)(?P<v>[vV])\.?(?P<number>\d+(?:\.\d+)*){END}"), _version),
    (re.compile(rf"(?<!\w)(?:[Vv]ersion|[Rr]elease|Python)\s(?P<v>)(?P<number>\d+\.\d+){END}"), _version),
    (
        re.compile(
            rf"(?P<sign>{_SIGNS})\s?{_RANGE}(?:\s(?P<scale>thousand|million|billion|trillion|bn|mn)\b"
            r"|(?P<short>[kKMmB]|bn|mn)\b)?(?!\w)"
        ),
        _money,
    ),
    (re.compile(rf"{FREE}{_RANGE}\s?(?P<sign>[€£₽])(?P<scale>)(?P<short>)"), _money),
    (re.compile(rf"{FREE}(?P<number>\d[\d,]{{0,15}})(?:st|nd|rd|th)(?!\w)"), _ordinal),
    (re.compile(rf"{FREE}{_RANGE}[\s-]?(?P<unit>{_UNITS})(?P<end>\.?)(?![\w/])"), _measured),
    (re.compile(r"(?:(?<=\d)|(?<=\d\s))[×x](?=\s?\d)"), _by),
    (re.compile(rf"{FREE}(?:(?P<whole>\d+)\s)?(?P<share>\d{{1,15}})/(?P<parts>\d{{1,15}}){END}"), _fraction),
    (re.compile(rf"(?<!\w)\+\d{{1,3}}(?:[\s.-]\(?\d{{2,4}}\)?){{2,4}}{END}"), _phone),
    (re.compile(rf"{FREE}(?:\d+(?:-\d+){{2,}}|\d{{3}}-\d{{4}}){END}"), _chain),
    (re.compile(rf"{FREE}(?P<number>\d+)(?P<part>[½¼¾])"), _mixed),
    (re.compile(r"(?<=\w)(?:[⁰¹⁴-⁹][⁰¹²³⁴-⁹]{0,5}|[²³][⁰¹²³⁴-⁹]{1,5})"), _power),
    (re.compile(rf"{FREE}(?P<number>{_NUM})x(?!\w)"), _times),
    (re.compile(r"(?<![\w.,])\.\d+(?!\w)"), _below_one),
    (re.compile(rf"{FREE}(?P<first>\d+):(?P<last>\d+){END}"), _ratio),
    (re.compile(rf"{FREE}(?P<number>\d+)(?P<letter>[KDp])(?!\w)"), _lettered),
    (re.compile(rf"{FREE}{_RANGE}{END}"), _plain),
    (re.compile(rf"(?<=\d[×x/:])(?P<first>)(?P<number>{_INT})(?!\w)"), _plain),
    (re.compile(rf"{FREE}(?P<first>)(?P<number>\d+)(?=[×x/:]\d)"), _plain),
)
