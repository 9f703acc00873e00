"""Whether a narration fits its episode, predicted from the character's measured pace before anything is made."""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

from episodec.spec.diagnostic import Diagnostic, diagnose
from episodec.spec.reader import Document
from episodec.spec.types import Character, Episode, Voice
from episodec.timebase import seconds

STRETCH = 1.08  # How much faster a narration may be played.
MARGIN = 1.2  # How far the estimate may be off before it is an error.

_SPOKEN = re.compile(r"[^\W_]+")  # Letters and digits.
_SENTENCE_END = re.compile(r"[.!?…]+[»”\"')]*(\s|$)|\n")


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


def estimate(episode: Episode, voice: Voice, text: str, characters_per_second: float) -> Estimate:
    """The narration's length at this pace: letters and digits, and a pause between sentences."""
    sentences = sum(1 for part in _SENTENCE_END.split(text) if part and _SPOKEN.search(part))
    spoken = sum(map(len, _SPOKEN.findall(text))) / characters_per_second + voice.pause_s * max(0, sentences - 1)
    slot = float(seconds(episode.frames, episode.rate))
    limit = slot * STRETCH if voice.fit == "stretch" else slot
    return Estimate(spoken, slot, limit, len(text.split()))


def check_fit(episode: Episode, character: Character, document: Document) -> Iterator[Diagnostic]:
    """An error where the voice text cannot fit, a warning where it may not; nothing for a recording."""
    voice = episode.voice
    if voice is None or voice.file is not None or voice.text is None:
        return
    found = estimate(episode, voice, voice.text, character.voice.characters_per_second)
    if found.spoken_s <= found.limit_s:
        return
    code = "E206" if found.spoken_s > found.limit_s * MARGIN else "E207"
    if code in episode.allow and code == "E207":
        return
    frames = math.ceil(found.spoken_s / (found.limit_s / found.slot_s) * episode.rate)
    message = (
        f"the voice text takes about {found.spoken_s:.0f} s at {character.name}'s pace, the episode has "
        f"{found.slot_s:g} s: about {found.spoken_s - found.limit_s:.1f} s too long"
        + (f" even {STRETCH - 1:.0%} faster" if voice.fit == "stretch" else "")
    )
    words = f"{found.words_over} word{'' if found.words_over == 1 else 's'}"
    hint = f"cut about {words}, or set `frames: {frames}`"
    yield diagnose(code, message, document.path, document.span("voice", "text"), hint=hint)
