"""Whether a narration fits its episode, predicted from the character's measured pace before anything is made."""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

from episodec.spec.diagnostic import Diagnostic, diagnose
from episodec.spec.document import Document
from episodec.spec.sentences import sentences, words
from episodec.spec.types import Character, Episode, Voice
from episodec.timebase import seconds

STRETCH = 1.08  # How much faster a narration may be played; `backends.join` has the same number.
MARGIN = 1.2  # How far the estimate may be off before it is an error.

# What takes how long to say, in Cyrillic letters: least squares over 132 Russian, English and mixed sentences spoken by
# espeak-ng at one rate. A sentence takes what this predicts within 11 % (standard deviation; 32 % by letters and digits
# alone), a mixed narration of 30 s within 2 %, a short one of one language within 8 %.
LATIN, CAPITAL, DIGIT, BREAK = 1.15, 2.0, 6.5, 3.0

_LATIN = re.compile(r"[A-Za-z]")
_LETTER = re.compile(r"[^\W\d_]")
_DIGIT = re.compile(r"\d")
_CAPITALS = re.compile(r"\b[A-ZА-ЯЁ]{2,6}\b")
_BREAK = re.compile(r"[,:;—–()]|\s-\s")


@dataclass(frozen=True, slots=True)
class Estimate:
    """How long a narration takes, and how long it may take; in seconds."""

    spoken_s: float
    slot_s: float
    limit_s: float  # The slot and what stretching allows.
    words: int

    @property
    def words_over(self) -> int:
        """About how many words are too many."""
        return max(1, math.ceil(self.words * (1 - self.limit_s / self.spoken_s)))


def letters(text: str) -> float:
    """How long a text is to say, in letters, with what Latin letters, digits, abbreviations and breaks take of them."""
    capitals = "".join(_CAPITALS.findall(text))
    rest = _CAPITALS.sub("", text)
    latin = len(_LATIN.findall(rest))
    other = len(_LETTER.findall(rest)) - latin
    breaks = BREAK * len(_BREAK.findall(text))
    return other + LATIN * latin + CAPITAL * len(capitals) + DIGIT * len(_DIGIT.findall(text)) + breaks


def estimate(episode: Episode, voice: Voice, text: str, characters_per_second: float) -> Estimate:
    """The narration's length at this pace: each sentence as it is spoken, by the lexicon, and pauses between."""
    parts = [words(sentence, episode.lexicon, episode.language) for sentence in sentences(text, episode.language)]
    said = sum(letters(" ".join(word.spoken for word in part)) for part in parts)
    spoken = said / characters_per_second + voice.pause_s * max(0, len(parts) - 1)
    slot = float(seconds(episode.frames, episode.rate))
    limit = slot * STRETCH if voice.fit == "stretch" else slot
    return Estimate(spoken, slot, limit, sum(map(len, parts)))


def check_fit(episode: Episode, character: Character, document: Document) -> Iterator[Diagnostic]:
    """An error where the voice text cannot fit, a warning where it may not or is played faster; nothing for a
    recording.
    """
    voice = episode.voice
    if voice is None or voice.file is not None or voice.text is None:
        return
    found = estimate(episode, voice, voice.text, character.voice.characters_per_second)
    if found.spoken_s <= found.limit_s:
        yield from _stretched(found, episode, character, document)
        return
    code = "E206" if found.spoken_s > found.limit_s * MARGIN else "E207"
    if code in episode.allow and code == "E207":
        return
    frames = math.ceil(found.spoken_s / (found.limit_s / found.slot_s) * episode.rate)
    message = (
        f"the voice text takes about {_near(found.spoken_s, '.0f')} s at {character.name}'s pace, the episode has "
        f"{_near(found.slot_s, 'g')} s: about {_near(found.spoken_s - found.limit_s, '.1f')} s too long"
        + (f" even {STRETCH - 1:.0%} faster" if voice.fit == "stretch" else "")
    )
    count = f"{found.words_over} word{'' if found.words_over == 1 else 's'}"
    hint = f"cut about {count}, or set `frames: {frames}`"
    yield diagnose(code, message, document.path, document.span("voice", "text"), hint=hint)


def _near(length_s: float, form: str) -> str:
    """A length in this form; a short one with the two digits that tell it from others as short."""
    is_short = length_s < (1 if form == "g" else 9.95)
    return f"{max(length_s, 0.001):.2g}" if is_short else format(length_s, form)


def _stretched(found: Estimate, episode: Episode, character: Character, document: Document) -> Iterator[Diagnostic]:
    if found.spoken_s <= found.slot_s or "E235" in episode.allow:
        return
    faster = f"{found.spoken_s / found.slot_s - 1:.0%}"
    message = (
        f"the voice text takes about {_near(found.spoken_s, '.1f')} s at {character.name}'s pace, the episode has "
        f"{_near(found.slot_s, 'g')} s: all of it is then played faster, by about {faster}"
    )
    hint = "cut a few words, or `allow: [E235]`"
    yield diagnose("E235", message, document.path, document.span("voice", "text"), hint=hint)
