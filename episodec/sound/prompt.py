"""Parses ambience prompts: sounds with their levels, and the unknown words. Pure."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache

from episodec.sound import lexicon
from episodec.sound.scenery import DENSEST, LOUDEST_DB, QUIETEST_DB, SPARSEST, PromptedSound, placed, refusals

_TOKEN = re.compile(r"[^\W_]+")
_CLAUSE_END = re.compile(r"[^\w\s'’`-]|\s[-–—]+\s|[«»“”\"]|\n")
_APOSTROPHE = re.compile(r"['’`]\w+")  # The s of a bird's song.


@dataclass(frozen=True, slots=True)
class Ambience:
    """A parsed prompt."""

    sounds: tuple[PromptedSound, ...]  # At least one bed; in the order of the prompt.
    known: tuple[str, ...]  # Words that name a sound, or modify one.
    unknown: tuple[str, ...]  # Words without effect.
    taken: tuple[tuple[str, str], ...]  # Misspelt words, each with the known word it is read as.
    names_sound: bool  # Whether a word names a sound; if not, a quiet room is played instead.
    normal: str  # The prompt without case, punctuation and spacing: the seed of all randomness.


def normalised(prompt: str) -> str:
    """The words of a prompt: equal for prompts that differ only in case, punctuation, spacing, or the dots of ё."""
    text = unicodedata.normalize("NFKC", prompt).casefold().replace("ё", "е")
    return " ".join(_TOKEN.findall(text))


def listen(prompt: str) -> Ambience:
    """The sounds that a prompt asks for, minus those it excludes; without a bed, a quiet room."""
    reading = _Reading()
    text = _APOSTROPHE.sub("", unicodedata.normalize("NFKC", prompt).casefold().replace("ё", "е"))
    for clause in _CLAUSE_END.split(text):
        reading.take(_TOKEN.findall(clause))
    return reading.ambience(normalised(prompt))


@dataclass(slots=True)
class _Reading:
    """A partly parsed prompt: qualities wait for the sound they belong to, which may be in a later clause."""

    sounds: dict[str, PromptedSound] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)
    known: dict[str, None] = field(default_factory=dict)
    unknown: dict[str, None] = field(default_factory=dict)
    taken: dict[str, str] = field(default_factory=dict)
    waiting: list[str] = field(default_factory=list)  # Kinds of qualities.

    def take(self, words: list[str]) -> None:  # noqa: C901  # One rule a case, in the order of precedence.
        """Read one clause."""
        is_refusing, is_wet, last = False, False, None
        for word, following in _paired(words):
            kind = self._kind(word, is_refusing=is_refusing)
            match kind:
                case None:
                    continue
                case "silent":
                    continue
                case "water":
                    is_wet = not is_refusing
                case "not" if kind_of(following) in _QUALITIES:
                    self.waiting.append(kind)
                case "none" | "not" | "but":
                    is_refusing = kind != "but"
                case _ if kind in _QUALITIES:
                    self.waiting.append(kind)
                case _:
                    self._hear(kind, is_refusing=is_refusing)
                    last = None if is_refusing else kind
            if word not in self.taken:
                self.known[word.replace("_", " ")] = None
        if is_wet and last is None:
            self._hear("stream", is_refusing=False)
        elif last is not None and self.waiting:  # «Design studio quiet».
            self.sounds[last] = _with(self.sounds[last], self.waiting)
            self.waiting = []

    def _kind(self, word: str, *, is_refusing: bool) -> str | None:
        """The kind of a word; for an unknown word, that of the word it is read as."""
        kind = kind_of(word)
        if kind is None and not is_refusing:  # Excluding an unknown sound is always satisfied.
            near = misspelt(word)
            if near is None:
                self.unknown[word] = None
            else:
                self.taken[word] = near
                return kind_of(near)
        return kind

    def _hear(self, sound: str, *, is_refusing: bool) -> None:
        if is_refusing:
            self.refused.add(sound)
        elif sound not in self.sounds:
            self.sounds[sound] = _with(PromptedSound(sound), self.waiting)
        elif self.waiting:
            self.sounds[sound] = _with(self.sounds[sound], self.waiting)
        self.waiting = []

    def ambience(self, normal: str) -> Ambience:
        refused = refusals(self.refused)
        asked = {sound: one for sound, one in self.sounds.items() if sound not in self.refused}
        sounds = [one for one in placed(asked).values() if one.sound not in refused]
        if not any(one.is_bed for one in sounds):
            sounds = [_with(PromptedSound("room"), self.waiting if not sounds else []), *sounds]
        taken = tuple(self.taken.items())
        has_sound = bool(self.sounds or self.refused)
        return Ambience(tuple(sounds), tuple(self.known), tuple(self.unknown), taken, has_sound, normal)


def _paired(words: list[str]) -> Iterator[tuple[str, str]]:
    """Each word and the next one; pairs with a meaning of their own as one, `church_bell`."""
    exact, _ = table()
    place = 0
    while place < len(words):
        both = "_".join(words[place : place + 2])
        step = 2 if "_" in both and both in exact else 1
        yield (both if step == 2 else words[place]), "".join(words[place + step : place + step + 1])
        place += step


def _with(prompted: PromptedSound, qualities: list[str]) -> PromptedSound:
    """The sound with these qualities, in order; `not` reverts the next one, `very` doubles it."""
    factor = 1.0
    for kind in qualities:
        match kind:
            case "not":
                factor = -1.0
                continue
            case "very":
                factor *= 2
                continue
            case "far" | "near":
                prompted = replace(prompted, is_far=(kind == "far") == (factor > 0))
            case "rare" | "dense":
                more = 2.0 if (kind == "dense") == (factor > 0) else 0.5
                prompted = replace(prompted, density=min(DENSEST, max(SPARSEST, prompted.density * more)))
            case level:
                raised_db = prompted.level_db + factor * float(level)
                prompted = replace(prompted, level_db=min(LOUDEST_DB, max(QUIETEST_DB, raised_db)))
        factor = 1.0
    return prompted


_QUALITIES = frozenset({*map(str, lexicon.LEVELS_DB), "far", "near", "rare", "dense", "very"})

GROUPS: Mapping[str, str] = {
    **lexicon.BEDS,
    **lexicon.EVENTS,
    **lexicon.PLACES_WORDS,
    "window": lexicon.WINDOW,
    "glass": lexicon.GLASS,
    **{str(level_db): words for level_db, words in lexicon.LEVELS_DB.items()},
    "water": lexicon.WATER,
    "far": lexicon.FAR,
    "near": lexicon.NEAR,
    "rare": lexicon.RARE,
    "dense": lexicon.DENSE,
    "very": lexicon.VERY,
    "none": lexicon.NONE,
    "not": lexicon.NOT,
    "but": lexicon.BUT,
    "silent": lexicon.SILENT_WORDS,
}
"""Every known word, by its kind."""


def misspelt(word: str) -> str | None:
    """The known word that a longer one is read as: it begins alike, with one letter wrong, or two of nine or more."""
    if len(word) < 6 or not word.isalpha():
        return None
    wrong = 1 if len(word) < 9 else 2
    near = [one for one in _writable() if one[0] == word[0] and abs(len(one) - len(word)) <= wrong]
    best = min(((_distance(word, one), one) for one in near), default=(wrong + 1, ""))
    return best[1] if best[0] <= wrong else None


@lru_cache(4096)
def similar(word: str) -> str | None:
    """The most similar known word, if any is similar at all. Remembered: to find one takes 10 ms."""
    from difflib import get_close_matches  # Imported only for an unknown word.

    matches = get_close_matches(word[:100], _writable(), n=1, cutoff=0.5)
    return matches[0] if matches else None


@cache
def _writable() -> tuple[str, ...]:
    """The known single words that are complete in the tables and have an effect."""
    exact, _ = table()
    return tuple(word for word, kind in exact.items() if kind != "silent" and "_" not in word and len(word) > 2)


def _distance(first: str, second: str) -> int:
    """The number of letters wrong, missing, extra or swapped with a neighbour (Damerau and Levenshtein)."""
    before: list[int] = []
    row = list(range(len(second) + 1))
    for at, letter in enumerate(first):
        above, row = row, [at + 1]
        for place, other in enumerate(second):
            least = min(above[place] + (letter != other), above[place + 1] + 1, row[place] + 1)
            if at and place and letter == second[place - 1] and first[at - 1] == other:
                least = min(least, before[place - 1] + 1)
            row.append(least)
        before = above
    return row[-1]


def kind_of(word: str) -> str | None:
    """The sound that a word names, a level in dB, or a group of `lexicon`; None if it is not known."""
    if word.isdecimal():
        return "silent"
    exact, stems = table()
    for form in _forms(word):
        if form in exact:
            return exact[form]
    for length in range(len(word), max(1, len(word) - 5), -1):
        if word[:length] in stems:
            return stems[word[:length]]
    return None


def _forms(word: str) -> Iterator[str]:
    """The word, then English base forms: clicks, matches, dripping, typing, scratched."""
    yield word
    for ending in ("s", "es", "ed", "ing"):
        base = word.removesuffix(ending)
        if base != word and len(base) >= 3:
            yield base
            yield base + "e"
            if base[-1] == base[-2]:
                yield base[:-1]


@cache
def table() -> tuple[dict[str, str], dict[str, str]]:
    """Whole words and stems, each with its result for `kind_of`."""
    exact: dict[str, str] = {}
    stems: dict[str, str] = {}
    for kind, words in GROUPS.items():
        for written in words.replace("ё", "е").split():
            if written.endswith("*"):
                stems[written.removesuffix("*")] = kind
            else:
                exact[written] = kind
    return exact, stems
