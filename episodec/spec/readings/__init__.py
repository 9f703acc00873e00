"""Numbers, dates, units, signs and abbreviations of a narration as spoken words.

Russian and English are supported. In other languages everything stays as written, for the voice to read. Knows no
lexicon: ranges that the author's lexicon covers are passed as `taken` and left alone.
"""

import re
from collections.abc import Iterable

from episodec.spec.readings.common import Reading, alternatives, apply, listed

LANGUAGES = ("ru", "en")
"""Primary subtags of the languages that are read."""


def read(sentence: str, language: str, taken: Iterable[tuple[int, int]] = ()) -> list[Reading]:
    """The readings of a sentence, in order, without overlaps; none for plain words.

    `taken`: ranges that already have a spoken form; half-open, in characters.
    """
    primary = language.partition("-")[0].lower()
    if primary not in LANGUAGES or not _HOLDS.search(sentence):
        return []
    if primary == "ru":
        from episodec.spec.readings.russian.rules import RULES
    else:
        from episodec.spec.readings.english.rules import RULES
    return apply(RULES, sentence, taken)


# Abbreviations that may be the last word of a sentence of plain words.
_LAST = alternatives(
    listed(
        "др пр им ок см ср ул напр акад проф макс мин тыс руб "
        "mr mrs ms mt ave blvd prof capt sgt approx etc inc ltd corp jr sr st dr est dept al vs max min"
    )
)
# Never found in a sentence of plain words: signs, digits, capitals, inner dots. Other sentences skip the rules.
_HOLDS = re.compile(
    rf"[^\w\s.,:;!?…«»\"“”„()'’—–-]|\d|\b[A-ZА-ЯЁ]{{2}}|\b[IVX]\b|\w\.\s*\S|\b(?:млн|млрд|трлн)\b|[α-ωΑ-Ω]|(?i:\b(?:{_LAST})\.$)"
)
