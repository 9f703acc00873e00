"""The words of ambience prompts, English and Russian, as tables.

`stem*` matches Russian words with this beginning and at most four more letters; English words are looked up with and
without the endings -s, -es, -ed, -ing. `two_words` matches two consecutive words, and takes precedence over each.
"""

from episodec.sound.lexicon.places import PLACES, PLACES_WORDS, PlaceSound
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
    "PlaceSound",
]
