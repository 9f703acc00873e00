"""The caption note about an ambience, in the episode's language. Knows sounds by their names in the palette, and not
how they are made.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from episodec.sound.prompt import listen
from episodec.sound.scenery import PromptedSound

NAMES: Mapping[str, Mapping[str, str]] = {
    "en": {
        "room": "quiet room",
        "air": "hum of air",
        "hum": "low hum",
        "fridge": "fridge humming",
        "engine": "engine running",
        "rumble": "rumble",
        "cabin": "cabin of a plane",
        "wind": "wind",
        "rain": "rain",
        "city": "town in the distance",
        "fire": "fire crackling",
        "crowd": "voices",
        "applause": "applause",
        "sea": "sea",
        "stream": "running water",
        "boil": "water boiling",
        "underwater": "under water",
        "leaves": "leaves rustling",
        "hush": "silence",
        "night": "night",
        "hiss": "hiss",
        "vinyl": "vinyl crackling",
        "purr": "cat purring",
        "cicada": "cicadas",
        "drone": "deep drone",
        "scratch": "pencil scratching",
        "click": "clicks",
        "key": "keys tapping",
        "page": "paper rustling",
        "clock": "clock ticking",
        "printer": "printer",
        "disk": "disk working",
        "beep": "beeps",
        "ring": "phone ringing",
        "pane": "drops on the pane",
        "drip": "dripping",
        "cup": "clink of cups",
        "steam": "hiss of steam",
        "whistle": "whistle",
        "step": "footsteps",
        "door": "door creaking",
        "knock": "knocking",
        "bell": "little bell",
        "toll": "church bell",
        "chime": "chime",
        "clack": "clatter of rails",
        "screech": "brakes screeching",
        "pass": "cars passing",
        "horn": "car horn",
        "shiphorn": "ship's horn",
        "siren": "siren",
        "hammer": "hammering",
        "drill": "drill",
        "thunder": "thunder",
        "heart": "heartbeat",
        "breath": "breathing",
        "chirp": "sparrows chirping",
        "tit": "tits singing",
        "warble": "birdsong",
        "gull": "gulls",
        "crow": "crows",
        "owl": "owl",
        "cuckoo": "cuckoo",
        "dove": "doves cooing",
        "woodpecker": "woodpecker",
        "rooster": "rooster",
        "dog": "dog barking",
        "meow": "cat meowing",
        "cow": "cow mooing",
        "horse": "hooves",
        "frog": "frogs",
        "cricket": "crickets",
        "bee": "bees buzzing",
        "mosquito": "mosquito",
        "wolf": "wolves howling",
    },
    "ru": {
        "room": "тихая комната",
        "air": "шум воздуха",
        "hum": "низкий гул",
        "fridge": "гудит холодильник",
        "engine": "шум мотора",
        "rumble": "рокот",
        "cabin": "салон самолёта",
        "wind": "ветер",
        "rain": "дождь",
        "city": "шум города",
        "fire": "потрескивает огонь",
        "crowd": "голоса",
        "applause": "аплодисменты",
        "sea": "шум моря",
        "stream": "журчит вода",
        "boil": "кипит вода",
        "underwater": "под водой",
        "leaves": "шелест листвы",
        "hush": "тишина",
        "night": "ночь",
        "hiss": "шипение",
        "vinyl": "потрескивает пластинка",
        "purr": "мурлычет кошка",
        "cicada": "цикады",
        "drone": "низкий тон",
        "scratch": "скрип карандаша",
        "click": "щелчки",
        "key": "стук клавиш",
        "page": "шелест бумаги",
        "clock": "тикают часы",
        "printer": "принтер",
        "disk": "стрекот диска",
        "beep": "писк",
        "ring": "звонит телефон",
        "pane": "капли по стеклу",
        "drip": "капает вода",
        "cup": "звон чашек",
        "steam": "шипит пар",
        "whistle": "свист",
        "step": "шаги",
        "door": "скрип двери",
        "knock": "стук",
        "bell": "колокольчик",
        "toll": "колокол",
        "chime": "перезвон",
        "clack": "перестук колёс",
        "screech": "визг тормозов",
        "pass": "проезжают машины",
        "horn": "автомобильный гудок",
        "shiphorn": "гудок корабля",
        "siren": "сирена",
        "hammer": "стук молотка",
        "drill": "дрель",
        "thunder": "гром",
        "heart": "стук сердца",
        "breath": "дыхание",
        "chirp": "чирикают воробьи",
        "tit": "поют синицы",
        "warble": "поют птицы",
        "gull": "крик чаек",
        "crow": "каркают вороны",
        "owl": "ухает сова",
        "cuckoo": "кукушка",
        "dove": "воркуют голуби",
        "woodpecker": "стучит дятел",
        "rooster": "кричит петух",
        "dog": "лает собака",
        "meow": "мяукает кошка",
        "cow": "мычит корова",
        "horse": "стук копыт",
        "frog": "квакают лягушки",
        "cricket": "стрекочут сверчки",
        "bee": "жужжат пчёлы",
        "mosquito": "звенит комар",
        "wolf": "воют волки",
    },
}
"""The name of each sound, by language."""

MOST = 3  # Sounds named in a note: a place has more than fit a caption.
_FAR: Mapping[str, str] = {"en": "{} in the distance", "ru": "{} вдали"}
_CYRILLIC = frozenset(("ru", "uk", "be", "bg", "sr", "mk", "kk", "ky", "mn", "tg"))
_NOT_LATIN = _CYRILLIC | {"ar", "el", "fa", "he", "hi", "hy", "ja", "ka", "ko", "th", "ur", "yue", "zh"}


@dataclass(frozen=True, slots=True)
class SoundNote:
    """A caption note."""

    text: str
    language: str | None = None  # BCP 47, if it is not the episode's.


def note_of(prompt: str, language: str) -> SoundNote:
    """The note for a prompt in an episode of this language.

    A prompt in the episode's language is the note itself. For another language, its sounds are named if the episode's
    language has names for all of them; else the prompt is kept, with its language.
    """
    primary = language.partition("-")[0].lower()
    understood = listen(prompt)
    written = _language_of(prompt, is_known=bool(understood.known) or primary in _NOT_LATIN)
    if written in (None, primary) or (written == "ru" and primary in _CYRILLIC):
        return SoundNote(prompt)
    names = NAMES.get(primary, {})
    sounds = _worth_naming(understood.sounds)
    if understood.known and all(sound.sound in names for sound in sounds):
        far = _FAR[primary]
        texts = [far.format(names[one.sound]) if one.is_far else names[one.sound] for one in sounds]
        return SoundNote(", ".join(dict.fromkeys(texts)))
    return SoundNote(prompt, written)


def _language_of(prompt: str, *, is_known: bool) -> str | None:
    """The language of a prompt as far as its letters show; for Latin ones English, if `is_known`."""
    letters = [character for character in prompt if character.isalpha()]
    scripts = [unicodedata.name(letter, "").partition(" ")[0] for letter in letters]
    if 2 * scripts.count("CYRILLIC") > len(letters):
        return "ru"
    return "en" if is_known and 2 * scripts.count("LATIN") > len(letters) else None


def _worth_naming(sounds: tuple[PromptedSound, ...]) -> tuple[PromptedSound, ...]:
    """The first few sounds, without a room tone that is under every other sound."""
    return (tuple(one for one in sounds if one.sound != "room") or sounds)[:MOST]
