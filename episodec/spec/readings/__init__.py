"""Numbers, dates, units, signs and abbreviations of a narration as the words that a voice says in their place.

Russian and English are known. In other languages everything is left as it is written, for the voice to read. Knows no
lexicon: what an author said of a place is taken, and nothing here touches it.
"""

import re
from collections.abc import Iterable

from episodec.spec.readings.common import Reading, alternatives, apply, listed

LANGUAGES = ("ru", "en")
"""Primary subtags of the languages that are read."""


def read(sentence: str, language: str, taken: Iterable[tuple[int, int]] = ()) -> list[Reading]:
    """The readings of a sentence, in order and apart; none where nothing but words stands.

    `taken`: ranges that something else has said already; half-open, in characters.
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
# What no sentence of plain words holds: signs, digits, capitals, dots within. It spares those the rules.
_HOLDS = re.compile(
    rf"[^\w\s.,:;!?…«»\"“”„()'’—–-]|\d|\b[A-ZА-ЯЁ]{{2}}|\b[IVX]\b|\w\.\s*\S|\b(?:млн|млрд|трлн)\b|[α-ωΑ-Ω]|(?i:\b(?:{_LAST})\.$)"
)
