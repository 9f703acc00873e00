"""The types of narration, ambience and mix."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class Voice:
    """The narration: a text to speak, or a recording (whose captions then show the text, if given)."""

    text: str | None = None  # A line is never joined with the next; `[pause 0.4]` and blank lines are pauses.
    file: str | None = None  # A recorded wav, relative to the spec; makes `file` the backend of the stage.
    timings: str | None = None  # WebVTT with the recording's word times, relative to the spec.
    fit: Literal["stretch", "none"] = "stretch"
    take: int = 1  # Another number gives another result with backends that are not deterministic.
    takes: Mapping[str, int] = field(default_factory=dict)  # Beginnings of sentences, and their takes.
    pause_s: float = 0.15  # Between sentences, at least; it extends to the next point of the grid.
    lead_s: float = 0.3  # Before the first sentence; 0 for a recording that does not set it.
    tail_s: float = 0.5  # After the last one, at least; 0 for a recording that does not set it.


@dataclass(frozen=True, slots=True)
class Foley:
    """The ambience: a prompt, or a recording."""

    prompt: str | None = None
    file: str | None = None  # A recorded wav, relative to the spec; makes `file` the backend of the stage.
    take: int = 1
    reuse: bool = False  # Whether another episode may have the same prompt.
    note: str | None = None  # The ambience in captions, in the episode's language; None: from the prompt.


@dataclass(frozen=True, slots=True)
class Captions:
    """How the words are shown, besides the tracks and files of every narration."""

    burnt: bool = False  # Whether they are drawn onto the frames, word by word.


@dataclass(frozen=True, slots=True)
class Duck:
    """How the ambience gives way to speech."""

    depth_db: float = 3.0
    attack_ms: float = 80.0
    release_ms: float = 450.0


@dataclass(frozen=True, slots=True)
class Mix:
    """How voice and ambience become one programme."""

    ambience_db: float = -18.0  # In pauses, against the voice, in LU.
    duck: Duck = Duck()


@dataclass(frozen=True, slots=True)
class Loudness:
    """The required loudness of the programme (EBU R128)."""

    target_lufs: float = -16.0
    true_peak_dbtp: float = -1.0
