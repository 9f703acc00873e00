"""Whether a narration fits its episode, and with which measures, predicted from the character's pace.

The measures of lowering (shorter pauses, a faster pace) follow from the text alone, so an edit that needs no others
costs only its own sentence. The stage `join` decides again how much faster sentences are played, from the actual
speech, by the same law (`pacing`).
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from episodec.pacing import LEAST_PAUSE_S, Help, Slot, expected_samples, helps
from episodec.spec.diagnostic import Diagnostic, diagnose
from episodec.spec.document import Document
from episodec.spec.near import in_words
from episodec.spec.passages import Narration, narration
from episodec.spec.sentences import words
from episodec.spec.types import Episode
from episodec.spec.types_of_character import Character
from episodec.spec.types_of_sound import Voice
from episodec.timebase import SAMPLE_RATE, seconds

FASTER_PERCENT = (5, 10, 15)
"""How much faster than its character's pace a voice may speak to fit."""

# The error of the estimate beyond which it is an error: for a voice with a settable pace, and for any other.
MARGIN_OF_SET_PACE, MARGIN = 1.08, 1.2

# An estimate is off by some 2 %. A narration gets no measures while it may well fit without them; if it gets some, they
# are enough, so that the prediction is what happens.
HOPE, CAUTION = 1 / 1.02, 1.01

Paces = tuple[float, float]
"""The slowest and the fastest settable pace of a voice, in letters a second."""

# How long parts of a text take to say, in Cyrillic letters: fitted to Russian, English and mixed sentences spoken by
# espeak-ng at 130 to 230 words a minute. Six sentences of a word or two take the predicted time within 10 %, a
# narration of 20 to 35 s within 3 %, in either language or both, at 15 and at 20 letters a second.
LATIN, CAPITAL, DIGIT, BREAK, SENTENCE = 1.05, 2.0, 6.5, 3.5, 1.5

_LATIN = re.compile(r"[A-Za-z]")
_LETTER = re.compile(r"[^\W\d_]")
_DIGIT = re.compile(r"\d")
_CAPITALS = re.compile(r"\b[A-ZА-ЯЁ]{2,6}\b")
_BREAK = re.compile(r"[,:;—–()]|\s-\s")


def letters(text: str) -> float:
    """The length of a spoken text in Cyrillic letters; Latin letters, digits, abbreviations and breaks count by their
    cost.
    """
    capitals = "".join(_CAPITALS.findall(text))
    rest = _CAPITALS.sub("", text)
    latin = len(_LATIN.findall(rest))
    other = len(_LETTER.findall(rest)) - latin
    breaks = BREAK * len(_BREAK.findall(text))
    return other + LATIN * latin + CAPITAL * len(capitals) + DIGIT * len(_DIGIT.findall(text)) + breaks


def speech_s(text: str, characters_per_second: float) -> float:
    """The length of a sentence at a character's pace, in seconds."""
    return (letters(text) + SENTENCE) / characters_per_second


@dataclass(frozen=True, slots=True)
class Fit:
    """The measures that make a narration fit, and its predicted length with them."""

    faster_percent: int  # Than the character's pace.
    help: Help  # Measures besides the pace; the strongest ones where nothing is enough.
    fits: bool  # According to the prediction.
    may_fit: bool  # If it is shorter by the error of the estimate.
    needed: int  # Samples, with the shortest lead-in and tail.
    unhelped: int  # The same without measures.
    shrinks: bool  # Whether the measures shorten any pause.
    leaves_grid: bool  # Whether any sentence starts earlier than on the grid.
    words: int
    slot: Slot

    @property
    def is_helped(self) -> bool:
        """Whether there are any measures."""
        return (self.faster_percent, self.help) != (0, Help())


@dataclass(frozen=True, slots=True)
class _Predicted:
    """A narration at its character's pace, before any measures."""

    lengths: tuple[int, ...]  # Of its sentences, in samples.
    text: Narration
    slot: Slot

    def needed(self, faster_percent: int, help_: Help, factor: float = 1.0) -> int:
        """The samples that the narration needs with these measures if all sentences are longer by this factor."""
        percent = 100 + faster_percent
        lengths = [max(1, round(length * 100 / percent * factor)) for length in self.lengths]
        gaps = [one.gap for one in self.text.passages]
        return expected_samples(lengths, gaps, self.text.after_s, self.slot, help_)

    def fits(self, faster_percent: int, help_: Help, factor: float = 1.0) -> bool:
        """Whether it fits with these measures."""
        return self.needed(faster_percent, help_, factor) <= self.slot.samples


def fit(episode: Episode, voice: Voice, characters_per_second: float, paces: Paces | None = None) -> Fit:
    """The mildest measures with which the voice text fits; the strongest, if none is enough.

    First pauses shrink, then the pace rises in steps, then sentences are played faster. `paces`: None where the voice
    has no settable pace.
    """
    text = narration(voice.text or "", episode.language)
    spoken = [words(one.text, episode.lexicon, episode.language) for one in text.passages]
    sentences = [" ".join(word.spoken for word in part) for part in spoken]
    lengths = tuple(round(speech_s(one, characters_per_second) * SAMPLE_RATE) for one in sentences)
    predicted = _Predicted(lengths, text, slot_of(episode, voice))
    faster, help_ = 0, Help()
    for faster, help_ in _helps(predicted.slot, characters_per_second, paces):
        if predicted.fits(faster, help_, HOPE if (faster, help_) == (0, Help()) else CAUTION):
            fits = may_fit = True
            break
    else:
        fits = predicted.fits(faster, help_)
        may_fit = predicted.fits(faster, help_, 1 / (MARGIN if paces is None else MARGIN_OF_SET_PACE))
    needed, unhelped = predicted.needed(faster, help_), predicted.needed(0, Help())
    shrinks = help_.is_short and predicted.needed(0, Help(is_short=True)) < unhelped
    leaves_grid = help_.is_off_grid and needed < predicted.needed(faster, replace(help_, is_off_grid=False))
    count = sum(map(len, spoken))
    return Fit(faster, help_, fits, may_fit, needed, unhelped, shrinks, leaves_grid, count, predicted.slot)


def slot_of(episode: Episode, voice: Voice) -> Slot:
    """The time that an episode's voice has to fit into."""
    can_help = voice.fit == "stretch"
    return Slot(episode.frames, episode.rate, voice.lead_s, voice.tail_s, voice.pause_s, can_help=can_help)


def _helps(slot: Slot, pace: float, paces: Paces | None) -> Iterator[tuple[int, Help]]:
    """Pairs of a faster pace in per cent and other measures; the mildest first."""
    faster = 0
    for help_ in helps(slot):
        if help_.stretch_percent and not faster and paces is not None:
            for percent in FASTER_PERCENT:
                if pace * (100 + percent) / 100 <= paces[1]:
                    faster = percent
                    yield faster, Help(is_short=True)
        yield faster, help_


def check_fit(
    episode: Episode, character: Character, document: Document, paces: Paces | None = None
) -> Iterator[Diagnostic]:
    """An error where the voice text cannot fit, a warning where it may not or where it needs measures.

    Nothing for a recording.
    """
    voice = episode.voice
    if voice is None or voice.file is not None or voice.text is None:
        return
    pace = character.voice.characters_per_second
    fitted = fit(episode, voice, pace, paces)
    if not fitted.words or (fitted.fits and not fitted.is_helped):
        return
    code = "E235" if fitted.fits else "E207" if fitted.may_fit else "E206"
    if code not in episode.allow or code == "E206":
        message, hint = _sentence(fitted, episode, character), _hint(fitted)
        yield diagnose(code, message, document.path, document.span("voice", "text"), hint=hint)


def _sentence(fitted: Fit, episode: Episode, character: Character) -> str:
    slot_s = float(seconds(episode.frames, episode.rate))
    help_ = in_words(_help(fitted), last="and", quote="")
    over = f"about {_near(fitted.needed / SAMPLE_RATE - slot_s, '.1f')} s too long" + f" even when {help_}" * bool(
        help_
    )
    needed = _near(fitted.unhelped / SAMPLE_RATE, ".1f")
    return (
        f"the voice text takes about {needed} s at {character.name}'s pace, pauses included, but the episode has "
        f"{_near(slot_s, 'g')} s: {f'so {help_}' if fitted.fits else over}"
    )


def _hint(fitted: Fit) -> str:
    needed = fitted.unhelped if fitted.fits else fitted.needed
    words_over = max(1, math.ceil(fitted.words * (1 - fitted.slot.samples / needed)))
    hint = (
        f"cut about {words_over} word{'' if words_over == 1 else 's'}, or set `frames: {fitted.slot.frames_of(needed)}`"
    )
    return hint + "; or `allow: [E235]`" * fitted.fits


def _help(fitted: Fit) -> Iterator[str]:
    """The measures that make a narration fit, in words."""
    if fitted.shrinks:
        yield f"pauses shrink to {LEAST_PAUSE_S:g} s"
    if fitted.faster_percent:
        yield f"the voice speaks {fitted.faster_percent} % faster"
    if fitted.help.stretch_percent:
        yield f"everything is played {fitted.help.stretch_percent} % faster"
    if fitted.leaves_grid:
        yield "sentences start at any frame"


def _near(length_s: float, form: str) -> str:
    """A length in this form; a short one with the two digits that distinguish it from others as short."""
    is_short = length_s < (1 if form == "g" else 9.95)
    return f"{max(length_s, 0.001):.2g}" if is_short else format(length_s, form)
