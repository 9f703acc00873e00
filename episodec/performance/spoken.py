"""What is said, as a performance knows it: words and sounds in seconds, and marks for expressions."""

from dataclasses import dataclass
from typing import Literal

Expression = Literal["neutral", "smile", "sad"]


@dataclass(frozen=True, slots=True)
class Sound:
    """One sound of speech by its name in IPA, from and to a second of the film."""

    name: str
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class Word:
    """One word, as it is written and as it sounds."""

    text: str
    start_s: float
    end_s: float
    is_last: bool  # Of its sentence.
    sounds: tuple[Sound, ...] = ()


@dataclass(frozen=True, slots=True)
class Mark:
    """From here on the face has this expression."""

    at_s: float
    expression: Expression
