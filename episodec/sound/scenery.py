"""Resolves places into their sounds; windows and night into their effect on other sounds."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from episodec.sound import lexicon
from episodec.sound.lexicon.places import BIRDS, HOURS, INDOORS, OUTDOORS, PLACES, PlaceSound

QUIETEST_DB, LOUDEST_DB = -18.0, 12.0
SPARSEST, DENSEST = 0.25, 4.0


@dataclass(frozen=True, slots=True)
class PromptedSound:
    """One sound of the prompt."""

    sound: str  # A key of `lexicon.BEDS` or `lexicon.EVENTS`; while parsing, also of `lexicon.PLACES`.
    level_db: float = 0.0  # Relative to the sound's own level.
    is_far: bool = False
    density: float = 1.0  # A factor of the sound's own density.

    @property
    def is_bed(self) -> bool:
        """Whether it is continuous."""
        return self.sound in lexicon.BEDS


def placed(asked: Mapping[str, PromptedSound]) -> dict[str, PromptedSound]:
    """The requested sounds by key, with every place and every context-dependent word resolved.

    A sound that the prompt itself names is kept as named, whatever the place.
    """
    asked = _resolved(dict(asked))
    sounds = {sound: one for sound, one in asked.items() if sound not in PLACES}
    for sound, place in asked.items():
        for part in PLACES.get(sound, ()):
            if part.sound not in sounds and not _is_implied(part.sound, sounds):
                sounds[part.sound] = _part(part, place)
    return {sound: sounds[sound] for sound in sorted(sounds, key=lambda sound: sound not in lexicon.BEDS)}


def refusals(refused: AbstractSet[str]) -> frozenset[str]:
    """All sounds excluded with these: for a place its events, for birds every kind."""
    parts = {part.sound for sound in refused for part in PLACES.get(sound, ()) if part.sound not in lexicon.BEDS}
    return frozenset(refused | parts | (BIRDS if "birds" in refused else frozenset()))


def _resolved(asked: dict[str, PromptedSound]) -> dict[str, PromptedSound]:
    """The sounds without windows, glass, hours and the night."""
    is_indoors = bool(INDOORS & asked.keys())
    for word in ("window", "glass"):
        prompted = asked.pop(word, None)
        if prompted is None:
            continue
        if "rain" in asked:
            asked.setdefault("pane", replace(prompted, sound="pane"))
        elif word == "glass":
            asked.setdefault("cup", replace(prompted, sound="cup"))
        elif not OUTDOORS & asked.keys():
            asked.setdefault("hush", replace(prompted, sound="hush"))
    night = asked.pop("night", None)
    if night is not None:
        asked = {sound: _at_night(one) for sound, one in asked.items()} if is_indoors else asked
        sound = "hush" if is_indoors else "night"
        asked.setdefault(sound, replace(night, sound=sound))
    if is_indoors:
        asked = {sound: one for sound, one in asked.items() if sound not in HOURS} or {"room": PromptedSound("room")}
    if "purr" in asked:
        asked.pop("meow", None)
    return asked


def _at_night(prompted: PromptedSound) -> PromptedSound:
    """The sound at night: half as much of what people do at work."""
    return replace(prompted, density=max(SPARSEST, prompted.density / 2)) if prompted.sound in PLACES else prompted


def _is_implied(sound: str, sounds: Mapping[str, PromptedSound]) -> bool:
    """Whether another bed covers a place's plain room tone."""
    return sound == "room" and any(one.is_bed for one in sounds.values())


def _part(part: PlaceSound, place: PromptedSound) -> PromptedSound:
    return PromptedSound(
        part.sound,
        min(LOUDEST_DB, max(QUIETEST_DB, part.level_db + place.level_db)),
        part.is_far or place.is_far,
        min(DENSEST, max(SPARSEST, part.density * place.density)),
    )
