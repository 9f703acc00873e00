"""The composition of each sound of the lexicon, as tables. Levels were set by measurements and spectrograms, not by
listening.
"""

from collections.abc import Mapping

from episodec.sound.palette.beds import BEDS, TEXTURES
from episodec.sound.palette.kinds import Bed, Curve, Event, Grain, Layer, Rhythm, Swell
from episodec.sound.palette.living import LIVING
from episodec.sound.palette.things import THINGS

__all__ = ["BEDS", "EVENTS", "TEXTURES", "Bed", "Curve", "Event", "Grain", "Layer", "Rhythm", "Swell"]

EVENTS: Mapping[str, Event] = {**THINGS, **LIVING}
