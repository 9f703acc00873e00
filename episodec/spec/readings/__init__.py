"""Numbers, dates, units, signs and abbreviations of a narration as the words that a voice says in their place.

Russian and English are known. In other languages everything is left as it is written, for the voice to read. Knows no
lexicon: what an author said of a place is taken, and nothing here touches it.
"""

import re
from collections.abc import Iterable

from episodec.spec.readings.common import Reading, apply

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


# What no sentence of plain words holds; it spares those the rules. A known abbreviation may be the last word.
_HOLDS = re.compile(
    r"[^\w\s.,:;!?…«»\"“”„()'’—–-]|\d|\b[A-ZА-ЯЁ]{2}|\b[IVX]\b|\w\.\s*\S|\bмл(?:н|рд)\b|\bтрлн\b|[α-ωΑ-Ω]|−"
    r"|(?i:\b(?:др|пр|им|ок|см|ср|ул|напр|акад|проф|макс|мин|тыс|руб|etc|inc|ltd|corp|jr|sr|st|dr|est|dept|al|vs|max|min)\.$)"
)
