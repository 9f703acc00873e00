"""Whole numbers as words of Russian and English, by num2words, which is imported with the first number.

Corrections to num2words 0.5.14, which differs from spoken usage: Russian millions are masculine whatever is counted,
thousands of ordinals stay cardinals, `тысяча` needs no `одна`, `ноль` has the oblique cases of `нуль`.
"""

import re
from functools import lru_cache

MOST_DIGITS = 30
"""Longer numbers are said digit by digit."""

CASES = "ngdaip"
"""Nominative, genitive, dative, accusative, instrumental, prepositional."""

_MILLION = 10**6
_ZERO = dict(zip(CASES, ("ноль", "нуля", "нулю", "ноль", "нулём", "нуле"), strict=True))
_ONE_THOUSAND = re.compile(r"^(?:одна|одной|одну) (?=тысяч)")


@lru_cache(maxsize=4096)
def russian(number: int, case: str = "n", gender: str = "m") -> str:
    """A cardinal in a case (of CASES) and a gender (m, f, n), for inanimate nouns."""
    from num2words import num2words

    if number == 0:
        return _ZERO[case]
    high, low = number - number % _MILLION, number % _MILLION
    parts = [(high, "m"), (low, gender)] if gender != "m" else [(number, "m")]
    words = (num2words(part, lang="ru", case=case, gender=of, animate=False) for part, of in parts if part)
    return _ONE_THOUSAND.sub("", " ".join(map(str, words)))


@lru_cache(maxsize=4096)
def russian_ordinal(number: int, case: str = "n", gender: str = "m") -> str:
    """An ordinal in a case and a gender (m, f, n, or p for the plural): only its last word changes."""
    from num2words import num2words

    last = next((number % base for base in (1000, _MILLION) if number % base), number)
    before = russian(number - last) + " " if number > last else ""
    form = {"plural": True} if gender == "p" else {"gender": gender}
    return f"{before}{num2words(last, to='ordinal', lang='ru', case=case, animate=False, **form)}"


@lru_cache(maxsize=4096)
def english(number: int) -> str:
    """A cardinal as said in America: `one hundred five`."""
    from num2words import num2words

    return str(num2words(number, lang="en")).replace(",", "").replace(" and ", " ")


@lru_cache(maxsize=4096)
def english_ordinal(number: int) -> str:
    """`twenty-second`."""
    from num2words import num2words

    return str(num2words(number, lang="en", to="ordinal")).replace(",", "").replace(" and ", " ")


@lru_cache(maxsize=4096)
def english_year(number: int) -> str:
    """`nineteen ninety-nine`, `two thousand five`, `nineteen oh five`."""
    from num2words import num2words

    return str(num2words(number, lang="en", to="year")).replace(" and ", " ").replace("oh-", "oh ")
