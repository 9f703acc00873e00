"""All rules of Russian in order of precedence; those of abbreviations and signs are here."""

import re
from collections.abc import Iterator

from episodec.spec.readings.common import Reading, Rule, alternatives, as_written, at, fixed, roman, stop, word_before
from episodec.spec.readings.russian import dates, ordinals, quantities, tables
from episodec.spec.readings.russian.patterns import Match

_ADDRESS = re.compile(
    r"(?<!\S)\d{4}-\d\d-\d\dT\S+|(?<!\S)\S*(?:://|\w@\w)\S*|(?<!\S)[«(]?[\w./\\-]{0,80}[A-Za-z_]\w{0,80}\.[A-Za-z]\w*|(?<![\w-])(?!v\d)[A-Za-z_]+[A-Za-z\d_]*\d\w*"
)
_ABBREVIATIONS = {"".join(name.split()): spoken for name, spoken in tables.ABBREVIATIONS.items()}
_CASES_OF_PLACES = {"в": 1, "на": 1, "о": 1, "из": 2, "от": 2, "до": 2, "с": 2, "со": 2, "у": 2}


def _abbreviation(match: Match) -> Iterator[Reading]:
    """Known ones, with any spacing; the dot stays where the sentence ends."""
    written = "".join(match[0].split()).lower()
    spoken = _ABBREVIATIONS[written]
    yield at(match, 0, (spoken.capitalize() if match[0][0].isupper() else spoken) + stop(match))


def _before_number(match: Match) -> Iterator[Reading]:
    """`рис. 3`, `на стр. 5`."""
    forms = tables.BEFORE_NUMBERS[match[1].lower()]
    spoken = forms[_CASES_OF_PLACES.get(word_before(match.string, match.start()), 0)]
    yield at(match, 1, spoken.capitalize() if match[1][0].isupper() else spoken)


def _place(match: Match) -> Iterator[Reading]:
    """`г. Москва`, `в г. Москве`, `на ул. Ленина`."""
    forms = tables.PLACES[match[0]]
    yield at(match, 0, forms[_CASES_OF_PLACES.get(word_before(match.string, match.start()), 0)])


def _letters(match: Match) -> Iterator[Reading]:
    """Abbreviations without a vowel, and known ones, letter by letter. Roman numerals of I, V and X are left alone."""
    word = match[0]
    known, names, vowels = (
        (tables.LATIN_SPELLED, tables.LATIN_LETTERS, "AEIOUY")
        if word.isascii()
        else (tables.SPELLED, tables.LETTERS, "АЕЁИОУЫЭЮЯЬЪ")
    )
    if (word in known or not set(word) & set(vowels)) and not (set(word) <= set("IVX") and roman(word)):
        yield at(match, 0, tables.SPECIAL.get(word) or " ".join(names[letter.upper()] for letter in word))


def _greek(match: Match) -> Iterator[Reading]:
    yield at(match, 0, tables.GREEK[match[0].lower().replace("ς", "σ")])


RULES: tuple[Rule, ...] = (
    (_ADDRESS, as_written),
    *dates.RULES,
    *ordinals.RULES,
    *quantities.RULES,
    (re.compile(rf"(?i)(?<![\w.])({alternatives(tables.BEFORE_NUMBERS)})(?=\s?\d)"), _before_number),
    (re.compile(r"(?<![\w.])(?:г|ул|просп|пер)\.(?=\s[А-ЯЁ])"), _place),
    (
        re.compile(
            rf"(?i)(?<=\bи\s)(?:др|пр)\.|(?<![\w.])(?:{alternatives(set(tables.ABBREVIATIONS) - {'др.', 'пр.'})})(?!\w)"
        ),
        _abbreviation,
    ),
    *((re.compile(pattern), fixed(spoken)) for pattern, spoken in tables.SIGNS.items()),
    (re.compile(r"(?<![\w_])(?:[А-ЯЁ]{2,6}|СПбГУ|[A-Z]{2,6})(?![\w_])"), _letters),
    (re.compile(r"(?<!\w)[α-ωΑ-ΡΣ-Ω](?!\w)"), _greek),
)
