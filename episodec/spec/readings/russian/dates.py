"""Dates, years and times of Russian texts."""

import re
from collections.abc import Iterator

from episodec.spec.readings.common import Reading, Rule, at, stop, stop_of_unit, word_before
from episodec.spec.readings.numerals import russian_ordinal
from episodec.spec.readings.russian import tables
from episodec.spec.readings.russian.grammar import WrittenNumber, cardinal, case_of, governor
from episodec.spec.readings.russian.patterns import DASH, END, FREE, YEAR, Match

_MONTH = "|".join(tables.MONTHS)
_TAIL = re.compile(r"\s?(г\.|г(?!\w)|год\w*)")
_DAY = r"(?:0?[1-9]|[12]\d|3[01])"


def _ordinal_case(match: Match) -> str:
    """The case of a day's ordinal: genitive for the date of an event; after some prepositions, the case that they
    govern.
    """
    before = word_before(match.string, match.start())
    if before in {"на", "по", "за", "сегодня", "завтра", "это"}:
        return "n"
    return "d" if before in {"к", "ко"} else "i" if before in {"перед", "между"} else "g"


def _numeric_date(match: Match) -> Iterator[Reading]:
    day, month, year = (int(match[name]) for name in ("day", "month", "year"))
    if 1 <= month <= 12:
        name = list(tables.MONTHS)[month - 1]
        spoken = f"{russian_ordinal(day, _ordinal_case(match), 'n')} {name} {russian_ordinal(year, 'g')}"
        tail = _TAIL.match(match.string, match.end())
        yield at(match, 0, spoken + ("" if tail else " года"))
        if tail and tail[1].rstrip(".") == "г":
            yield Reading(*tail.span(1), "года" + stop(tail))


def _date(match: Match) -> Iterator[Reading]:
    """`5 мая 2026 г.`: the case of the day from the word before it, the year in the genitive, with `года`."""
    case = _ordinal_case(match)
    first, last = (russian_ordinal(int(match[name] or 1), case, "n") for name in ("day", "last"))
    yield from _pair(match, "day", first, last)
    if match["year"]:
        yield from _month_year(match)


def _month_year(match: Match) -> Iterator[Reading]:
    """`май 2026`, `в мае 2026 г.`: the year in the genitive, with `года`."""
    tail = _TAIL.match(match.string, match.end("year"))
    yield at(match, "year", russian_ordinal(int(match["year"]), "g") + ("" if tail else " года"))
    if tail and tail[1].rstrip(".") == "г":
        yield Reading(*tail.span(1), "года" + stop(tail))


_YEAR_CASES = {"год": "n", "года": "g", "году": "p", "годом": "i", "годе": "p", "годы": "n", "годов": "g"}
_YEAR_CASES |= {"годам": "d", "годами": "i", "годах": "p"}


def _year(match: Match) -> Iterator[Reading]:
    """An ordinal in the case of the following `год`; below 1000 only where a cardinal is impossible.

    The abbreviation `г.` gets the case of the preposition, else the genitive.
    """
    word, before = match["word"], word_before(match.string, match.start())
    number = WrittenNumber(match["last"] or match["year"])
    if word.startswith("г") and not word.startswith("год"):
        case = {"в": "p", "к": "d", "ко": "d", "на": "n", "по": "n", "за": "n", "о": "p"}.get(before, "g")
        is_plural = word.startswith("гг") or match["last"] is not None
        forms = {"n": "годы", "g": "годов", "p": "годах", "d": "годам"} if is_plural else {}
        spoken = (forms or {"n": "год", "g": "года", "p": "году", "d": "году"})[case]
        if is_plural and case == "g" and before not in {"с", "со", "до", "от", "из", "после"}:
            case, spoken = "n", "годы"
        yield at(match, "word", spoken + stop_of_unit(match))
    else:
        case = _YEAR_CASES[word]
        if case == "p" and before in {"к", "ко"}:
            case = "d"
        is_counted = number.ends_in_one if word == "год" else number.is_few or number.fraction is not None
        if len(number.whole) < 4 and (is_counted or len(number.whole) < 3) and word != "году":
            return
    yield from _pair(match, "year", russian_ordinal(int(match["year"]), case), russian_ordinal(int(number.whole), case))


def _pair(match: Match, name: str, first: str, last: str) -> Iterator[Reading]:
    """One ordinal, two with a conjunction between, or a range."""
    if match["last"] and match["between"].strip() in {"и", "или"}:
        yield at(match, name, first)
        yield at(match, "last", last)
    elif match["last"]:
        yield Reading(match.start(name), match.end("last"), f"{first}-{last}")
    else:
        yield at(match, name, first)


def _years_from_to(match: Match) -> Iterator[Reading]:
    """`с 1990 по 2000 год`, `с 1990 до 2000 года`, `от 1990 до 2000 г.`."""
    case = "n" if match["to"] == "по" else "g"
    yield at(match, "first", russian_ordinal(int(match["first"]), "g"))
    yield at(match, "last", russian_ordinal(int(match["last"]), case))
    if match["word"].startswith("г") and not match["word"].startswith("год"):
        yield at(match, "word", ("год" if case == "n" else "года") + stop_of_unit(match))


def _counted_from_to(match: Match) -> Iterator[Reading]:
    """`с 1 по 5 мая`, `с 10 по 20 кадр`: ordinals, by the noun that follows."""
    noun = match["noun"].lower()
    gender = "n" if noun in tables.MONTHS else "f" if noun.endswith(("у", "ю")) else "m"
    if noun.endswith(("ов", "ей")):
        return
    yield at(match, "first", russian_ordinal(int(match["first"]), "g", gender))
    yield at(match, "last", russian_ordinal(int(match["last"]), "a", gender))


def _time(match: Match) -> Iterator[Reading]:
    """Hours and minutes, always read as a time of day: a ratio such as 16:10 needs the lexicon."""
    case = case_of(governor(match.string, match.start()), "")
    case = case if case == "g" else "n"
    parts = [cardinal(str(int(match["hour"])), case)]
    for name in ("minute", "second"):
        if match[name] == "00":
            parts.append("ноль-ноль")
        elif match[name]:
            parts.append(
                f"ноль {cardinal(match[name][1], case)}" if match[name][0] == "0" else cardinal(match[name], case)
            )
    yield at(match, 0, " ".join(parts))


def _ratio(match: Match) -> Iterator[Reading]:
    yield at(match, 0, f"{cardinal(match['first'])} к {cardinal(match['last'], 'd')}")


_BETWEEN = rf"{DASH}|\s(?:и|или)\s"
_FORMS = rf"(?:{'|'.join(_YEAR_CASES)})(?!\w)"
_SHORT = rf"(?P<word>гг\.|г\.|гг(?!\w)|г(?!\w)|{_FORMS})"

RULES: tuple[Rule, ...] = (
    (re.compile(rf"{FREE}(?P<day>{_DAY})\.(?P<month>\d\d)\.(?P<year>{YEAR}){END}"), _numeric_date),
    (re.compile(rf"{FREE}(?P<year>{YEAR})-(?P<month>\d\d)-(?P<day>\d\d){END}"), _numeric_date),
    (
        re.compile(rf"(?i){FREE}(?P<first>\d{{1,2}})\sпо\s(?P<last>\d{{1,2}})\s(?P<noun>{_MONTH})(?!\w)"),
        _counted_from_to,
    ),
    (
        re.compile(
            rf"(?i){FREE}(?P<day>{_DAY})(?:(?P<between>{_BETWEEN})(?P<last>{_DAY}))?\s(?:{_MONTH})(?!\w)(?:\s(?P<year>{YEAR}){END})?"
        ),
        _date,
    ),
    (re.compile(rf"(?i)(?<!\w)(?:{tables.MONTHS_IN_ALL_CASES})\s(?P<year>{YEAR}){END}"), _month_year),
    (
        re.compile(rf"(?i)(?:с|со|от)\s(?P<first>{YEAR})\s(?P<to>по|до)\s(?P<last>{YEAR})\s?{_SHORT}"),
        _years_from_to,
    ),
    (re.compile(r"(?<=[сС]\s)(?P<first>\d{1,6})\sпо\s(?P<last>\d{1,6})\s(?P<noun>[а-яё]{3,})"), _counted_from_to),
    (re.compile(rf"{FREE}(?P<year>{YEAR})(?:(?P<between>{_BETWEEN})(?P<last>{YEAR}))?\s?{_SHORT}"), _year),
    (
        re.compile(rf"{FREE}(?P<year>\d{{1,3}})(?:(?P<between>{_BETWEEN})(?P<last>\d{{2,3}}))?\s(?P<word>{_FORMS})"),
        _year,
    ),
    (
        re.compile(rf"{FREE}(?P<hour>[01]?\d|2[0-3]):(?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d))?{END}"),
        _time,
    ),
    (re.compile(rf"{FREE}(?P<first>\d+):(?P<last>\d+){END}"), _ratio),
)
