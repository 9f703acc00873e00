"""The types of what an episode delivers: films, posts, and the gates on their measurements."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Film:
    """One of an episode's films."""

    size: tuple[int, int] | None = None  # Pixels; None: the episode's, or the profile's.
    captions: Literal["burnt", "track"] | None = None  # None: as the episode's captions say.


@dataclass(frozen=True, slots=True)
class Gate:
    """A gate on a measured value; the schema names the measurements."""

    min: float | None = None
    max: float | None = None
    severity: Literal["warn", "error"] = "error"


LIP_SYNC = Gate(min=0.6, severity="warn")
"""The default gate on `lip_sync` of an episode that speaks and has a face: a film with the lips of another narration
stays below 0.4.
"""


@dataclass(frozen=True, slots=True)
class PostForm:
    """The form of a series' posts, in Markdown. In header and footer, `placeholders` are replaced."""

    header: str | None = None  # Before an episode's own text; None: title, description, film and transcript.
    footer: str | None = None  # After it; None: facts, tools, files and tags.
    cost: str | None = None
    signature: str | None = None


@dataclass(frozen=True, slots=True)
class PostTexts:
    """The post of an episode, with the form of its series filled in."""

    header: str | None = None
    body: str | None = None  # The author's own Markdown, without placeholders.
    footer: str | None = None
    cost: str | None = None
    signature: str | None = None
