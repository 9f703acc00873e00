"""The words that ambience prompts are understood by, English and Russian, as tables.

`stem*` stands for a Russian word's beginning and at most four more letters; English words are looked up with and
without their endings -s, -es, -ed, -ing. `two_words` stand for two that follow each other, and mean more than each.
"""

from episodec.sound.lexicon.places import PLACES, PLACES_WORDS, Part
from episodec.sound.lexicon.qualities import (
    BUT,
    DENSE,
    FAR,
    LEVELS_DB,
    NEAR,
    NONE,
    NOT,
    RARE,
    SILENT_WORDS,
    VERY,
)
from episodec.sound.lexicon.sounds import BEDS, EVENTS, GLASS, WATER, WINDOW

__all__ = [
    "BEDS",
    "BUT",
    "DENSE",
    "EVENTS",
    "FAR",
    "GLASS",
    "LEVELS_DB",
    "NEAR",
    "NONE",
    "NOT",
    "PLACES",
    "PLACES_WORDS",
    "RARE",
    "SILENT_WORDS",
    "VERY",
    "WATER",
    "WINDOW",
    "Part",
]
