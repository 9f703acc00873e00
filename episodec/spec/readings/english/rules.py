"""All rules of English in order of precedence; those of abbreviations and signs are here."""

import re
from collections.abc import Iterator

from episodec.spec.readings.common import Reading, Rule, alternatives, as_written, at, fixed, roman, stop, word_before
from episodec.spec.readings.english import dates, quantities, tables
from episodec.spec.readings.english.dates import Match

_ADDRESS = re.compile(
    r"(?<!\S)\d{4}-\d\d-\d\dT\S+|(?<!\S)\S*(?:://|\w@\w)\S*|(?<!\S)[(]?[\w./\\-]{0,80}[A-Za-z_]\w{0,80}\.[A-Za-z]\w*(?!\w*\.)|(?<![\w-])(?!v\d)[A-Za-z_]+[A-Za-z\d_]*\d\w*"
)


def _abbreviation(match: Match) -> Iterator[Reading]:
    written = " ".join(match[0].split())
    spoken = tables.ABBREVIATIONS.get(written) or tables.ABBREVIATIONS[written.lower()].capitalize()
    yield at(match, 0, spoken + stop(match))


def _before_number(match: Match) -> Iterator[Reading]:
    spoken = tables.BEFORE_NUMBERS[match[1].lower()]
    yield at(match, 1, spoken.capitalize() if match[1][0].isupper() else spoken)


def _saint_or_street(match: Match) -> Iterator[Reading]:
    """A saint, `St. Petersburg`, or, after a name and not before one, a street, `Baker St.`."""
    is_street = word_before(match.string, match.start()) != "" and match["name"] is None
    yield at(match, "short", ("Street" if is_street else "Saint") + stop(match))


def _doctor_or_drive(match: Match) -> Iterator[Reading]:
    """A doctor before a name, `Dr. Smith`; otherwise a drive, `Ocean Dr.`."""
    yield at(match, "short", ("Doctor" if match["name"] else "Drive") + stop(match))


def _letters(match: Match) -> Iterator[Reading]:
    """Abbreviations without a vowel, and known ones, letter by letter. Roman numerals of I, V and X are left alone."""
    word = match[0]
    if (word in tables.SPELLED or not set(word) & set("AEIOUY")) and not (set(word) <= set("IVX") and roman(word)):
        yield at(match, 0, " ".join(tables.LETTERS[letter] for letter in word))


def _greek(match: Match) -> Iterator[Reading]:
    yield at(match, 0, tables.GREEK[match[0].lower().replace("ς", "σ")])


_BOTH_CASES = {name for name in tables.ABBREVIATIONS if name.islower()}

RULES: tuple[Rule, ...] = (
    (
        re.compile(
            rf"(?<![\w.])(?<!\d\s)(?:{alternatives(tables.ABBREVIATIONS)}|(?i:{alternatives(_BOTH_CASES)}))(?!\w)"
        ),
        _abbreviation,
    ),
    (_ADDRESS, as_written),
    *dates.RULES,
    *quantities.RULES,
    (re.compile(rf"(?i)(?<![\w.])({alternatives(tables.BEFORE_NUMBERS)})(?=\s?\d)"), _before_number),
    (re.compile(r"(?<![\w.])(?P<short>St\.)(?:\s(?P<name>[A-Z]))?"), _saint_or_street),
    (re.compile(r"(?<![\w.])(?P<short>Dr\.)(?:\s(?P<name>[A-Z]))?"), _doctor_or_drive),
    *((re.compile(pattern), fixed(spoken)) for pattern, spoken in tables.SIGNS.items()),
    (re.compile(r"(?<![\w_.])[A-Z]{2,6}(?![\w_])"), _letters),
    (re.compile(r"(?<!\w)[α-ωΑ-ΡΣ-Ω](?!\w)"), _greek),
)
