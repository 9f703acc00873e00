"""Dates, years and times of English texts."""

import re
from collections.abc import Iterator

from episodec.spec.readings.common import Reading, Rule, at, listed, stop, word_after, word_before
from episodec.spec.readings.english import tables
from episodec.spec.readings.numerals import english, english_ordinal, english_year

Match = re.Match[str]

FREE = r"(?<!\w)(?<!\w[.,:/\\])"
"""A pattern for the place before a number."""
END = r"(?![^\W²³⁰¹⁴-⁹])(?![.,:/]\d)"
"""A pattern for the place after a number."""
DASH = r"\s?[-–—]\s?"
_YEAR = r"(?:1\d|20)\d\d"
_MONTH = rf"(?P<month>{'|'.join(tables.MONTHS)}|(?:{'|'.join(tables.SHORT_MONTHS)})\b)(?P<dot>\.?)"
_TO = re.compile(r"\s(?:to|and|or)\s\d+")
_DAY = r"(?P<day>0?[1-9]|[12]\d|3[01])(?P<ending>st|nd|rd|th)?"
_HALVES = {"am": "ay em", "pm": "pee em"}
# Before a number of four digits, these make it a year; those in the second table only from 1500 on.
_OF_TIME = frozenset(listed("in since until till year during circa"))
_PERHAPS = frozenset(
    listed("by from before after of around to and between through early mid late spring summer autumn winter fall")
)


def _month(match: Match) -> Iterator[Reading]:
    if match["month"] in tables.SHORT_MONTHS:
        yield Reading(match.start("month"), match.end("dot"), tables.SHORT_MONTHS[match["month"]])


def _month_day(match: Match) -> Iterator[Reading]:
    """`May 5, 2026`: May fifth."""
    yield from _month(match)
    yield Reading(match.start("day"), match.end("day") + len(match["ending"] or ""), english_ordinal(int(match["day"])))
    if match["year"]:
        yield at(match, "year", english_year(int(match["year"])))


def _day_month(match: Match) -> Iterator[Reading]:
    """`5 May 2026`: the fifth of May."""
    article = "" if word_before(match.string, match.start()) == "the" else "the "
    of = "" if match["of"] else " of"
    spoken = f"{article}{english_ordinal(int(match['day']))}{of}"
    yield Reading(match.start("day"), match.end("day") + len(match["ending"] or ""), spoken)
    yield from _month(match)
    if match["year"]:
        yield at(match, "year", english_year(int(match["year"])))


def _month_year(match: Match) -> Iterator[Reading]:
    yield from _month(match)
    yield at(match, "year", english_year(int(match["year"])))


def _numeric(match: Match) -> Iterator[Reading]:
    """`2026-05-05`."""
    month, day = int(match["month"]), int(match["day"])
    if 1 <= month <= 12 and 1 <= day <= 31:
        spoken = f"{tables.MONTHS[month - 1]} {english_ordinal(day)}, {english_year(int(match['year']))}"
        yield at(match, 0, spoken)


def _slashes(match: Match) -> Iterator[Reading]:
    """`5/30/2026`. Ambiguous dates, where either number may be the month, stay as written."""
    first, second = int(match["first"]), int(match["second"])
    month, day = (second, first) if first > 12 else (first, second)
    if 1 <= month <= 12 < day <= 31:
        spoken = f"{tables.MONTHS[month - 1]} {english_ordinal(day)}, {english_year(int(match['year']))}"
        yield at(match, 0, spoken)
    else:
        yield at(match, 0, match[0])


def _time(match: Match) -> Iterator[Reading]:
    """`2:30 pm`, `14:30`: always read as a time of day."""
    hour, minute, half = int(match["hour"]), match["minute"], match["half"]
    if minute == "00" and not match["second"]:
        rest = "" if half else " o'clock" if 1 <= hour <= 12 else " hundred"
    else:
        parts = [part for part in (minute, match["second"]) if part]
        rest = "".join(f" {_two_digits(part)}" for part in parts)
    yield Reading(match.start("hour"), match.end("second" if match["second"] else "minute"), english(hour) + rest)
    if half:
        yield from _half(match)


def _hour(match: Match) -> Iterator[Reading]:
    """An hour alone: `9 a.m.`."""
    yield at(match, "hour", english(int(match["hour"])))
    yield from _half(match)


def _half(match: Match) -> Iterator[Reading]:
    yield at(match, "half", _HALVES[match["half"].replace(".", "").lower()] + stop(match))


def _two_digits(digits: str) -> str:
    if digits == "00":
        return "oh oh"
    return f"oh {english(int(digits))}" if digits[0] == "0" else english(int(digits))


def _year(match: Match) -> Iterator[Reading]:
    """A number of four digits after a word of time, unless a plural follows: then it is a count."""
    before, year = word_before(match.string, match.start()), int(match["year"])
    range_end = _TO.match(match.string, match.end())
    after = word_after(match.string, range_end.end() if range_end else match.end())
    is_counted = (after.endswith("s") and after.lower() not in {"was", "is", "has", "as"}) or after in tables.UNITS
    if not is_counted and (before in _OF_TIME or (before in _PERHAPS and year >= 1500)):
        yield at(match, "year", english_year(year))
        if match["last"]:
            yield Reading(match.end("year"), match.end("last"), f" to {english_year(int(match['last']))}")


def _years(match: Match) -> Iterator[Reading]:
    """`1990–2000`: two years, if both can be years."""
    if int(match["year"]) < int(match["last"]):
        yield at(match, 0, f"{english_year(int(match['year']))} to {english_year(int(match['last']))}")


def _decade(match: Match) -> Iterator[Reading]:
    """`1990s`, `the '90s`."""
    number = int(match["decade"])
    spoken = english(number) if len(match["decade"]) == 2 or number % 1000 == 0 else english_year(number)
    yield at(match, 0, spoken[:-1] + "ies" if spoken.endswith("y") else f"{spoken}s")


RULES: tuple[Rule, ...] = (
    (re.compile(rf"{FREE}(?P<year>{_YEAR})-(?P<month>\d\d)-(?P<day>\d\d){END}"), _numeric),
    (re.compile(rf"{FREE}(?P<first>\d\d?)/(?P<second>\d\d?)/(?P<year>\d{{4}}){END}"), _slashes),
    (re.compile(rf"(?<!\w){_MONTH}\s{_DAY}(?!\w)(?![.:/%]\d)(?:,?\s(?P<year>{_YEAR}){END})?"), _month_day),
    (re.compile(rf"{FREE}{_DAY}(?P<of>\sof)?\s{_MONTH}(?!\w)(?:,?\s(?P<year>{_YEAR}){END})?"), _day_month),
    (re.compile(rf"(?<!\w){_MONTH},?\s(?P<year>{_YEAR}){END}"), _month_year),
    (
        re.compile(
            rf"{FREE}(?P<hour>[01]?\d|2[0-3]):(?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d))?"
            r"(?:\s?(?P<half>[AaPp]\.[Mm]\.|[AaPp][Mm]\b))?(?!\d)(?!:\d)"
        ),
        _time,
    ),
    (re.compile(rf"{FREE}(?P<hour>1[0-2]|[1-9])\s?(?P<half>[AaPp]\.[Mm]\.|[AaPp][Mm]\b)"), _hour),
    (re.compile(r"(?<!\w)['’]?(?P<decade>(?:1\d|20)?\d0)['’]?s(?!\w)"), _decade),
    (re.compile(rf"{FREE}(?P<year>{_YEAR})(?:–(?P<last>{_YEAR}))?{END}"), _year),
    (re.compile(rf"{FREE}(?P<year>1[5-9]\d\d|20\d\d)[-–](?P<last>1[5-9]\d\d|20\d\d){END}"), _years),
)
