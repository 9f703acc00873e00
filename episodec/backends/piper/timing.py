"""Assigns the sounds of a sentence to its words, and names them."""

import unicodedata
from collections.abc import Sequence
from difflib import SequenceMatcher
from itertools import pairwise
from typing import NamedTuple

STRESS = "ˈˌ"  # Before the sound that they belong to.


class PhonemeSpan(NamedTuple):
    """A phoneme of the voice, a punctuation mark or a space, with its range of samples."""

    name: str
    start: int
    end: int


def owners(sounds: Sequence[str], alone: Sequence[Sequence[str]]) -> list[int]:
    """The word of each sound of a sentence, never going back; `alone` has the sounds of each word spoken alone.

    Words sound different next to others ("of the" becomes one), so the two are aligned: sounds found in both belong to
    their word, and those between are grouped by spaces, one group per word.
    """
    names = [(name, word) for word, part in enumerate(alone) for name in part if is_sound(name) and name not in STRESS]
    places = [at for at, name in enumerate(sounds) if is_sound(name) and name not in STRESS]
    match = SequenceMatcher(None, [sounds[at] for at in places], [name for name, _ in names], autojunk=False)
    fixed = {
        places[block.a + step]: names[block.b + step][1]
        for block in match.get_matching_blocks()
        for step in range(block.size)
    }
    last = max(0, len(alone) - 1)
    edges = [(-1, -1), *sorted(fixed.items()), (len(sounds), last + 1)]
    indices: list[int] = []
    for (start, before), (end, after) in pairwise(edges):
        indices += [max(0, before)] if start >= 0 else []
        indices += _between(sounds[start + 1 : end], before, after, last)
    return indices


def _between(gap: Sequence[str], before: int, after: int, last: int) -> list[int]:
    """The words of the sounds between one of the word `before` and one of the word `after`."""
    indices, word = [], before
    for at in range(len(gap)):
        if word < 0 or (at and gap[at - 1] == " "):
            word = min(word + 1, after)
        indices.append(min(max(word, 0), last))
    return indices


def merged(sounds: Sequence[PhonemeSpan], words: Sequence[int]) -> list[tuple[PhonemeSpan, int]]:
    """Whole phonemes with their words: a stress is joined to the sound after it, a length or palatalisation to the one
    before it.

    Punctuation marks and spaces are pauses and are left out.
    """
    pairs: list[tuple[PhonemeSpan, int]] = []
    stress: PhonemeSpan | None = None
    for sound, word in zip(sounds, words, strict=True):
        if sound.name in STRESS:
            stress = sound
        elif _is_modifier(sound.name) and pairs and pairs[-1][0].end == sound.start:
            (name, start, _), owner = pairs[-1]
            pairs[-1] = PhonemeSpan(name + sound.name, start, sound.end), owner
        elif is_sound(sound.name):
            name, start = (stress.name + sound.name, stress.start) if stress else (sound.name, sound.start)
            pairs.append((PhonemeSpan(name, start, sound.end), word))
            stress = None
    return pairs


def is_sound(name: str) -> bool:
    """Whether a phoneme is audible: a letter of IPA or its modifier, not a punctuation mark or a space."""
    return unicodedata.category(name[0])[0] in "LM" or name in STRESS


def _is_modifier(name: str) -> bool:
    return unicodedata.category(name[0]) in {"Lm", "Mn"} and name not in STRESS
