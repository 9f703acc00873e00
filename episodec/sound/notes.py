"""What captions say of an ambience, in the episode's language. Knows sounds by their names in the palette, and nothing
of who makes them.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from episodec.sound.prompt import Heard, listen

NAMES: Mapping[str, Mapping[str, str]] = {
    "en": {
        "room": "quiet room",
        "hum": "low hum",
        "wind": "wind",
        "rain": "rain",
        "city": "street noise",
        "fire": "fire crackling",
        "crowd": "voices",
        "sea": "sea",
        "stream": "running water",
        "leaves": "leaves rustling",
        "scratch": "pencil scratching",
        "click": "clicks",
        "key": "keys tapping",
        "drip": "dripping",
        "step": "footsteps",
        "page": "paper rustling",
        "bird": "birdsong",
        "clock": "clock ticking",
        "cricket": "crickets",
        "thunder": "thunder",
        "bell": "bell",
    },
    "ru": {
        "room": "тихая комната",
        "hum": "низкий гул",
        "wind": "ветер",
        "rain": "дождь",
        "city": "шум улицы",
        "fire": "потрескивает огонь",
        "crowd": "голоса",
        "sea": "шум моря",
        "stream": "журчит вода",
        "leaves": "шелест листвы",
        "scratch": "скрип карандаша",
        "click": "щелчки",
        "key": "стук клавиш",
        "drip": "капает вода",
        "step": "шаги",
        "page": "шелест бумаги",
        "bird": "поют птицы",
        "clock": "тикают часы",
        "cricket": "стрекочут сверчки",
        "thunder": "гром",
        "bell": "звон",
    },
}
"""What each sound of the palette is called, by language."""

_FAR: Mapping[str, str] = {"en": "{} in the distance", "ru": "{} вдали"}
_CYRILLIC = frozenset(("ru", "uk", "be", "bg", "sr", "mk", "kk", "ky", "mn", "tg"))
_NOT_LATIN = _CYRILLIC | {"ar", "el", "fa", "he", "hi", "hy", "ja", "ka", "ko", "th", "ur", "yue", "zh"}


@dataclass(frozen=True, slots=True)
class Note:
    """What captions say."""

    text: str
    language: str | None = None  # BCP 47, where it is not the episode's.


def note_of(prompt: str, language: str) -> Note:
    """The note for a prompt in an episode of this language.

    A prompt in the episode's own language is the note. Of another its sounds are named, where the language has names
    for all that is heard; else it stays as it is, and says which language it is in.
    """
    primary = language.partition("-")[0].lower()
    understood = listen(prompt)
    written = _language_of(prompt, is_known=bool(understood.known) or primary in _NOT_LATIN)
    if written in (None, primary) or (written == "ru" and primary in _CYRILLIC):
        return Note(prompt)
    names = NAMES.get(primary, {})
    sounds = _worth_naming(understood.heard)
    if understood.known and all(sound.sound in names for sound in sounds):
        far = _FAR[primary]
        texts = [far.format(names[one.sound]) if one.is_far else names[one.sound] for one in sounds]
        return Note(", ".join(dict.fromkeys(texts)))
    return Note(prompt, written)


def _language_of(prompt: str, *, is_known: bool) -> str | None:
    """The language that a prompt is written in, as far as its letters tell; of Latin ones English, where `is_known`."""
    letters = [character for character in prompt if character.isalpha()]
    scripts = [unicodedata.name(letter, "").partition(" ")[0] for letter in letters]
    if 2 * scripts.count("CYRILLIC") > len(letters):
        return "ru"
    return "en" if is_known and 2 * scripts.count("LATIN") > len(letters) else None


def _worth_naming(heard: tuple[Heard, ...]) -> tuple[Heard, ...]:
    """The sounds, without the room that is heard under every other one."""
    return tuple(one for one in heard if one.sound != "room") or heard
