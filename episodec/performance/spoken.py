"""The narration as a performance sees it: words and sounds in seconds, and marks for expressions."""

from dataclasses import dataclass
from typing import Literal

Expression = Literal["neutral", "smile", "sad"]


@dataclass(frozen=True, slots=True)
class SpeechSound:
    """One sound of speech: its IPA name, and its range in seconds of the film."""

    name: str
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class SoundedWord:
    """One word, written and spoken."""

    text: str
    start_s: float
    end_s: float
    is_last: bool  # Of its sentence.
    sounds: tuple[SpeechSound, ...] = ()


@dataclass(frozen=True, slots=True)
class Mark:
    """The face has this expression from here on."""

    at_s: float
    expression: Expression
