"""A first spec for an author to edit: the output of `episodec new`."""

from episodec.spec.format import MODELINE, write_text
from episodec.spec.types import LANGUAGE_VERSION

_SPEC = """\
{modeline} $schema={schema}

# The version of the spec language.
episodec: {version}
number: {number}
title: {title}
# Shown on the page and in the file's metadata.
description: ""
tags: []
{frames}
# The words; a blank line begins a paragraph, `[pause 0.4]` is a pause of 0.4 s. With `file: NAME.wav`, relative to this
# file, they are those of a recording.
voice:
  text: |
    This is episode {number}.
{recording}
# The sound behind the voice. No other episode has the same prompt.
foley:
  prompt: {prompt}
{picture}"""

_FRAMES = """\

# The length; `frames: {frames}` means the same at 30 frames a second.
seconds: {seconds:g}
"""

_PICTURE = """\

# The camera's path in segments, each with `frames` or `seconds`; the last one fills the rest.
camera:
  - {{move: orbit, from_deg: -8, to_deg: 8, ease: smooth}}

# Which moment of the scene each frame shows.
time:
  - {{map: loop, period: 24}}
"""

SHORT = 150  # Frames of a first episode: built in seconds, and long enough for its sentence.

# Three of these make a unique prompt of words that the draft ambience knows.
_QUALITIES = ("quiet", "soft", "distant")
_BEDS = ("room", "rain", "wind", "sea waves", "forest leaves", "fireplace", "brook")
_EVENTS = ("rustling pages", "clock ticking", "pencil scratches", "birds", "typing", "drops", "bell")


def scaffold(
    number: int,
    title: str,
    *,
    recording: str | None = None,
    has_picture: bool = True,
    schema: str = "../schema/episode.schema.json",
) -> str:
    """A complete spec in canonical form. `recording`: a wav instead of a spoken text; `has_picture`: whether the
    character has a portrait.
    """
    return _SPEC.format(
        modeline=MODELINE,
        schema=schema,
        version=LANGUAGE_VERSION,
        number=number,
        title=write_text(title),
        frames="" if recording else _FRAMES.format(frames=SHORT, seconds=SHORT / 30),
        recording=f"  file: {write_text(recording)}\n" if recording else "",
        prompt=_prompt(number),
        picture=_PICTURE.format() if has_picture else "",
    )


def _prompt(number: int) -> str:
    place, event = divmod(number, len(_EVENTS))
    quality, bed = divmod(place, len(_BEDS))
    return f"{_QUALITIES[quality % len(_QUALITIES)]} {_BEDS[bed]}, {_EVENTS[event]}"
